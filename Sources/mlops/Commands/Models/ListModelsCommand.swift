import ArgumentParser
import MLOpsCore

/// The command `mlops models list`.
struct ListModelsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List models with their versions by stage.",
        discussion: "EXAMPLE:\n  mlops models list --project digits --json")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var limit: LimitOptions

    @Option(
        help: ArgumentHelp("Only models of this project.", valueName: "slug"),
        completion: .projects)
    var project: String?

    func run() async throws {
        let (models, hasMore) = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { [self] in try load($0) }
        }
        guard !models.isEmpty else { throw Failure.nothing("no model was found") }
        if options.json { return try Output.json(models) }
        write(models)
        if hasMore { Output.line("there are more; raise --limit") }
    }

    private func load(_ tx: any Transaction) throws -> ([ModelReport], Bool) {
        var query = Query<Model>(order: { [$0.name.ascending] }, limit: limit.limit)
        if let project {
            let id = try RunFilter.project(project, in: tx).id
            query = query.filtered { $0.projectID == id }
        }
        let page = try tx.models.page(query)
        return (try page.map { try ModelReport($0, in: tx) }, page.next != nil)
    }

    private func write(_ models: [ModelReport]) {
        var table = TextTable([
            TextTable.Column("ID"), TextTable.Column("MODEL", minimum: 16),
            TextTable.Column("PROJECT", minimum: 8, dropOrder: 1),
            TextTable.Column("TASK", minimum: 6, dropOrder: 3),
            TextTable.Column("FRAMEWORK", minimum: 6, dropOrder: 4),
            TextTable.Column("VERSIONS", isRight: true, dropOrder: 2),
            TextTable.Column("LATEST", minimum: 6), TextTable.Column("PRODUCTION"),
        ])
        for report in models {
            let model = report.model
            table.add([
                ShortID.text(model.id), model.name, report.projectSlug, model.taskType,
                model.framework, String(report.versions.count),
                report.versions.first?.version ?? Format.none, report.versions(in: .production),
            ])
        }
        table.write()
    }
}
