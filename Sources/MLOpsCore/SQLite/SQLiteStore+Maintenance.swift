import CSQLite
import Foundation

extension SQLiteStore {
    /// Gives free pages back to the file system; returns the bytes that the file shrank by.
    ///
    /// A file made elsewhere is rewritten once to allow this, which temporarily needs as much space
    /// again.
    @discardableResult
    public func vacuum() async throws -> Int {
        try lifecycle.checkOpen()
        return try await writer.run { [self] connection in
            let pageSize = try connection.pageSize()
            let before = try connection.pragma("page_count")
            // 2 is incremental; a database in memory needs no vacuum mode.
            if try !isInMemory && connection.pragma("auto_vacuum") != 2 {
                // VACUUM takes the write lock itself, and leaves the log to the checkpoint below.
                try connection.runScript("PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
            }
            try connection.execute("PRAGMA incremental_vacuum")
            let after = try connection.pragma("page_count")
            // The file shrinks when the log is copied into it.
            if !isInMemory { try checkpoint(holding: connection) }
            return (before - after) * pageSize
        }
    }

    /// See ``Store/scrub()``.
    public func scrub() async throws -> ScrubReport {
        try lifecycle.checkOpen()
        let isLogEmpty = try await writer.run { [self] connection in
            try file?.check()
            // Free space inside of pages keeps old rows, whatever `secure_delete` overwrites.
            try connection.runScript("VACUUM")
            if isInMemory { return true }
            return try checkpoint(holding: connection) && emptyLog(connection)
        }
        return ScrubReport(
            obstacles: isLogEmpty
                ? []
                : [
                    "A reader of this or another program holds an older state, so that the "
                        + "write-ahead log still has it; repeat the call when the reader has ended."
                ],
            elsewhere: isInMemory
                ? [] : ["Backups and copies of the file that were made before; replace them."])
    }

    /// Copies the database, as it is now, to a new file while others read and write.
    ///
    /// The copy is written to `<path>.partial-<id>`, and gets its final name once it is complete
    /// and on the disk. Only a killed process leaves the partial file. The write-ahead log cannot
    /// shrink while a backup runs.
    ///
    /// - Parameters:
    ///   - path: A file that does not exist yet.
    ///   - progress: Called with the number of copied pages and the number of all pages.
    /// - Throws: `.alreadyExists` when the file exists; `.cannotOpen`, `.diskFull`;
    ///   `CancellationError`, after which nothing is left behind.
    public func backup(
        to path: String,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws {
        // The snapshot keeps a writer from restarting the copy.
        try await readingFile { [configuration] source in
            try SQLiteBackup(configuration: configuration, path: path, progress: progress).run(
                source)
        }
    }
}

/// One online backup.
private struct SQLiteBackup {
    let configuration: SQLiteConfiguration
    let path: String
    let progress: @Sendable (Int, Int) -> Void

    /// Pages copied between two checks for cancellation: 4 MiB with pages of 4096 bytes.
    private static let step: Int32 = 1024

    func run(_ source: SQLiteConnection) throws {
        // Fail early; it is the link below that never replaces a file.
        if FileManager.default.fileExists(atPath: path) { throw alreadyExists }
        let partial = path + ".partial-\(Identifier<SQLiteBackup>())"
        defer { try? FileManager.default.removeItem(atPath: partial) }
        if let descriptor = configuration.fileAccess.makeFile(partial) { close(descriptor) }
        try copy(source, to: partial)
        guard link(partial, path) == 0 else {
            throw errno == EEXIST
                ? alreadyExists : StoreError(.cannotOpen, "\(path) cannot be written.")
        }
        FileManager.default.synchronizeDirectory(of: path)
    }

    private var alreadyExists: StoreError {
        StoreError(.alreadyExists, "\(path) exists already; choose another name.")
    }

    private func copy(_ source: SQLiteConnection, to partial: String) throws {
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
