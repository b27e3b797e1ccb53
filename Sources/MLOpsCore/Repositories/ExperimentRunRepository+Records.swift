import Foundation

extension SQLRepository where Record == ExperimentRun {
    func record(
        _ artifact: Artifact, named name: String, in run: Identifier<ExperimentRun>
    ) throws {
        let outcome = try record([RecordChange(name: name, content: .artifact(artifact))], in: run)
        guard outcome.conflicts.isEmpty else { throw StoreError.recordConflict(name) }
    }

    func record(
        _ changes: [RecordChange], in run: Identifier<ExperimentRun>
    ) throws -> RecordOutcome {
        try transaction.checkWritable()
        return try record(changes, into: try find(run, to: .write))
    }

    /// Records changes in a run as it is stored, live or deleted.
    func record(_ changes: [RecordChange], into stored: ExperimentRun) throws -> RecordOutcome {
        var (artifacts, outcome) = (stored.artifacts, RecordOutcome())
        var trail: [String: JSONValue] = [:]
        for change in changes {
            let name = change.name.asName
            let current = artifacts[name]
            guard let changed = try change.apply(to: current) else {
                if current.isOfOtherKind(than: change.content) {
                    outcome.conflicts.insert(change.name)
                    if let kind = change.kind {
                        outcome.refused.insert(.init(name: change.name, kind: kind))
                    }
                } else {
                    outcome.stale.insert(change.name)
                    outcome.lists[change.name] = current?.segments ?? []
                }
                continue
            }
            outcome.artifacts[change.name] = changed.artifact
            guard changed.isNew else { continue }
            artifacts[name] = changed.artifact
            trail[name] = changed.trail
        }
        guard !trail.isEmpty else { return outcome }
        let document = JSONValue.object(artifacts.mapValues(\.json))
        try setManaged("artifacts = \(document)", for: stored)
        try note("update", stored, ["changes": ["artifacts": ["after": .object(trail)]]])
        return outcome
    }

    func using(datasetDigest digest: String, limit: Int) throws -> [ExperimentRun] {
        guard (1...10_000).contains(limit) else {
            throw StoreError(
                .invalidValue, "The limit is 1 to 10,000, not \(limit).",
                entity: ExperimentRun.entityName)
        }
        // A digest stands for itself in JSON, between quotes. Other members may have the same text,
        // so that what was found is looked at.
        let text = Filter<ExperimentRun>(
            condition: .text(
                column: "CAST(artifacts AS text)", .substring, "\"\(digest)\""))
        var (found, query) = (
            [ExperimentRun](),
            Query(where: { _ in text }, order: { [$0.id.descending] }, limit: min(limit, 1000))
        )
        while true {
            let page = try page(query)
            found += page.records.filter { $0.datasets.contains { $0.digest == digest } }
            guard found.count < limit, let next = page.next else { break }
            query.cursor = next
        }
        return Array(found.prefix(limit))
    }
}

extension SQLRepository where Record == ModelVersion {
    func using(datasetDigest digest: String) throws -> [ModelVersion] {
        let runs = try SQLRepository<ExperimentRun>(transaction)
            .using(datasetDigest: digest, limit: 10_000).map { Optional($0.id) }
        return try all(
            where: { $0.sourceRunID.isIn(runs) },
            order: { [$0.createdAt.descending, $0.id.descending] })
    }
}

extension RecordChange {
    /// What a change makes of an artifact.
    fileprivate struct Result {
        /// The artifact; `nil` when nothing of it is left.
        let artifact: Artifact?
        /// What the trail shows.
        var trail: JSONValue = .null
        /// Whether it was not so before.
        var isNew = true
    }

    /// Applies the change; `nil` when the artifact is of another kind, or not that of before.
    fileprivate func apply(to current: Artifact?) throws -> Result? {
        if current.isOfOtherKind(than: content) { return nil }
        switch content {
        case .artifact(let artifact):
            guard artifact.segments.starts(with: current?.segments ?? []) else { return nil }
            return Result(artifact: artifact, trail: artifact.json)
        case .segment(let kind, let segment, let merged, let added):
            var lists = current?.segments ?? []
            // After a commit that was lost sight of, it may be there.
            if lists.contains(where: { $0.sha256 == segment.sha256 }) {
                return Result(artifact: current, isNew: false)
            }
            guard lists.suffix(merged.count).elementsEqual(merged) else { return nil }
            lists.removeLast(merged.count)
            let artifact = Artifact(kind: kind, segments: lists + [segment])
            // Without the other lists, so that a long run does not fill the trail.
            return Result(
                artifact: artifact,
                trail: [
                    "kind": .string(kind.rawValue), "sha256": .string(segment.sha256),
                    "added": .int(Int64(added)), "count": .int(Int64(artifact.itemCount ?? 0)),
                ])
        case .lists(let lists, let before):
            guard let current, current.segments == before else { return nil }
            guard !lists.isEmpty else { return Result(artifact: nil) }
            let artifact = Artifact(kind: current.kind, segments: lists)
            return Result(
                artifact: artifact,
                trail: [
                    "kind": .string(current.kind.rawValue), "sha256": .string(artifact.sha256),
                    "count": .int(Int64(artifact.itemCount ?? 0)),
                ])
        }
    }
}

extension Artifact? {
    /// Whether there is an artifact that this content may not change.
    fileprivate func isOfOtherKind(than content: RecordChange.Content) -> Bool {
        guard let self else { return false }
        return switch content {
        case .artifact(let artifact):
            artifact.kind == .dataset || artifact.kind.isRecord
                ? self.kind != artifact.kind
                : self.kind != .file && self.kind != .directory
        case .segment(let kind, _, _, _): self.kind != kind
        case .lists: !self.kind.isRecord
        }
    }
}

extension StoreError {
    /// The error of a name that an artifact of another kind has.
    static func recordConflict(_ name: String) -> StoreError {
        StoreError(
            .alreadyExists,
            "The run has an artifact \"\(name)\" of another kind; choose another name.",
            entity: "artifact", field: "name")
    }
}
