public import MLOpsCore

extension Workspace {
    /// Makes an empty store in memory and returns its local workspace: a complete store for one
    /// test, in milliseconds.
    ///
    /// The store lives as long as a workspace of it. A test that closes the store itself opens one
    /// with ``/MLOpsCore/SQLiteStore/inMemory(configuration:)``.
    ///
    /// - Throws: What ``/MLOpsCore/SQLiteStore/inMemory(configuration:)`` throws.
    public static func inMemory(
        configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) async throws -> Workspace {
        try await SQLiteStore.inMemory(configuration: configuration).localWorkspace()
    }
}
