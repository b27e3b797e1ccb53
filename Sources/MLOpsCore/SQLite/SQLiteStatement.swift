import CSQLite
import Foundation

/// A prepared statement.
final class SQLiteStatement {
    let handle: OpaquePointer
    let sql: String
    var lastUse = 0
    /// Whether it is taken; the cache does not hand it out again before it is given back.
    var isInUse = true
    /// Whether a step has failed; the statement is then not used again.
    var hasFailed = false
    /// The time spent in SQLite since it was taken; the rows of one insert count together.
    var nanoseconds: Int64 = 0
    /// The rows it returned, changed or inserted since it was taken.
    var rows = 0
    /// A slot for each parameter, where SQLite reads identifiers and short texts in place.
    private let slots: UnsafeMutableBufferPointer<UInt8>
    private static let slotSize = 36

    init(handle: OpaquePointer, sql: String) {
        self.handle = handle
        self.sql = sql
        slots = .allocate(capacity: Int(sqlite3_bind_parameter_count(handle)) * Self.slotSize)
    }

    deinit {
        sqlite3_finalize(handle)
        slots.deallocate()
    }

    /// Resets the statement for another run, and clears its values.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Binds a value to the parameter at an index, from 1; returns SQLite's code.
    func bind(_ value: StoredValue, at index: Int32) throws -> Int32 {
        switch value {
        case .null: sqlite3_bind_null(handle, index)
        case .integer(let number), .time(let number): sqlite3_bind_int64(handle, index, number)
        // SQLite stores NaN as NULL by itself.
        case .real(let number): sqlite3_bind_double(handle, index, number)
        case .bool(let flag): sqlite3_bind_int64(handle, index, flag ? 1 : 0)
        case .text(let text): bind(text, at: index)
        case .json(let document): bind(try document.canonicalText(), at: index)
        case .uuid(let uuid):
            bind(uuid, at: index)
        }
    }

    private func bind(_ uuid: UUID, at index: Int32) -> Int32 {
        bind(at: index) { uuid.writeLowercased(to: $0.baseAddress) }
    }

    private func bind(_ text: String, at index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            if bytes.count <= Self.slotSize {
                return bind(at: index) { $0.update(fromContentsOf: bytes) }
            }
            return bytes.withMemoryRebound(to: CChar.self) {
                csqlite_bind_text(handle, index, $0.baseAddress, Int32($0.count))
            }
        }
    }

    /// Binds the text that `write` puts into the parameter's slot.
    ///
    /// - Parameter write: Returns the length of the text, in bytes.
    ///
    /// - Returns: SQLite's code.
    private func bind(
        at index: Int32, _ write: (UnsafeMutableBufferPointer<UInt8>) -> Int
    ) -> Int32 {
        let start = Int(index - 1) * Self.slotSize
        // There is no slot beyond the last parameter.
        guard start < slots.count else { return SQLITE_RANGE }
        let slot = UnsafeMutableBufferPointer(rebasing: slots[start..<start + Self.slotSize])
        let count = Int32(write(slot))
        return slot.withMemoryRebound(to: CChar.self) {
            sqlite3_bind_text(handle, index, $0.baseAddress, count, nil)
        }
    }
}

/// The current row of a statement.
struct SQLiteRow: Row {
    let statement: OpaquePointer

    func value(_ position: Int, _ kind: ColumnKind) throws -> StoredValue {
        let column = Int32(position)
        // One lookup serves type and number; `sqlite3_column_*` would look up for each. The value
        // is not protected by a mutex and needs none: one thread at a time uses the connection.
        let stored = sqlite3_column_value(statement, column)
        let type = sqlite3_value_type(stored)
        if type == SQLITE_NULL { return .null }
        switch kind {
        case .integer where type == SQLITE_INTEGER: return .integer(sqlite3_value_int64(stored))
        case .time where type == SQLITE_INTEGER: return .time(sqlite3_value_int64(stored))
        case .bool where type == SQLITE_INTEGER: return .bool(sqlite3_value_int64(stored) != 0)
        case .real where type == SQLITE_FLOAT || type == SQLITE_INTEGER:
            return .real(sqlite3_value_double(stored))
        case .text where type == SQLITE_TEXT:
            return .text(String(decoding: bytes(column), as: UTF8.self))
        case .uuid where type == SQLITE_TEXT:
            guard let uuid = UUID(text: bytes(column)) else { throw corrupt(column, kind) }
            return .uuid(uuid)
        case .json where type == SQLITE_TEXT:
            guard let document = try? JSONParser.parse(bytes(column)) else {
                throw corrupt(column, kind)
            }
            return .json(StoredDocument(document, maximumBytes: .max))
        default: throw corrupt(column, kind)
        }
    }

    /// Appends the column; SQLite stores documents as canonical JSON, which is copied.
    func write(_ position: Int, _ kind: ColumnKind, to json: inout JSONBytes) throws {
        let column = Int32(position)
        switch (kind, sqlite3_column_type(statement, column)) {
        case (_, SQLITE_NULL): json.appendNull()
        case (.text, SQLITE_TEXT): json.append(string: bytes(column))
        case (.json, SQLITE_TEXT): json.append(raw: bytes(column))
        case (.uuid, SQLITE_TEXT):
            let text = bytes(column)
            guard text.isLowercaseUUID else { throw corrupt(column, kind) }
            json.append(string: text)
        case (.integer, SQLITE_INTEGER), (.time, SQLITE_INTEGER):
            json.append(sqlite3_column_int64(statement, column))
        default: throw corrupt(column, kind)
        }
    }

    private func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
        let start = sqlite3_column_text(statement, column)
        return UnsafeBufferPointer(
            start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }

    private func corrupt(_ column: Int32, _ kind: ColumnKind) -> StoreError {
        let name = sqlite3_column_name(statement, column).map { String(cString: $0) } ?? "?"
        return StoreError(
            .corrupt, "The stored value of column `\(name)` is not a \(kind).", field: name)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether it is an id in the 36-character lower-case form that the library writes.
    fileprivate var isLowercaseUUID: Bool {
        guard count == 36 else { return false }
        for (position, byte) in enumerated() {
            let isDash = position == 8 || position == 13 || position == 18 || position == 23
            switch byte {
            case 0x2D: guard isDash else { return false }
            case 0x30...0x39, 0x61...0x66: guard !isDash else { return false }
            default: return false
            }
        }
        return true
    }
}
