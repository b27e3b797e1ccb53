import ArgumentParser
import MLOpsCore

/// The command `mlops deployments list`.
struct ListDeploymentsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List deployments with the versions that are live on them.",
        discussion: "EXAMPLE:\n  mlops deployments list --project digits --json")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var limit: LimitOptions

    @Option(help: ArgumentHelp("Only deployments of this project.", valueName: "slug"))
    var project: String?

    func run() async throws {
        let (deployments, hasMore) = try await Database(options).workspace(tenant) { workspace in
            let now = workspace.now
            return try await workspace.read { [self] tx in
                let page = try tx.deployments.page(try query(in: tx))
                return (
                    try page.map { try DeploymentReport($0, at: now, in: tx) }, page.next != nil
                )
            }
        }
        guard !deployments.isEmpty else { throw Failure.nothing("no deployment was found") }
        if options.json { return try Output.json(deployments) }
        write(deployments)
        if hasMore { Output.line("there are more; raise --limit") }
    }

    private func query(in tx: any Transaction) throws -> Query<Deployment> {
        let query = Query<Deployment>(
            order: { [$0.name.ascending, $0.environment.ascending] }, limit: limit.limit)
        guard let project else { return query }
        let id = try RunFilter.project(project, in: tx).id
        return query.filtered { $0.projectID == id }
    }

    private func write(_ deployments: [DeploymentReport]) {
        var table = TextTable([
            TextTable.Column("ID"), TextTable.Column("DEPLOYMENT", minimum: 12),
            TextTable.Column("ENVIRONMENT", dropOrder: 1),
            TextTable.Column("PROJECT", minimum: 8, dropOrder: 4),
            TextTable.Column("STATUS", dropOrder: 2), TextTable.Column("LIVE", minimum: 14),
            TextTable.Column("STAGE", dropOrder: 5),
            TextTable.Column("ALERTS", isRight: true, dropOrder: 3),
        ])
        for report in deployments {
            let deployment = report.deployment
            table.add([
                ShortID.text(deployment.id), deployment.name, deployment.environment.rawValue,
                report.projectSlug, deployment.status.rawValue, report.liveText,
                report.liveVersion?.stage.rawValue ?? Format.none, String(report.openAlerts),
            ])
        }
        table.write()
    }
}
