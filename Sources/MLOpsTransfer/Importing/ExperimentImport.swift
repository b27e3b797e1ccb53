import Foundation
import MLOpsCore

/// An experiment of the store that takes runs.
struct ExperimentPlace: Sendable {
    let id: Identifier<Experiment>
    /// When it was deleted, and with which deletion.
    let deletion: (id: Identifier<Deletion>, date: Date)?
}

/// Finds or makes one experiment.
struct ExperimentImport: Sendable {
    let experiment: SourceExperiment
    let site: ImportTarget

    struct Outcome: Sendable {
        /// `nil` if the experiment cannot take runs.
        var experiment: ExperimentPlace?
        var taken = ImportReport.Counts()
        var present = ImportReport.Counts()
        var notes = ImportNotes()
    }

    func perform(in tx: (any Transaction)?) throws -> Outcome {
        var outcome = Outcome()
        let id = site.map.experiment(experiment)
        let name = TextRules.name(
            experiment.name, or: experiment.id, of: "experiment", &outcome.notes)
        if let found = try find(id, name, in: tx, &outcome.notes) {
            outcome.present.experiments = 1
            guard let deletedAt = found.deletedAt, let deletion = found.deletionID else {
                outcome.experiment = ExperimentPlace(id: found.id, deletion: nil)
                return outcome
            }
            guard experiment.deletedAt != nil else {
                outcome.notes.leave(
                    "run", "its experiment is deleted here; restore it first",
                    experiment.name, count: experiment.runs.count)
                return outcome
            }
            outcome.experiment = ExperimentPlace(id: found.id, deletion: (deletion, deletedAt))
            return outcome
        }
        outcome.taken.experiments = 1
        outcome.experiment = try make(id, name, in: tx, &outcome.notes)
        return outcome
    }

    private func find(
        _ id: Identifier<Experiment>, _ name: String, in tx: (any Transaction)?,
        _ notes: inout ImportNotes
    ) throws -> Experiment? {
        guard let tx, !site.project.isUnassigned else { return nil }
        let query = Query<Experiment>(where: { $0.id == id }, limit: 1, deleted: .included)
        if let found = try tx.experiments.page(query).first { return found }
        guard experiment.deletedAt == nil,
            let found = try tx.experiments.named(name, in: site.project)
        else { return nil }
        if found.config["imported"] == nil {
            notes.change(
                "experiment", "its runs join the experiment of the same name", experiment.name)
        }
        return found
    }

    private func make(
        _ id: Identifier<Experiment>, _ name: String, in tx: (any Transaction)?,
        _ notes: inout ImportNotes
    ) throws -> ExperimentPlace {
        let rules = TextRules(subject: "experiment", example: experiment.name)
        let made = rules.time(experiment.createdAt, "created", &notes) ?? .now
        var config: [String: JSONValue] = [
            "imported": .object(
                experiment.origin.merging([
                    "source": .string(site.map.program), "id": .string(experiment.id),
                ]) { $1 })
        ]
        if !experiment.tags.isEmpty {
            config["tags"] = .object(
                experiment.tags.mapValues { .string(rules.text($0, &notes)) })
        }
        var row = Historical(
            Experiment(
                id: id, project: site.project, name: name,
                description: experiment.description.map { rules.text($0, &notes) },
                status: .running, config: .object(config), startedAt: made, createdAt: made))
        let updated = rules.time(experiment.updatedAt, "updated", &notes) ?? made
        try row.set({ $0.updatedAt }, to: max(updated, made))
        var deletion: (id: Identifier<Deletion>, date: Date)?
        if let date = rules.time(experiment.deletedAt, "deleted", &notes) {
            let own = site.map.deletion(of: id)
            deletion = (own, date)
            try row.set({ $0.deletedAt }, to: date)
            try row.set({ $0.deletionID }, to: own)
        }
        if !site.isDryRun, let tx { try tx.experiments.insert(history: [row]) }
        return ExperimentPlace(id: id, deletion: deletion)
    }
}
