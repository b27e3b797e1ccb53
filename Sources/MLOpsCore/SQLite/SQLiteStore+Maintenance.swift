extension SQLiteStore {
    /// Gives free pages back to the file system; returns the bytes that the file shrank by.
    ///
    /// A file made elsewhere is rewritten once to allow this, which temporarily needs as much space
    /// again.
    @discardableResult
    public func vacuum() async throws -> Int {
        try lifecycle.checkOpen()
        return try await writer.run { [self] connection in
            try connection.checkWritable()
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
    /// shrink while the database is copied.
    /// ``restore(_:to:artifacts:configuration:progress:)`` puts a backup back.
    ///
    /// - Parameters:
    ///   - path: A file that does not exist yet.
    ///   - includesArtifacts: Whether every file of the artifact directory is copied, to
    ///     `<path>.artifacts`.
    ///   - progress: Called with the number of copied pages and the number of all pages.
    /// - Returns: The artifacts of the backup, and which could not be copied because they are
    ///   damaged.
    /// - Throws: `.alreadyExists` when the file exists; `.cannotOpen`, `.diskFull`;
    ///   `CancellationError`, after which nothing is left behind.
    @discardableResult
    public func backup(
        to path: String, artifacts includesArtifacts: Bool = false,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> ArtifactReport {
        let backup = SQLiteBackup(to: path, configuration, progress: progress)
        try backup.checkIsNew()
        defer { backup.removePartial() }
        // The snapshot keeps a writer from restarting the copy.
        try await readingFile { try backup.copy($0) }
        // Later than the rows, so that what these name is among the files.
        let report =
            includesArtifacts
            ? try await artifacts.copyAll(to: .beside(path, configuration)) : ArtifactReport()
        try backup.finish()
        return report
    }
}

extension ArtifactStore {
    /// The artifacts of a database file: in `<file>.artifacts`.
    static func beside(_ path: String, _ configuration: SQLiteConfiguration) -> ArtifactStore {
        ArtifactStore(directory: path + ".artifacts", access: configuration.fileAccess)
    }
}
