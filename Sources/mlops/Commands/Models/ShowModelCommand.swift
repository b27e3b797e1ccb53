import ArgumentParser
import MLOpsCore

/// The command `mlops models show`.
struct ShowModelCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a model and its versions.",
        discussion: "EXAMPLE:\n  mlops models show digits-mlp --database mlops.db")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Argument(
        help: "The model's name, its id, or four or more characters at either end of its id.",
        completion: .models)
    var model: String

    @Option(
        help: ArgumentHelp("The project, if several have the name.", valueName: "slug"),
        completion: .projects)
    var project: String?

    func run() async throws {
        let report = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { [self] in
                try ModelReport(Self.find(model, project: project, in: $0), in: $0)
            }
        }
        if options.json { return try Output.json(report) }
        write(report)
    }

    /// The model of a name or an id, in any project or a given one.
    static func find(
        _ model: String, project: String?, in tx: any Transaction
    ) throws -> Model {
        let project = try project.map { try RunFilter.project($0, in: tx).id }
        return try Model.find(
            model, in: tx, where: project.map { Model.columns.projectID == $0 })
    }

    private func write(_ report: ModelReport) {
        let model = report.model
        Fields.write([
            "model": model.name,
            "id": model.id.description,
            "project": report.projectSlug,
            "description": model.description,
            "type": model.modelType.isEmpty ? nil : model.modelType,
            "task": model.taskType.isEmpty ? nil : model.taskType,
            "framework": model.framework.isEmpty ? nil : model.framework,
            "tags": model.tags.isEmpty ? nil : model.tags.joined(separator: ", "),
            "created": Format.time(model.createdAt),
        ])
        guard !report.versions.isEmpty else { return }
        var table = TextTable([
            TextTable.Column("ID"), TextTable.Column("VERSION", minimum: 8),
            TextTable.Column("STAGE"), TextTable.Column("ALIASES", minimum: 8),
            TextTable.Column("CREATED", dropOrder: 2), TextTable.Column("RUN", dropOrder: 3),
            TextTable.Column("SIZE", isRight: true, dropOrder: 4),
            TextTable.Column("PERFORMANCE", minimum: 24, dropOrder: 1),
        ])
        for version in report.versions {
            table.add([
                ShortID.text(version.id), version.version, version.stage.rawValue,
                model.aliases(of: version.id).sorted().joined(separator: ", "),
                Format.minute(version.createdAt),
                version.sourceRunID.map { ShortID.text($0) } ?? Format.none,
                version.modelSizeBytes.map { Format.bytes(Int(clamping: $0)) } ?? Format.none,
                Format.pairs(version.performanceMetrics.object ?? [:]),
            ])
        }
        Output.line()
        table.write()
    }
}
