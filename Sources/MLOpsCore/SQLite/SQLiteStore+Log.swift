import CSQLite
import Foundation
import Logging

/// The state of the writing connection's checkpoints.
struct Checkpoints {
    /// Pages in the log at the last checkpoint.
    var pages = 0
    /// The number of checkpoints since the log exceeded its budget.
    var aboveBudget = 0
}

extension SQLiteStore {
    /// How long a checkpoint waits for another process's write; the next commit tries again.
    private static let patience = Duration.milliseconds(100)

    /// Keeps the write-ahead log small, and shrinks the file after a purge.
    ///
    /// The commit has succeeded; failures here are logged, never thrown.
    func afterCommit(_ connection: SQLiteConnection, didPurge: Bool) {
        guard !isInMemory else { return }
        connection.interruption.shielded {
            do {
                if didPurge { try connection.execute("PRAGMA incremental_vacuum") }
                try keepLogSmall(connection)
            } catch let error as StoreError where error.code == .busy {
                // Another process writes; the next commit tries again.
            } catch {
                configuration.logger.warning(
                    "a checkpoint failed", metadata: ["error": "\(error)"])
            }
        }
    }

    private func keepLogSmall(_ connection: SQLiteConnection) throws {
        let pages = connection.pagesInLog
        // Fewer pages than before: the log was restarted.
        if pages < connection.checkpoints.pages { connection.checkpoints = Checkpoints() }
        let last = connection.checkpoints
        let pageSize = try connection.pageSize()
        guard (pages - last.pages) * pageSize >= configuration.checkpointSize else { return }
        connection.checkpoints.pages = pages
        let size = pages * pageSize
        guard size > configuration.walBudget else {
            try checkpoint(holding: connection)
            return
        }
        connection.checkpoints.aboveBudget += 1
        var stopped = 0
        if isReadWhole {
            try checkpoint(holding: connection)
        } else {
            try snapshots.shut(grace: configuration.snapshotGrace) { count in
                stopped = count
                // From the second time on, give reads of other processes time to end. The log is
                // fully copied by then, so that reads that begin now do not need it.
                let pause = Duration.milliseconds(5) * (1 << min(last.aboveBudget, 10))
                try checkpoint(
                    holding: connection,
                    for: last.aboveBudget == 0 ? .zero : min(pause, configuration.snapshotGrace))
            }
        }
        guard stopped > 0 || last.aboveBudget == 1 else { return }
        configuration.logger.warning(
            "the write-ahead log is above its budget, because a reader holds a snapshot",
            metadata: [
                "bytes": "\(size)", "budget": "\(configuration.walBudget)",
                "snapshots given up": "\(stopped)",
            ])
    }

    /// Copies the log into the database while `connection` holds the write lock.
    ///
    /// Debian's SQLite 3.40.1 has the WAL-reset race (fixed in 3.51.3): a commit during another
    /// connection's checkpoint can lose committed pages. So SQLite's automatic checkpoints are off.
    /// This one holds the write lock, which every commit of every process needs, while another
    /// connection copies the pages.
    ///
    /// - Parameter pause: How long the lock is held after the whole log was copied.
    ///
    /// - Returns: Whether the whole log was copied.
    @discardableResult
    func checkpoint(
        holding connection: SQLiteConnection, for pause: Duration = .zero
    ) throws -> Bool {
        try connection.waiting(atMost: Self.patience) { try connection.begin(.write, in: nil) }
        defer { try? connection.rollback() }
        try file?.check()
        let isWhole = try connection.checkpointer(configuration).checkpoint()
        if isWhole, pause > .zero { Thread.sleep(forTimeInterval: pause.timeInterval) }
        return isWhole
    }
}

extension SQLiteStore {
    /// Gives a log that was copied whole back to the file system.
    ///
    /// - Returns: Whether nothing of it is left: a reader may hold it.
    func emptyLog(_ connection: SQLiteConnection) throws -> Bool {
        try connection.waiting(atMost: Self.patience) { try connection.truncateLog() }
    }
}

/// The write-ahead log of a file.
public struct LogStatus: Sendable, Hashable, Codable {
    /// Its size in bytes.
    public let bytes: Int
    /// Whether a reader of this or another process needs it, so that it cannot restart.
    public let isHeld: Bool
}

extension SQLiteStore {
    /// Copies the log into the database as far as readers allow, and reports what is left.
    ///
    /// A store that only reads copies nothing, and reports the size.
    ///
    /// - Throws: `.busy` while another process writes.
    public func logStatus() async throws -> LogStatus {
        try lifecycle.checkOpen()
        guard let file else { return LogStatus(bytes: 0, isHeld: false) }
        // What only reads cannot find out who holds the log.
        let isWhole =
            configuration.mode == .readOnly
            ? true : try await writer.run { [self] in try checkpoint(holding: $0) }
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.path + "-wal")
        return LogStatus(bytes: attributes?[.size] as? Int ?? 0, isHeld: !isWhole)
    }
}
