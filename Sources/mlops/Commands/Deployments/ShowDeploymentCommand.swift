import ArgumentParser
import MLOpsCore

/// The command `mlops deployments show`.
struct ShowDeploymentCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a deployment: what is live, its instances, its history, open alerts.",
        discussion: "EXAMPLE:\n  mlops deployments show digits --database mlops.db")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Argument(
        help: "The deployment's name, its id, or four or more characters at either end of its id.")
    var deployment: String

    @Option(help: ArgumentHelp("The project, if several have the name.", valueName: "slug"))
    var project: String?

    @Option(help: ArgumentHelp("The environment, if several have the name.", valueName: "name"))
    var environment: Choice<DeploymentEnvironment>?

    private struct Result: Encodable, Sendable {
        let deployment: DeploymentReport
        let history: [ChangeReport]
    }

    func run() async throws {
        let result = try await Database(options).workspace(tenant) { workspace in
            let now = workspace.now
            return try await workspace.read { [self] tx in
                let deployment = try Self.find(
                    deployment, project: project, environment: environment?.value, in: tx)
                return Result(
                    deployment: try DeploymentReport(deployment, at: now, in: tx),
                    history: try ChangeReport.all(of: deployment.id, in: tx))
            }
        }
        if options.json { return try Output.json(result) }
        write(result)
    }

    /// The deployment of a name or an id, in any project and environment or in given ones.
    static func find(
        _ deployment: String, project: String?, environment: DeploymentEnvironment?,
        in tx: any Transaction
    ) throws -> Deployment {
        let project = try project.map { try RunFilter.project($0, in: tx).id }
        let scopes = [
            project.map { Deployment.columns.projectID == $0 },
            environment.map { Deployment.columns.environment == $0 },
        ].compactMap(\.self)
        let scope = scopes.dropFirst().reduce(scopes.first) { all, next in all.map { $0 && next } }
        return try Deployment.find(deployment, in: tx, where: scope)
    }

    private func write(_ result: Result) {
        let report = result.deployment
        let deployment = report.deployment
        Fields.write([
            "deployment": deployment.name,
            "id": deployment.id.description,
            "project": report.projectSlug,
            "environment": deployment.environment.rawValue,
            "status": deployment.status.rawValue,
            "live": report.liveText,
            "stage": report.liveVersion?.stage.rawValue,
            "instances": instances(of: deployment),
            "endpoint": deployment.endpointURL,
            "deployed": Format.time(deployment.deployedAt),
            "terminated": deployment.terminatedAt.map { Format.time($0) },
            "open alerts": String(report.openAlerts),
        ])
        guard !result.history.isEmpty else { return }
        var table = TextTable([
            TextTable.Column("TIME"), TextTable.Column("ACTION"),
            TextTable.Column("VERSION", minimum: 8), TextTable.Column("STATUS", dropOrder: 2),
            TextTable.Column("NOTES", minimum: 12, dropOrder: 1),
        ])
        for change in result.history {
            let entry = change.entry
            let notes = [
                entry.reason, entry.demandedStage.map { "demands \($0.rawValue)" },
                entry.errorMessage.map { "error: \($0)" },
            ].compactMap(\.self).joined(separator: "; ")
            table.add([
                Format.time(entry.startedAt), entry.action.rawValue, change.versionText,
                entry.status.rawValue, notes.isEmpty ? Format.none : notes,
            ])
        }
        Output.line()
        table.write()
    }

    /// The minimum and maximum number of instances, or the number if both are equal.
    private func instances(of deployment: Deployment) -> String {
        let (least, most) = (deployment.minInstances, deployment.maxInstances)
        let count = least == most ? String(least) : "\(least) to \(most)"
        let kind = deployment.instanceType.isEmpty ? "" : " of \(deployment.instanceType)"
        return count + kind + (deployment.autoScaling ? ", scaling" : "")
    }
}
