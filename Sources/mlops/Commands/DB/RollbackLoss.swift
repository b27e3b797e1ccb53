import MLOpsCore

/// Finds the rows that a rollback would lose with their tables.
enum RollbackLoss {
    /// Refuses a rollback to a version if it would lose rows.
    ///
    /// - Throws: `Failure` that names the tables, or says that the role may not read them.
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
