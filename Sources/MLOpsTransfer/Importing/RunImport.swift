import Foundation
import MLOpsCore

/// Takes one run with its points, in one transaction.
struct RunImport: Sendable {
    let source: any ImportSource
    let reference: SourceRunReference
    let run: SourceRun
    let experiment: ExperimentPlace
    /// The files of the run that are kept already.
    let artifacts: KeptArtifacts
    let site: ImportTarget
    let options: ImportOptions
    let meter: ProgressMeter

    private var id: Identifier<ExperimentRun> { site.map.run(reference) }
    private var rules: TextRules { TextRules(subject: "run", example: reference.id) }

    /// - Parameter tx: `nil` if nothing exists and nothing is to be made.
    func perform(in tx: (any Transaction)?) throws -> ImportOutcome {
        var outcome = ImportOutcome()
        let existing = try tx?.runs.page(.any(id)).first
        if let existing {
            guard existing.experimentID == experiment.id else {
                outcome.notes.leave(
                    "run", "a run of its id is in another experiment, and they are not mixed",
                    reference.id)
                return outcome
            }
            outcome.present.runs = 1
            let isDeleted = run.deletedAt != nil || experiment.deletion != nil
            guard existing.deletedAt == nil else {
                if !isDeleted {
                    outcome.notes.leave(
                        "run", "it is deleted here; restore it first", reference.id)
                }
                return outcome
            }
            if isDeleted {
                outcome.notes.leave("run", "it was deleted there, but is not here", reference.id)
            }
            try add(to: existing, in: tx, &outcome)
        } else {
            try insert(in: tx, &outcome)
        }
        try takePoints(of: existing, in: tx, &outcome)
        return outcome
    }

    // MARK: A new run

    private func insert(in tx: (any Transaction)?, _ outcome: inout ImportOutcome) throws {
        let parameters = fitting(
            document(run.parameters, &outcome.notes), "parameter", &outcome.notes)
        let tags = labels(&outcome.notes)
        let artifacts = fitting(
            artifacts.new.mapValues(\.json), "artifact", &outcome.notes)
        outcome.taken.runs = 1
        outcome.taken.parameters = parameters.count
        outcome.taken.tags = tags.count
        outcome.taken.artifacts = artifacts.count
        var origin = run.origin
        origin["source"] = .string(site.map.program)
        origin["id"] = .string(reference.id)
        var row = try row(parameters, tags, &origin, &outcome.notes)
        if !artifacts.isEmpty { row.set({ $0.artifacts }, to: .object(artifacts)) }
        guard !site.isDryRun else {
            // What the store would refuse.
            for document in [JSONValue.object(parameters), .object(origin)] {
                _ = try document.canonicalText()
            }
            return
        }
        if let tx { try tx.runs.insert(history: [row]) }
    }

    private func row(
        _ parameters: [String: JSONValue], _ tags: [String: String],
        _ origin: inout [String: JSONValue], _ notes: inout ImportNotes
    ) throws -> Historical<ExperimentRun> {
        let times = times(&notes)
        let made = times.start ?? times.end ?? .now
        let name = TextRules.name(
            run.name ?? "run-\(id.description.suffix(8))", or: reference.id, of: "run", &notes)
        if name != run.name { origin["name"] = run.name.map(JSONValue.string) }
        var row = Historical(
            ExperimentRun(
                id: id, experiment: experiment.id,
                parentRun: reference.parent.map { site.map.run($0, in: reference.scope) },
                runName: name, kind: reference.kind, status: run.status,
                parameters: .object(parameters), tags: tags,
                environment: ["imported": .object(origin)],
                errorMessage: run.errorMessage.map { rules.text($0, &notes) },
                startedAt: times.start, completedAt: times.end, durationSeconds: times.duration,
                createdAt: made))
        try row.set({ $0.updatedAt }, to: times.end ?? made)
        let own = rules.time(run.deletedAt, "deleted", &notes)
        if let deletion = experiment.deletion {
            try row.set({ $0.deletedAt }, to: own ?? deletion.date)
            try row.set({ $0.deletionID }, to: deletion.id)
        } else if let own {
            try row.set({ $0.deletedAt }, to: own)
            try row.set({ $0.deletionID }, to: site.map.deletion(of: id))
        }
        return row
    }

    private struct Times {
        var start: Date?
        var end: Date?
        var duration: Double?
    }

    private func times(_ notes: inout ImportNotes) -> Times {
        let start = rules.time(run.startedAt, "started", &notes)
        let end = rules.time(run.completedAt, "ended", &notes)
        guard let start, let end else { return Times(start: start, end: end) }
        guard end >= start else {
            notes.change("run", "it ended before it started; the end is left out", reference.id)
            return Times(start: start)
        }
        let seconds = end.timeIntervalSince(start)
        return Times(start: start, end: end, duration: (seconds * 1_000_000).rounded() / 1_000_000)
    }

