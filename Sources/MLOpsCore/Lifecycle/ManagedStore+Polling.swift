extension ManagedStore {
    /// Polls a mark that changes with the commits of other programs.
    ///
    /// Each change of the mark publishes that everything may have changed.
    ///
    /// - Throws: What the first poll throws; a later poll that fails is repeated.
    package func polling<Mark: Equatable & Sendable>(
        every interval: Duration, _ mark: @escaping @Sendable (Self) async throws -> Mark
    ) async throws -> ChangeFeed.Watch {
        let first = try await mark(self)
        let task = Task { [weak self] in
            var last = first
            while (try? await Task.sleep(for: interval)) != nil, let self {
                guard let current = try? await mark(self), current != last else { continue }
                last = current
                lifecycle.changes.publish(.everything)
            }
        }
        return {
            task.cancel()
            await task.value
        }
    }
}
