public import MLOpsCore

extension Workspace {
    /// Makes an empty store in memory and returns its local workspace.
    ///
    /// It is a complete store for one test, made in milliseconds.
    ///
    /// The store is open while one of its workspaces exists. A test that closes the store itself
    /// opens one with ``/MLOpsCore/SQLiteStore/inMemory(configuration:)``.
    ///
    /// - Throws: The errors of ``/MLOpsCore/SQLiteStore/inMemory(configuration:)``.
    public static func inMemory(
        configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) async throws -> Workspace {
        try await SQLiteStore.inMemory(configuration: configuration).localWorkspace()
    }
}
