import ArgumentParser
import MLOpsCore

/// The command `mlops experiments`.
struct ExperimentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiments",
        abstract: "List and show experiments.",
        subcommands: [ListExperimentsCommand.self, ShowExperimentCommand.self])
}

/// An experiment with its project and the number of its runs by status.
struct ExperimentReport: Encodable, Sendable {
    let experiment: Experiment
    let projectSlug: String
    let runs: [String: Int]

    private enum CodingKeys: String, CodingKey { case projectSlug, runs }

    init(_ experiment: Experiment, in tx: any Transaction) throws {
        self.experiment = experiment
        projectSlug = try tx.project(of: experiment).slug
        var runs: [String: Int] = [:]
        for status in RunStatus.allCases {
            let count = try tx.runs.count {
                $0.experimentID == experiment.id && $0.status == status
            }
            if count > 0 { runs[status.rawValue] = count }
        }
        self.runs = runs
    }

    var total: Int { runs.values.reduce(0, +) }

    /// Encodes the members of the experiment and the others in one object.
    func encode(to encoder: any Encoder) throws {
        try experiment.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(projectSlug, forKey: .projectSlug)
        try container.encode(runs, forKey: .runs)
    }
}

/// The command `mlops experiments list`.
struct ListExperimentsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List experiments with their numbers of runs, newest first.",
        discussion: "EXAMPLE:\n  mlops experiments list --project fraud-detection")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var limit: LimitOptions

    @Option(
        help: ArgumentHelp("Only experiments of this project.", valueName: "slug"),
        completion: .projects)
    var project: String?

    func run() async throws {
        let (reports, hasMore) = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { [self] tx in
                var query = Query<Experiment>(
                    order: { [$0.createdAt.descending] }, limit: limit.limit)
                if let project {
                    let id = try RunFilter.project(project, in: tx).id
                    query = query.filtered { $0.projectID == id }
                }
                let page = try tx.experiments.page(query)
                return (try page.map { try ExperimentReport($0, in: tx) }, page.next != nil)
            }
        }
        guard !reports.isEmpty else { throw Failure.nothing("no experiment was found") }
        if options.json { return try Output.json(reports) }
        write(reports)
        if hasMore { Output.line("there are more; raise --limit") }
    }

    private func write(_ reports: [ExperimentReport]) {
        var table = TextTable([
            TextTable.Column("ID"), TextTable.Column("EXPERIMENT", minimum: 12),
            TextTable.Column("PROJECT", minimum: 8, dropOrder: 1), TextTable.Column("STATUS"),
            TextTable.Column("RUNS", isRight: true),
            TextTable.Column("RUNNING", isRight: true, dropOrder: 3),
            TextTable.Column("FAILED", isRight: true, dropOrder: 4),
            TextTable.Column("CREATED", dropOrder: 2),
        ])
        for report in reports {
            let experiment = report.experiment
            table.add([
                ShortID.text(experiment.id), experiment.name, report.projectSlug,
                experiment.status.rawValue, String(report.total),
                String(report.runs["running"] ?? 0), String(report.runs["failed"] ?? 0),
                Format.minute(experiment.createdAt),
            ])
        }
        table.write()
    }
}
