extension ManagedStore {
    /// Asks for a mark that changes with the commits of other programs, and publishes that
    /// everything may have changed whenever it does.
    ///
    /// - Throws: What the first question throws; a later one that fails is asked again.
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
