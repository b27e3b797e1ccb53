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

extension SQLiteStore {
    /// Checks a file before a program reads it by other means than a store, while stores are open.
    ///
    /// Closing a file of an open database drops the locks that this process has on it.
    ///
    /// - Throws: `.invalidValue` when the path leads to a file of an open database.
    public static func checkIsNotOpen(_ path: String) throws {
        try OpenDatabases.shared.check(path)
    }
}
