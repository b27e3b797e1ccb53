import ArgumentParser
import MLOpsCore

/// The runs that a command covers.
struct RunFilter: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp("Only runs of this experiment.", valueName: "name-or-id"),
        completion: .experiments)
    var experiment: String?

    @Option(
        help: ArgumentHelp("Only runs of this project.", valueName: "slug"),
        completion: .projects)
    var project: String?

    /// The condition, or `nil` for every run.
    func condition(in tx: any Transaction) throws -> Filter<ExperimentRun>? {
        guard experiment != nil || project != nil else { return nil }
        let project = try project.map { try Self.project($0, in: tx) }
        let experiments = try experiments(in: project, tx)
        return ExperimentRun.columns.experimentID.isIn(experiments.map(\.id))
    }

    private func experiments(
        in project: Project?, _ tx: any Transaction
    ) throws -> [Experiment] {
        let all =
            if let project { try tx.experiments.of(project: project.id) } else {
                try tx.experiments.all()
            }
        guard let experiment else { return all }
        let named = all.filter { $0.name == experiment }
        guard named.isEmpty else { return named }
        let scope = project.map { Experiment.columns.projectID == $0.id }
        return [try Experiment.find(experiment, in: tx, where: scope)]
    }

    /// The live project with this slug.
    static func project(_ slug: String, in tx: any Transaction) throws -> Project {
        try Project.find(slug, in: tx)
    }
}
