import CSQLite
import Foundation

/// The log beside a database, as it was before the database was opened.
///
/// SQLite takes a missing log for an empty one. What was committed since the last checkpoint is
/// then gone without a word; a file that has never seen one looks new.
enum LogBeforeOpening {
    /// There is none: the last connection has closed, or the log was lost.
    case missing
    /// It has a valid header, or nothing was written to it yet.
    case usable
    /// It does not begin as a log does.
    case invalid

    /// Reads the header of the log.
    ///
    /// SQLite never locks the log itself, so that closing it drops no lock.
    init(of database: String) {
        let descriptor = open(database + "-wal", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            self = errno == ENOENT ? .missing : .usable
            return
        }
        defer { close(descriptor) }
        var header = [UInt8](repeating: 0, count: 32)
        let count = read(descriptor, &header, header.count)
        self = count < header.count || Self.isValid(header) ? .usable : .invalid
    }

    /// Whether a header has the magic number and the checksum of a log.
    ///
    /// See "WAL File Format", sqlite.org/fileformat2.html#walformat.
    private static func isValid(_ header: [UInt8]) -> Bool {
        func word(_ index: Int, bigEndian: Bool = true) -> UInt32 {
            let bytes = header[index * 4..<index * 4 + 4]
            let value = bytes.reduce(0) { $0 << 8 | UInt32($1) }
            return bigEndian ? value : value.byteSwapped
        }
        guard word(0) & ~1 == 0x377f_0682 else { return false }
        let isBigEndian = word(0) & 1 == 1
        var (first, second): (UInt32, UInt32) = (0, 0)
        for index in stride(from: 0, to: 6, by: 2) {
            first &+= word(index, bigEndian: isBigEndian) &+ second
            second &+= word(index + 1, bigEndian: isBigEndian) &+ first
        }
        return first == word(6) && second == word(7)
    }
}

extension SQLiteConnection {
    /// How long the program that makes a file may take between its first page and its log.
    private static let patience = Duration.milliseconds(500)

    /// Whether the file has no tables.
    func isEmpty() throws -> Bool {
        var isEmpty = true
        try query(
            """
            SELECT 1 FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT 1
            """
        ) { _ in
            isEmpty = false
            return false
        }
        return isEmpty
    }

    /// Whether the file says that it has a log.
    func hasLogMode() throws -> Bool { try lines(ofPragma: "journal_mode") == ["wal"] }

    /// Checks that a file without tables is one, and not the rest of a database without its log.
    ///
    /// A database is in log mode from its first moment. Until the first checkpoint, all of it is in
    /// the log; a later log that is lost cannot be told from one that a clean end has removed.
    ///
    /// - Throws: `.corrupt`.
    func checkLog(_ before: LogBeforeOpening) throws {
        guard try isEmpty(), try isReadWithoutLog || hasLogMode() else { return }
        switch before {
        case .usable: return
        case .invalid:
            throw StoreError(
                .corrupt,
                "\(path) has no tables, and \(path)-wal, which should hold them, is damaged or no "
                    + "log of SQLite. Bring back its own log, or a backup with `mlops db restore`.")
        case .missing:
            let deadline = ContinuousClock.now + Self.patience
            while ContinuousClock.now < deadline {
                guard try isEmpty() else { return }
                Thread.sleep(forTimeInterval: 0.01)
            }
            throw StoreError(
                .corrupt,
                "\(path) has lost its log, \(path)-wal, with all that was in it. Bring back the "
                    + "log, or a backup with `mlops db restore`; a database is copied with "
                    + "`mlops db backup`, not as a file. Remove the file if it was just made.")
        }
    }
}
