extension SQLiteStore {
    /// Polls the file for commits of other programs.
    ///
    /// SQLite does not report which tables they changed.
    package func watchOtherPrograms() async throws -> ChangeFeed.Watch {
        // No other program can change a store in memory.
        if isInMemory { return {} }
        return try await polling(every: .milliseconds(100)) {
            try await $0.writer.run { try $0.changeMark() }
        }
    }
}
