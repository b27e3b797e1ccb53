import ArgumentParser
import MLOpsCore

/// The command `mlops models lineage`.
struct LineageCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "lineage",
        abstract: "Show where a version comes from, and where it is deployed.",
        discussion: "EXAMPLE:\n  mlops models lineage 'XGBoost Fraud Classifier' 1.1.0")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Argument(help: "The model's name, its id, or a part of its id.", completion: .models)
    var model: String

    @Argument(help: "The version.")
    var version: String

    @Option(
        help: ArgumentHelp("The project, if several have the name.", valueName: "slug"),
        completion: .projects)
    var project: String?

    private struct Result: Encodable, Sendable {
        let lineage: Lineage
        let deployments: [Deployment]
    }

    func run() async throws {
        let result = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { [self] tx in
                let model = try ShowModelCommand.find(model, project: project, in: tx)
                let version = try ModelVersion.find(
                    version, of: model.id, called: model.name, in: tx)
                return Result(
                    lineage: try tx.modelVersions.lineage(of: version.id),
                    deployments: try tx.deployments.all(
                        where: { $0.modelVersionID == version.id },
                        order: { [$0.name.ascending] }))
            }
        }
        if options.json { return try Output.json(result) }
        write(result)
    }

    private func write(_ result: Result) {
        let lineage = result.lineage
        let version = lineage.version
        let run = lineage.run
        Fields.write([
            "version": "\(lineage.model.name) \(version.version)",
            "id": version.id.description,
            "stage": version.stage.rawValue,
            "project": lineage.project.slug,
            "created": Format.time(version.createdAt),
            "size": version.modelSizeBytes.map { Format.bytes(Int(clamping: $0)) },
            "experiment": lineage.experiment?.name,
            "run": run.map { "\($0.runName) (\($0.id))" } ?? "none, or a deleted one",
            "run status": run?.status.rawValue,
            "commit": run?.environment["git_commit"]?.string,
            "host": run?.environment["host"]?.string,
            "started": run?.startedAt.map { Format.time($0) },
            "deployed": result.deployments.isEmpty
                ? "nowhere"
                : result.deployments.map {
                    "\($0.name) (\($0.environment.rawValue), \($0.status.rawValue))"
                }.joined(separator: ", "),
        ])
        guard let run else { return }
        let parameters = run.flatParameters.mapValues { Format.json($0) }
        let metrics = run.metrics.mapValues { Format.number($0.last) }
        for (title, pairs) in [("PARAMETER", parameters), ("METRIC", metrics)] where !pairs.isEmpty
        {
            var table = TextTable([
                TextTable.Column(title, minimum: 8), TextTable.Column("VALUE", minimum: 8),
            ])
            for (name, value) in pairs.sorted(by: { $0.key < $1.key }) { table.add([name, value]) }
            Output.line()
            table.write()
        }
    }
}
