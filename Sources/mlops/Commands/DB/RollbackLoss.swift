import MLOpsCore

/// The rows that are lost with the migrations that made their tables.
enum RollbackLoss {
    /// Refuses to go back to a version while that loses rows.
    ///
    /// - Throws: `Failure` that names the tables, or tells that the role may not look into them.
    static func check(_ store: any Store, to target: Int) async throws {
        let rows: [String: Int]
        do {
            rows = try await store.rowsLost(revertingTo: target)
        } catch let error as StoreError where error.code == .permissionDenied {
            throw Failure(
                .usage, "this role cannot tell whether rows would be lost; confirm with --yes")
        }
        guard !rows.isEmpty else { return }
        let lost = rows.sorted { $0.key < $1.key }
            .map { "\($0.key) (\(Format.count($0.value, "row")))" }
        throw Failure(
            .usage,
            "lost for good would be \(lost.joined(separator: ", ")); make a backup, and "
                + "confirm with --yes")
    }
}
