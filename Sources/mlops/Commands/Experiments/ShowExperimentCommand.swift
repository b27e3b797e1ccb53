import ArgumentParser
import MLOpsCore
import MLOpsTransfer

/// The command `mlops experiments show`.
struct ShowExperimentCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an experiment and its newest runs.",
        discussion: "EXAMPLE:\n  mlops experiments show 'Fraud classifier tuning' --limit 5")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var limit: LimitOptions

    @Argument(
        help: "The experiment's name, its id, or four or more characters at either end of its id.",
        completion: .experiments)
    var experiment: String

    @Option(
        help: ArgumentHelp("The project, if several have the name.", valueName: "slug"),
        completion: .projects)
    var project: String?

    private struct Result: Encodable, Sendable {
        let experiment: ExperimentReport
        let modelName: String?
        let runs: [RunReport]
        var hasMore = false

        private enum CodingKeys: String, CodingKey { case experiment, modelName, runs }
    }

    func run() async throws {
        let result = try await Database(options).workspace(tenant) { workspace in
            let now = workspace.now
            return try await workspace.read { [self] tx in
                let project = try project.map { try RunFilter.project($0, in: tx).id }
                let found = try Experiment.find(
                    experiment, in: tx, where: project.map { Experiment.columns.projectID == $0 })
                let runs = try tx.runs.page(
                    where: { $0.experimentID == found.id }, order: { [$0.createdAt.descending] },
                    limit: limit.limit)
                return Result(
                    experiment: try ExperimentReport(found, in: tx),
                    modelName: try tx.model(of: found)?.name,
                    runs: try RunReport.all(runs, at: now, in: tx), hasMore: runs.next != nil)
            }
        }
        if options.json { return try Output.json(result) }
        write(result)
    }

    private func write(_ result: Result) {
        let report = result.experiment
        let experiment = report.experiment
        let runs = report.runs.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let config = experiment.config.flattened.mapValues { Format.json($0) }
        Fields.write([
            "experiment": experiment.name,
            "id": experiment.id.description,
            "project": report.projectSlug,
            "description": experiment.description,
            "status": experiment.status.rawValue,
            "model": result.modelName,
            "tags": experiment.tags.isEmpty ? nil : experiment.tags.joined(separator: ", "),
            "config": config.isEmpty
                ? nil
                : config.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                    .joined(separator: ", "),
            "started": experiment.startedAt.map { Format.time($0) },
            "completed": experiment.completedAt.map { Format.time($0) },
            "runs": runs.isEmpty ? "none" : runs.joined(separator: ", "),
        ])
        guard !result.runs.isEmpty else { return }
        Output.line()
        RunTable(result.runs, columns: [], sortedBy: nil, curves: []).table.write()
        if result.hasMore { Output.line("there are more; raise --limit") }
    }
}
