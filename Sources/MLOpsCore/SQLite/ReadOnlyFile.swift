import CSQLite
import Foundation

/// How a file is read that this process may not write, or is not to write.
///
/// SQLite reads a file in log mode beside its log and the log's index. Where these cannot be made,
/// it has to be told how to do without.
struct ReadOnlyFile {
    /// What SQLite does beside the file.
    private enum Way {
        /// It may make the log and the index, and takes locks.
        case usual
        /// Both are there, made by whoever writes; it takes locks in the index.
        case shared
        /// The log is there and nobody has an index of it: it reads the log without locks.
        case alone
        /// There is no log: it reads the file without locks.
        case immutable
    }

    /// The file and its log, by what changes with a write.
    struct State: Hashable {
        private let main: [Int]
        private let log: [Int]

        init(_ path: String) {
            (main, log) = (Self.marks(path), Self.marks(path + "-wal"))
        }

        private static func marks(_ path: String) -> [Int] {
            var status = stat()
            guard stat(path, &status) == 0 else { return [] }
            #if canImport(Darwin)
                let time = status.st_mtimespec
            #else
                let time = status.st_mtim
            #endif
            return [
                Int(status.st_ino), Int(status.st_size), Int(time.tv_sec), Int(time.tv_nsec),
            ]
        }
    }

    private let path: String
    private let way: Way
    /// The state that is read; `nil` where locks keep it.
    let state: State?

    /// Looks how the file at a path can be read now.
    init(_ path: String) {
        self.path = path
        let state = State(path)
        way = Self.way(to: path)
        self.state = way == .usual || way == .shared ? nil : state
    }

    private static func way(to path: String) -> Way {
        let directory = URL(filePath: path).deletingLastPathComponent().path
        if access(path, W_OK) == 0, access(directory, W_OK) == 0 { return .usual }
        var log = stat()
        guard stat(path + "-wal", &log) == 0 else { return .immutable }
        if access(path + "-shm", R_OK) == 0 { return .shared }
        return log.st_size > 0 ? .alone : .immutable
    }

    /// Whether something was written since it was looked at; only told where no lock keeps it.
    var hasChanged: Bool { state.map { $0 != State(path) } ?? false }

    /// Whether the log is left out.
    var isWithoutLog: Bool { way == .immutable }

    /// The name that SQLite opens.
    var name: String {
        let parameter: String
        switch way {
        case .usual, .shared: return path
        case .alone: parameter = "vfs=unix-none"
        case .immutable: parameter = "immutable=1"
        }
        let encoded = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        return "file:\(encoded)?\(parameter)"
    }

    var flags: Int32 {
        switch way {
        case .usual: SQLITE_OPEN_READWRITE
        case .shared: SQLITE_OPEN_READONLY
        case .alone, .immutable: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
        }
    }

    /// Sets what has to be set before the first read.
    func prepare(_ connection: SQLiteConnection) throws {
        guard way == .alone else { return }
        // "If the locking mode is EXCLUSIVE prior to the first WAL-mode database access, the
        // wal-index is kept in heap memory" (sqlite.org/wal.html).
        try connection.runScript("PRAGMA locking_mode = EXCLUSIVE")
        csqlite_enable(connection.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    }
}

extension SQLiteConnection {
    /// Opens a file that is only read, also where nothing may be written.
    convenience init(
        reading path: String, configuration: SQLiteConfiguration, interruption: Interruption,
        file: DatabaseFile? = nil
    ) throws {
        try self.init(
            path: path, flags: 0, configuration: configuration, interruption: interruption,
            file: file, reading: ReadOnlyFile(path))
    }

    /// - Throws: `.readOnly` on a connection that only reads.
    func checkWritable() throws {
        guard reading != nil else { return }
        throw StoreError(
            .readOnly,
            "\(path) is open to be read only; it takes the right to write the file and its "
                + "directory, and a store whose `mode` is `readWrite`.")
    }

    /// - Throws: `.snapshotExpired` when a file that is read without locks has changed meanwhile.
    func checkUnchanged() throws {
        guard reading?.hasChanged == true else { return }
        throw StoreError(
            .snapshotExpired,
            "\(path), which can only be read without locks, was changed meanwhile; repeat the read."
        )
    }

    /// A number that changes with the commits of other connections, not with its own.
    func changeMark() throws -> Int { try dataVersion() &+ (reading?.state?.hashValue ?? 0) }

    /// Whether the file is read as if it had no log.
    var isReadWithoutLog: Bool { reading?.isWithoutLog == true }
}