    /// Parameters by storable names.
    private func document(
        _ values: [String: JSONValue], _ notes: inout ImportNotes
    ) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for (name, value) in values {
            if case .string(let text) = value {
                members[rules.text(name, &notes)] = .string(rules.text(text, &notes))
            } else {
                members[rules.text(name, &notes)] = value
            }
        }
        return members
    }

    /// The members of a document that has room for them: the largest ones are left, so that they do
    /// not cost the rest of the run.
    private func fitting(
        _ members: [String: JSONValue], _ subject: String, _ notes: inout ImportNotes
    ) -> [String: JSONValue] {
        // With the quotes, the colon and the comma; an escaped name is longer.
        let sizes = members.map { name, value in
            (name: name, bytes: JSONValue.string(name).byteCount + value.byteCount + 2)
        }
        var total = sizes.reduce(2) { $0 + $1.bytes }
        guard total > JSONValue.maximumBytes else { return members }
        var members = members
        for (name, bytes) in sizes.sorted(by: { ($1.bytes, $0.name) < ($0.bytes, $1.name) })
        where total > JSONValue.maximumBytes {
            members[name] = nil
            total -= bytes
            notes.leave(
                subject,
                "a run holds \(JSONValue.maximumBytes) bytes of them, and the largest are left",
                "\(name) of \(reference.id)")
        }
        return members
    }

    private func labels(_ notes: inout ImportNotes) -> [String: String] {
        var tags: [String: String] = [:]
        for (name, value) in run.tags {
            tags[rules.text(name, &notes)] = rules.text(value, &notes)
        }
        return tags
    }

    // MARK: A run that is there

    private func add(
        to existing: ExperimentRun, in tx: (any Transaction)?, _ outcome: inout ImportOutcome
    ) throws {
        var (changed, isChanged) = (existing, false)
        var parameters = existing.parameters.object ?? [:]
        for (name, value) in document(run.parameters, &outcome.notes) {
            if let own = parameters[name] {
                outcome.present.parameters += 1
                if own != value { noteDifference("parameter", name, &outcome.notes) }
            } else {
                parameters[name] = value
                outcome.taken.parameters += 1
            }
        }
        for (name, value) in labels(&outcome.notes) {
            if let own = existing.tags[name] {
                outcome.present.tags += 1
                if own != value { noteDifference("tag", name, &outcome.notes) }
            } else {
                changed.tags[name] = value
                outcome.taken.tags += 1
            }
        }
        isChanged = outcome.taken.parameters > 0 || outcome.taken.tags > 0
        if outcome.taken.parameters > 0 { changed.parameters = .object(parameters) }
        if existing.status.isUnderWay, !run.status.isUnderWay {
            let times = times(&outcome.notes)
            changed.status = run.status
            changed.completedAt = times.end.map { max($0, changed.startedAt ?? $0) }
            changed.durationSeconds = times.duration ?? changed.durationSeconds
            changed.errorMessage = run.errorMessage ?? changed.errorMessage
            outcome.notes.change("run", "it has ended since the last import", reference.id)
            isChanged = true
        }
        outcome.present.artifacts = artifacts.present
        outcome.taken.artifacts = artifacts.new.count
        guard !site.isDryRun, let tx else { return }
        if isChanged { try tx.runs.update(changed) }
        if !artifacts.new.isEmpty {
            try tx.runs.append(history: MetricBatch(), artifacts: artifacts.new, to: id)
        }
    }

    private func noteDifference(
        _ subject: String, _ name: String, _ notes: inout ImportNotes
    ) {
        notes.leave(
            subject, "it has another value here, which stays", "\(name) of \(reference.id)")
    }

    // MARK: Points

    private func takePoints(
        of existing: ExperimentRun?, in tx: (any Transaction)?, _ outcome: inout ImportOutcome
    ) throws {
        var sink = PointSink(
            run: id, beside: existing, tx: tx, isDryRun: site.isDryRun,
            limit: max(1, options.batch), meter: meter)
        var notes = ImportNotes()
        do {
            try source.readPoints(of: reference, &notes) { try sink.add($0) }
        } catch let error as ImportSourceError {
            notes.leave("run", "its further points: \(error.message)", reference.id)
        }
        try sink.flush()
        outcome.taken.points = sink.taken
        outcome.present.points = sink.present
        outcome.notes.add(notes)
        outcome.notes.add(sink.notes)
    }
}

extension Query<ExperimentRun> {
    /// The run or logged model with an id, also if it is deleted.
    static func any(_ id: Identifier<ExperimentRun>) -> Query {
        Query(
            where: { $0.id == id && $0.kind.isIn(RunKind.allCases) }, limit: 1, deleted: .included)
    }
}

extension RunStatus {
    /// Whether the run has not ended.
    var isUnderWay: Bool { self == .queued || self == .running }
}

extension JSONValue {
    /// The length of its canonical text.
    fileprivate var byteCount: Int { description.utf8.count }
}
