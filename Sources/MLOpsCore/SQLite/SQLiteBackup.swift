import CSQLite
import Foundation

/// A copy of a database that is written under a temporary name.
struct SQLiteBackup: Sendable {
    let configuration: SQLiteConfiguration
    /// Where the copy is until it is complete.
    let partial: String
    private let path: String
    private let progress: @Sendable (Int, Int) -> Void

    /// Pages copied between two checks for cancellation: 4 MiB with pages of 4096 bytes.
    private static let step: Int32 = 1024

    init(
        to path: String, _ configuration: SQLiteConfiguration,
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) {
        self.path = path
        self.configuration = configuration
        self.progress = progress
        partial = path + ".partial-\(Identifier<SQLiteBackup>())"
    }

    /// Removes what a copy that failed has left.
    func removePartial() {
        for suffix in ["", "-journal", "-wal", "-shm"] { unlink(partial + suffix) }
    }

    /// Gives the copy its name.
    ///
    /// - Throws: `.alreadyExists`: nothing is replaced.
    func finish() throws {
        try checkIsNew()
        guard FileManager.default.link(partial, as: path) else {
            throw errno == EEXIST
                ? alreadyExists : StoreError(.cannotOpen, "\(path) cannot be written.")
        }
        FileManager.default.synchronizeDirectory(of: path)
    }

    private var alreadyExists: StoreError {
        StoreError(.alreadyExists, "\(path) exists already; choose another name.")
    }

    /// Fails early; it is the link that never replaces a file.
    ///
    /// SQLite would take a log that stands there for the copy's own.
    ///
    /// - Throws: `.alreadyExists`.
    func checkIsNew() throws {
        if FileIdentity(path) != nil { throw alreadyExists }
        for suffix in ["-wal", "-journal", "-shm"] where FileIdentity(path + suffix) != nil {
            throw StoreError(
                .alreadyExists,
                "\(path)\(suffix) stands there, of a database that is gone; remove it, or choose "
                    + "another name.")
        }
    }

    /// Copies the pages, which are on the disk when this returns.
    func copy(_ source: SQLiteConnection) throws {
        if let descriptor = configuration.fileAccess.makeFile(partial) { close(descriptor) }
        let target = try SQLiteConnection(
            path: partial, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
            configuration: configuration, interruption: Interruption())
        try target.runScript("PRAGMA synchronous = FULL")
        guard let backup = sqlite3_backup_init(target.handle, "main", source.handle, "main") else {
            throw target.error(sqlite3_errcode(target.handle))
        }
        var code = SQLITE_OK
        var stop: (any Error)?
        while code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED {
            do {
                try source.interruption.check()
            } catch {
                stop = error
                break
            }
            code = sqlite3_backup_step(backup, Self.step)
            if code == SQLITE_BUSY || code == SQLITE_LOCKED {
                Thread.sleep(forTimeInterval: 0.005)
            }
            let total = Int(sqlite3_backup_pagecount(backup))
            progress(total - Int(sqlite3_backup_remaining(backup)), total)
        }
        sqlite3_backup_finish(backup)
        if let stop { throw stop }
        guard code == SQLITE_DONE else { throw target.error(code) }
    }
}
