import CSQLite
import Foundation

/// What ``SQLiteStore/restore(_:to:artifacts:configuration:progress:)`` has done.
public struct Restoration: Sendable, Hashable, Codable {
    /// The schema version of the restored database.
    public let schemaVersion: Int
    /// Where the file that was there is kept, beside its log if it had one; `nil` without a file.
    public let replaced: String?
    /// The artifacts that were put back, and which could not be.
    public let artifacts: ArtifactReport
}

extension SQLiteStore {
    /// Puts a backup in the place of a database that nobody uses.
    ///
    /// The backup is copied and the copy is checked first; then it takes the name in one step. The
    /// file that was there is kept under another name, beside its log, and is removed by hand.
    ///
    /// - Parameters:
    ///   - backup: A backup, or another database file with its log.
    ///   - path: The database; it need not exist.
    ///   - artifacts: Whether the files of `<backup>.artifacts` are put back too. Nothing is
    ///     removed from the artifact directory.
    ///   - configuration: Who may use a file that did not exist; one that exists passes on its
    ///     mode.
    ///   - progress: Called with the number of copied pages and of all, as with a backup.
    /// - Throws: `.busy` when a store or another process uses the database; `.cannotOpen`,
    ///   `.notADatabase`, `.corrupt`, `.schemaTooNew` and `.migrationChanged` for a backup that
    ///   could not be used; `.diskFull`, `.readOnly`; `CancellationError`. The database is then as
    ///   it was.
    public static func restore(
        _ backup: String, to path: String, artifacts: Bool = false,
        configuration: SQLiteConfiguration = SQLiteConfiguration(),
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> Restoration {
        let (backup, path) = (DatabaseFile.resolved(backup), DatabaseFile.resolved(path))
        let isSameFile = FileIdentity(path).map { $0 == FileIdentity(backup) } ?? false
        guard backup != path, !isSameFile else {
            throw StoreError(.invalidValue, "\(path) is the database itself; name a backup of it.")
        }
        if artifacts, FileIdentity(ArtifactStore.beside(backup, configuration).directory) == nil {
            throw StoreError(
                .notFound,
                "\(backup) was made without its artifacts; restore it without them.",
                entity: "artifact")
        }
        try OpenDatabases.shared.reserve(path)
        defer { OpenDatabases.shared.release(path) }
        let lock = try UnusedDatabase(path)
        let copy = SQLiteBackup(to: path, configuration, progress: progress)
        defer { copy.removePartial() }
        let source = ConnectionQueue(label: "mlops.sqlite.restore") { interruption in
            try SQLiteConnection(
                reading: backup, configuration: configuration, interruption: interruption)
        }
        let version: Int
        do {
            version = try await source.run { source in
                try source.begin(.read, in: nil)
                defer { try? source.rollback() }
                try copy.copy(source)
                return try check(copy, of: backup)
            }
            await source.close()
        } catch {
            await source.close()
            throw error
        }
        // Before the rows that name them.
        let report =
            artifacts
            ? try await ArtifactStore.beside(backup, configuration)
                .copyAll(to: .beside(path, configuration)) : ArtifactReport()
        let replaced = try lock.give(to: copy.partial)
        return Restoration(schemaVersion: version, replaced: replaced, artifacts: report)
    }

    /// Checks a copy as `verify` does; returns its schema version.
    private static func check(_ copy: SQLiteBackup, of backup: String) throws -> Int {
        do {
            let connection = try SQLiteConnection(
                path: copy.partial, flags: SQLITE_OPEN_READWRITE,
                configuration: copy.configuration, interruption: Interruption())
            let byHand = try connection.recognise()
            guard try !connection.isEmpty() else {
                throw try connection.hasLogMode()
                    ? StoreError(
                        .corrupt,
                        "\(backup) has lost its log, \(backup)-wal, with all that was in it; "
                            + "restore another backup.")
                    : StoreError(.notADatabase, "\(backup) holds no database of this library.")
            }
            let migrator = Migrator(connection, now: copy.configuration.clock())
            if !byHand.isEmpty { try migrator.adopt { byHand } }
            let report = try migrator.verify()
            guard let problem = report.problems.first else { return report.schemaVersion }
            throw StoreError(
                .corrupt, "\(backup) is not sound (\(problem)); restore another backup.")
        } catch let error as StoreError {
            // The copy has a name that nobody knows.
            throw StoreError(
                error.code, error.message.replacing(copy.partial, with: backup),
                entity: error.entity, field: error.field)
        }
    }
}

/// A database that nobody has open, and that nobody can open until this is released.
private final class UnusedDatabase {
    private let path: String
    /// `-1` while there is no file.
    private var descriptor: Int32

