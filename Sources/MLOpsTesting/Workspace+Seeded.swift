public import MLOpsCore

extension Workspace {
    /// Makes a store in memory that holds the sample organization, and returns its workspace.
    ///
    /// Every one of the 19 tables has rows, the same for one seed at every call.
    ///
    /// - Parameter seed: Chooses ids and measured values.
    /// - Throws: What ``/MLOpsCore/SampleData`` and ``/MLOpsCore/SQLiteStore`` throw.
    public static func seeded(seed: UInt64 = 1) async throws -> Workspace {
        let store = try await SQLiteStore.inMemory()
        return try await SampleData.insert(into: store, seed: seed).workspace
    }
}
