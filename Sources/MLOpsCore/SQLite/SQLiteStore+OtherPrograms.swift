extension SQLiteStore {
    /// Asks the file now and then whether another program has committed; which tables it has
    /// changed, SQLite does not say.
    package func watchOtherPrograms() async throws -> ChangeFeed.Watch {
        // Nobody else has a store in memory.
        if isInMemory { return {} }
        return try await polling(every: .milliseconds(100)) {
            try await $0.writer.run { try $0.dataVersion() }
        }
    }
}
