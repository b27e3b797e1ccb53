public import MLOpsCore
import MLOpsSampleData

extension Workspace {
    /// Makes a store in memory with the sample organization, and returns its workspace.
    ///
    /// Each of the 19 tables has rows; the same seed gives the same rows.
    ///
    /// - Parameter seed: Chooses ids and measured values.
    /// - Throws: The errors of `SampleData` and ``/MLOpsCore/SQLiteStore``.
    public static func seeded(seed: UInt64 = 1) async throws -> Workspace {
        let store = try await SQLiteStore.inMemory()
        return try await SampleData.insert(into: store, seed: seed).workspace
    }
}
