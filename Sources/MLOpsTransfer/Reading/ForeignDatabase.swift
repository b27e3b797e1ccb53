import CSQLite
import Foundation
import Synchronization

/// A SQLite file of another program, opened for reading.
///
/// Each query is short and holds its lock for as long as it runs, so that the program can go on
/// writing.
final class ForeignDatabase: Sendable {
    private let connection: Mutex<Connection>
    let path: String
    /// Whether the file is shorter than it says.
    let isTruncated: Bool

    private struct Connection: ~Copyable {
        let handle: OpaquePointer
        deinit { sqlite3_close_v2(handle) }
    }

    /// - Throws: ``ImportSourceError``.
    init(_ file: URL) throws {
        path = file.path
        let head = try ByteReader(file).read(at: 0, count: 16)
        guard !head.isEmpty else { throw ImportSourceError(.damaged, "\(path) is empty.") }
        guard head.elementsEqual("SQLite format 3\0".utf8) else {
            throw ImportSourceError(.anotherKind, "\(path) is not a SQLite database.")
        }
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(
            file.path, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let handle else {
            let text = String(cString: sqlite3_errstr(code))
            sqlite3_close_v2(handle)
            throw ImportSourceError(.unreadable, "\(path) cannot be opened: \(text).")
        }
        sqlite3_busy_timeout(handle, 10_000)
        // Nothing that stands in the file is run: no function, and no virtual table.
        _ = csqlite_enable(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        _ = csqlite_enable(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 64 << 20)
        isTruncated = Self.opensTruncated(handle)
        connection = Mutex(Connection(handle: handle))
        try rows("PRAGMA cell_size_check = ON") { _ in }
    }

    /// Makes a file readable that is shorter than it says, which SQLite refuses otherwise.
    private static func opensTruncated(_ handle: OpaquePointer) -> Bool {
        let probe = "SELECT count(*) FROM sqlite_master"
        guard sqlite3_exec(handle, probe, nil, nil, nil) == SQLITE_CORRUPT else { return false }
        _ = csqlite_enable(handle, SQLITE_DBCONFIG_DEFENSIVE, 0)
        _ = csqlite_enable(handle, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1)
        return true
    }

    /// Runs a body of queries; when the file is damaged there, notes it, and goes on without.
    ///
    /// - Returns: Whether all could be read.
    @discardableResult
    func asFarAsReadable(
        _ subject: String, _ notes: inout ImportNotes, _ body: () throws -> Void
    ) throws -> Bool {
        do {
            try body()
            return true
        } catch let error as ImportSourceError where error.kind == .damaged {
            notes.leave(subject, "the file is damaged where further ones would be")
            return false
        }
    }

    /// A value of a parameter.
    enum Parameter {
        case integer(Int64)
        case text(String)
    }

    /// Hands each row of a query to a body, which must not query.
    ///
    /// - Throws: ``ImportSourceError``; what the body throws.
    func rows(
        _ sql: String, _ parameters: Parameter..., body: (borrowing ForeignRow) throws -> Void
    ) throws {
        try connection.withLock { connection in
            var statement: OpaquePointer?
            let code = sqlite3_prepare_v2(connection.handle, sql, -1, &statement, nil)
            defer { sqlite3_finalize(statement) }
            guard code == SQLITE_OK, let statement else {
                throw failure(code, connection.handle)
            }
            for (index, parameter) in parameters.enumerated() {
                switch parameter {
                case .integer(let value):
                    sqlite3_bind_int64(statement, Int32(index + 1), value)
                case .text(let text):
                    _ = csqlite_bind_text(
                        statement, Int32(index + 1), text, Int32(text.utf8.count))
                }
            }
            while true {
                switch sqlite3_step(statement) {
                case SQLITE_ROW: try body(ForeignRow(statement: statement))
                case SQLITE_DONE: return
                case let code: throw failure(code, connection.handle)
                }
            }
        }
    }

    private func failure(_ code: Int32, _ handle: OpaquePointer) -> ImportSourceError {
        let text = String(cString: sqlite3_errmsg(handle))
        switch code & 0xFF {
        case SQLITE_NOTADB:
            return ImportSourceError(.anotherKind, "\(path) is not a SQLite database.")
        case SQLITE_CORRUPT:
            return ImportSourceError(
                .damaged, "\(path) is damaged; what can be read of it was taken.")
        case SQLITE_BUSY, SQLITE_LOCKED:
            return ImportSourceError(
                .unreadable, "\(path) is locked by another program; try again later.")
        case SQLITE_CANTOPEN:
            return ImportSourceError(
                .unreadable,
                "\(path) cannot be opened: \(text). A file with a write-ahead log needs a "
                    + "directory that may be written; copy it to one.")
        default: return ImportSourceError(.damaged, "\(path) cannot be read: \(text).")
        }
    }

    /// The columns of a table, in lower case; empty if there is no such table.
    func columns(of table: String) throws -> Set<String> {
        var found: Set<String> = []
        try rows("PRAGMA table_info(\"\(table)\")") {
            if let name = $0.text(1) { found.insert(name.lowercased()) }
        }
        return found
    }
}

/// The current row of a query; valid inside the body that receives it.
struct ForeignRow: ~Copyable {
    fileprivate let statement: OpaquePointer

    /// The integer of a column, or `nil` for anything else.
    borrowing func integer(_ column: Int32) -> Int64? {
        sqlite3_column_type(statement, column) == SQLITE_INTEGER
            ? sqlite3_column_int64(statement, column) : nil
    }

    /// The number of a column, or `nil` for anything else.
    borrowing func real(_ column: Int32) -> Double? {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_FLOAT, SQLITE_INTEGER: sqlite3_column_double(statement, column)
        default: nil
        }
    }

    /// The text of a column, or `nil` without one; what is not UTF-8 is replaced by U+FFFD.
    borrowing func text(_ column: Int32) -> String? {
        guard sqlite3_column_type(statement, column) != SQLITE_NULL else { return nil }
        return String(decoding: bytes(column), as: UTF8.self)
    }

    /// The bytes of a text; valid until the next row.
    borrowing func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
        let start = sqlite3_column_text(statement, column)
        return UnsafeBufferPointer(
            start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement, column)))
    }

    /// The time of a column of milliseconds since 1970.
    borrowing func milliseconds(_ column: Int32) -> Date? {
        integer(column).flatMap { TimeText.date(milliseconds: $0) }
    }
}
