import Foundation
import Logging

extension SQLiteStore {
    /// Bytes of a page.
    private static let pageSize = 8192

    /// Keeps the write-ahead log small, and the file after a purge.
    ///
    /// Debian's SQLite 3.40.1 has the WAL-reset race (fixed in 3.51.3): a commit during another
    /// connection's checkpoint can lose committed pages. So no checkpoint runs by itself, and this
    /// one holds the write lock, which every commit of every process needs, while another
    /// connection copies the pages.
    func afterCommit(_ connection: SQLiteConnection, didPurge: Bool) {
        guard !isInMemory else { return }
        do {
            if didPurge { try connection.execute("PRAGMA incremental_vacuum") }
            let size = connection.pagesInLog * Self.pageSize
            guard size >= configuration.checkpointSize else { return }
            let isReset = try checkpoint(holding: connection)
            guard !isReset, size > configuration.walBudget else { return }
            let count = readers.stop(
                olderThan: configuration.snapshotGrace, .snapshotExpired)
            configuration.logger.warning(
                "the write-ahead log is above its budget, because a reader holds a snapshot",
                metadata: [
                    "bytes": "\(size)", "budget": "\(configuration.walBudget)",
                    "snapshots given up": "\(count)",
                ])
        } catch {
            // The commit stands; the next one tries again.
            configuration.logger.warning("a checkpoint failed", metadata: ["error": "\(error)"])
        }
    }

    /// Copies the log into the database while `connection` keeps every writer out.
    private func checkpoint(holding connection: SQLiteConnection) throws -> Bool {
        try connection.execute("BEGIN IMMEDIATE")
        defer { _ = try? connection.execute("ROLLBACK") }
        return try connection.checkpointer(configuration).checkpoint()
    }
}
