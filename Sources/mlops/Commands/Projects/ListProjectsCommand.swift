import ArgumentParser
import MLOpsCore

/// The command `mlops projects list`.
struct ListProjectsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List projects with their numbers of experiments, models and deployments.",
        discussion: "EXAMPLE:\n  mlops projects list --database mlops.db")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var limit: LimitOptions

    func run() async throws {
        let query = Query<Project>(order: { [$0.slug.ascending] }, limit: limit.limit)
        let (projects, hasMore) = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { tx in
                let page = try tx.projects.page(query)
                return (try page.map { try ProjectReport($0, in: tx) }, page.next != nil)
            }
        }
        guard !projects.isEmpty else { throw Failure.nothing("no project was found") }
        if options.json { return try Output.json(projects) }
        write(projects)
        if hasMore { Output.line("there are more; raise --limit") }
    }

    private func write(_ projects: [ProjectReport]) {
        var table = TextTable([
            TextTable.Column("ID"), TextTable.Column("PROJECT", minimum: 12),
            TextTable.Column("NAME", minimum: 8, dropOrder: 2),
            TextTable.Column("VISIBILITY", dropOrder: 3),
            TextTable.Column("EXPERIMENTS", isRight: true, dropOrder: 1),
            TextTable.Column("MODELS", isRight: true),
            TextTable.Column("DEPLOYMENTS", isRight: true, dropOrder: 1),
            TextTable.Column("CREATED", dropOrder: 4),
        ])
        for report in projects {
            let project = report.project
            table.add([
                ShortID.text(project.id), project.slug, project.name,
                project.visibility.rawValue, String(report.experiments), String(report.models),
                String(report.deployments), Format.minute(project.createdAt),
            ])
        }
        table.write()
    }
}
