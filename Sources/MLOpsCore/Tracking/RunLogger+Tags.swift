extension RunLogger {
    /// Sets or removes the note of the run; see ``ExperimentRun/note``.
    public func setNote(_ note: String?) async throws { try await change { $0.note = note } }

    /// Sets or removes the group of the run; see ``ExperimentRun/group``.
    public func setGroup(_ group: String?) async throws { try await change { $0.group = group } }

    /// Sets a mark of the run; see ``ExperimentRun/marks``.
    public func mark(_ mark: String) async throws {
        try await change { _ = $0.marks.insert(mark) }
    }

    /// Removes a mark of the run.
    public func unmark(_ mark: String) async throws {
        try await change { _ = $0.marks.remove(mark) }
    }

    private func change(_ change: @escaping @Sendable (inout ExperimentRun) -> Void) async throws {
        try await workspace.write { [id] tx in
            var run = try tx.runs.find(id)
            change(&run)
            try tx.runs.update(run)
        }
    }
}
