public import Foundation

/// What runs have recorded, read back by the types that it was logged with.
///
/// Bytes are compared with their recorded SHA-256. Without a step, the item of the largest step is
/// read; of several items of one step, the last.
extension Workspace {
    /// The items of a record in the order of their steps; of one step in the order of logging.
    ///
    /// - Throws: `.notFound` when the run has no artifact of this name, or a list of items is gone;
    ///   `.invalidValue` when the artifact is no record; `.corrupt` when a list has changed.
    public func recordedItems(
        named name: String, of run: Identifier<ExperimentRun>
    ) async throws -> [RecordedItem] {
        let artifact = try await recorded(name, of: run)
        guard artifact.kind.isRecord else { throw StoreError.isNoRecord(artifact) }
        let artifacts = store.artifacts
        return try await offTheCooperativePool { try artifacts.items(of: artifact) }
    }

    /// Reads a recorded table.
    ///
    /// - Throws: As ``recordedItems(named:of:)``; `.notFound` when there is none at the step.
    public func table(
        named name: String, of run: Identifier<ExperimentRun>, step: Int? = nil
    ) async throws -> RunTable { try await record(named: name, of: run, step) }

    /// Reads a recorded image; throws as ``table(named:of:step:)``.
    public func image(
        named name: String, of run: Identifier<ExperimentRun>, step: Int? = nil
    ) async throws -> RunImage { try await record(named: name, of: run, step) }

    /// Reads a recorded text; throws as ``table(named:of:step:)``.
    public func text(
        named name: String, of run: Identifier<ExperimentRun>, step: Int? = nil
    ) async throws -> String {
        try await record(RecordedText.self, named: name, of: run, step).text
    }

    /// Reads a recorded histogram; throws as ``table(named:of:step:)``.
    public func histogram(
        named name: String, of run: Identifier<ExperimentRun>, step: Int? = nil
    ) async throws -> RunHistogram { try await record(named: name, of: run, step) }

    /// The bytes of an item of a record.
    ///
    /// The run is asked for it: a hash alone opens no file.
    ///
    /// - Throws: As ``recordedItems(named:of:)``; `.notFound` when the record has no such item, or
    ///   the file is gone; `.corrupt` when its bytes have changed.
    public func data(
        of item: RecordedItem, named name: String, of run: Identifier<ExperimentRun>
    ) async throws -> Data {
        let artifact = try await recorded(name, of: run)
        guard artifact.kind.isRecord else { throw StoreError.isNoRecord(artifact) }
        let artifacts = store.artifacts
        return try await offTheCooperativePool {
            let items = try artifacts.items(of: artifact, step: item.step)
            guard items.contains(where: { $0.sha256 == item.sha256 }) else {
                throw StoreError(
                    .notFound, "The record \"\(name)\" has no such item.", entity: "artifact")
            }
            return try artifacts.data(item.sha256, maximumBytes: RunTable.maximumBytes)
        }
    }

    /// The datasets that a run used, by name.
    ///
    /// - Throws: `.notFound`.
    public func datasets(of run: Identifier<ExperimentRun>) async throws -> [Dataset] {
        try await runs.find(run).datasets
    }

    /// The bytes of a file that a run recorded, at most 64 MiB.
    ///
    /// - Throws: As ``artifact(named:of:)``; `.invalidValue` for a larger file.
    public func artifactData(
        named name: String, of run: Identifier<ExperimentRun>
    ) async throws -> Data {
        let artifact = try await recorded(name, of: run)
        guard artifact.kind == .file else {
            throw StoreError(
                .invalidValue,
                "The artifact is of the kind \(artifact.kind.rawValue), not a file.",
                entity: "artifact")
        }
        let artifacts = store.artifacts
        return try await offTheCooperativePool {
            try artifacts.data(artifact.sha256, maximumBytes: 64 << 20)
        }
    }

    /// Decodes a JSON file that a run recorded, by the rules of ``JSONValue/init(encoding:)``.
    ///
    /// - Throws: As ``artifactData(named:of:)``; `.invalidValue` for what is no JSON;
    ///   `DecodingError` when it does not fit the type.
    public func artifact<Value: Decodable>(
        _ type: Value.Type, named name: String, of run: Identifier<ExperimentRun>
    ) async throws -> Value {
        try JSONValue(parsing: await artifactData(named: name, of: run)).decode(as: type)
    }

    /// What a resumption from a step removes of a run's records.
    func truncation(
        of run: Identifier<ExperimentRun>, before step: Int64?
    ) async throws -> RecordTruncation? {
        guard let step else { return nil }
        let (run, artifacts) = (try await runs.find(run), store.artifacts)
        guard run.artifacts.values.contains(where: \.kind.isRecord) else { return nil }
        return try await offTheCooperativePool {
            try RecordTruncation(of: run, before: step, in: artifacts)
        }
    }

    private func record<Value: RunRecord>(
        _ type: Value.Type = Value.self, named name: String, of run: Identifier<ExperimentRun>,
        _ step: Int?
    ) async throws -> Value {
        let artifact = try await recorded(name, of: run)
        guard artifact.kind == Value.kind else { throw StoreError.isNoRecord(artifact, Value.kind) }
        let artifacts = store.artifacts
        return try await offTheCooperativePool {
            let step = step.map { Int64($0) } ?? artifact.segments.map(\.lastStep).max()
            guard let item = try artifacts.items(of: artifact, step: step).last else {
                throw StoreError(
                    .notFound, "The record \"\(name)\" has no item at the step.",
                    entity: "artifact", field: "step")
            }
            return try Value(
                recorded: artifacts.data(item.sha256, maximumBytes: RunTable.maximumBytes))
        }
    }
}

extension StoreError {
    fileprivate static func isNoRecord(
        _ artifact: Artifact, _ kind: Artifact.Kind? = nil
    ) -> StoreError {
        StoreError(
            .invalidValue,
            "The artifact is of the kind \(artifact.kind.rawValue), not "
                + "\(kind?.rawValue ?? "a record").",
            entity: "artifact", field: "kind")
    }
}

/// The lists of a run's records without the items from a step on, made before the transaction that
/// resumes the run.
struct RecordTruncation: Sendable {
    let changes: [RecordChange]

    init(of run: ExperimentRun, before step: Int64, in artifacts: ArtifactStore) throws {
        changes = try run.artifacts.filter { $0.value.kind.isRecord }.compactMap { name, artifact in
            let kept = try artifacts.segments(artifact.segments, before: step)
            guard kept != artifact.segments else { return nil }
            return RecordChange(
                name: name, content: .lists(kept, instead: artifact.segments))
        }
    }

    /// - Throws: `.conflict` when another program has logged records meanwhile.
    func apply(to run: Identifier<ExperimentRun>, in tx: any Transaction) throws {
        guard !changes.isEmpty else { return }
        let outcome = try tx.runs.logged.record(changes, in: run)
        guard outcome.stale.isEmpty, outcome.conflicts.isEmpty else {
            throw StoreError(
                .conflict, "Another program has logged records of the run \(run); resume it again.",
                entity: ExperimentRun.entityName, field: "artifacts")
        }
    }
}