    /// - Throws: `.busy` when another process uses the database.
    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if descriptor < 0, errno != ENOENT {
            throw StoreError(
                .readOnly,
                "\(path) cannot be replaced: \(String(cString: strerror(errno))).")
        }
        guard descriptor >= 0 else { return }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw StoreError(.notADatabase, "\(path) cannot be replaced: it is no file.")
        }
        try lock()
    }

    private func lock() throws {
        // The bytes that SQLite locks (sqlite3 `os.h`, PENDING_BYTE): every connection holds a
        // shared lock in there from its first read until it is closed. This process has none
        // open, whose locks closing the file would drop.
        var range = flock()
        range.l_type = Int16(F_WRLCK)
        range.l_whence = Int16(SEEK_SET)
        (range.l_start, range.l_len) = (0x4000_0000, 512)
        if fcntl(descriptor, F_SETLK, &range) != 0 { throw OpenDatabases.busy(path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Gives the name to another file, after the present one got a second name.
    ///
    /// At every moment the old database is whole under one of its names, and no log stands beside a
    /// file that it does not belong to.
    ///
    /// - Returns: Where the old file is kept.
    /// - Throws: `.inputOutput`, also when another program has made a database meanwhile.
    func give(to file: String) throws -> String? {
        let isNew = descriptor < 0
        if isNew { try takeName() }
        var isGiven = false
        defer { if isNew, !isGiven { unlink(path) } }
        let kept = try keep(isNew: isNew)
        for suffix in ["-wal", "-shm", "-journal"] { unlink(path + suffix) }
        var status = stat()
        if !isNew, fstat(descriptor, &status) == 0 {
            chmod(file, status.st_mode & 0o7777)
            // Only root may give a file away; others own both.
            _ = chown(file, status.st_uid, status.st_gid)
        }
        guard rename(file, path) == 0 else { throw failure }
        isGiven = true
        FileManager.default.synchronizeDirectory(of: path)
        return kept
    }

    /// Makes an empty file, locked, so that no other program makes a database of this name.
    private func takeName() throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure }
        try lock()
    }

    /// Gives the database and its log or journal a second name.
    private func keep(isNew: Bool) throws -> String? {
        if isNew, FileIdentity(path + "-wal") == nil { return nil }
        // A log without its database is kept too.
        let first = isNew ? "-wal" : ""
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
        let name = "\(path).replaced-\(Date.now.formatted(style))"
        var kept = name
        var number = 1
        while !FileManager.default.link(path + first, as: kept + first) {
            guard errno == EEXIST else { throw failure }
            number += 1
            kept = "\(name)-\(number)"
        }
        // A file in the mode of a rollback journal needs its journal.
        for suffix in ["-wal", "-journal"] where suffix != first {
            guard !FileManager.default.link(path + suffix, as: kept + suffix), errno != ENOENT
            else { continue }
            let error = failure
            unlink(kept + first)
            throw error
        }
        FileManager.default.synchronizeDirectory(of: path)
        return kept
    }

    private var failure: StoreError {
        StoreError(
            .inputOutput, "\(path) cannot be replaced: \(String(cString: strerror(errno))).")
    }
}
