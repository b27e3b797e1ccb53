import ArgumentParser
import MLOpsCore

/// The version of a model that a command is about, and the stage.
struct VersionOptions: ParsableArguments {
    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(
        help: "The model's name, its id, or a part of its id.",
        completion: .models)
    var model: String

    @Argument(help: "The version.")
    var version: String

    @Option(help: ArgumentHelp("The stage.", valueName: "stage"))
    var to: Choice<ModelStage>

    var stage: ModelStage { to.value }

    @Option(
        help: ArgumentHelp("The project, if several have the name.", valueName: "slug"),
        completion: .projects)
    var project: String?

    func find(in tx: any Transaction) throws -> ModelVersion {
        let model = try ShowModelCommand.find(model, project: project, in: tx)
        return try ModelVersion.find(version, of: model.id, called: model.name, in: tx)
    }
}

extension ModelVersion {
    /// The version of a model.
    ///
    /// - Parameter noun: What the error calls the model.
    /// - Throws: `Failure` that names the versions there are.
    static func find(
        _ version: String, of model: Identifier<Model>, called noun: String,
        in tx: any Transaction
    ) throws -> ModelVersion {
        if let found = try tx.modelVersions.version(version, of: model) { return found }
        let others = try tx.modelVersions.of(model: model).map(\.version)
        throw Failure.nothing("\(noun) has no version \(version)" + Failure.hint(others))
    }
}

extension PromotionReport {
    /// Writes a line for each gate.
    func write() {
        guard !checks.isEmpty else { return Output.line("\(stage.rawValue) has no gates") }
        var table = TextTable([
            TextTable.Column("GATE", minimum: 12), TextTable.Column("DEMANDS", minimum: 16),
            TextTable.Column("FIGURE", isRight: true),
            TextTable.Column("PRODUCTION", isRight: true),
            TextTable.Column("RESULT"),
        ])
        for check in checks {
            table.add([
                check.name, check.demand, check.figure.map { Format.number($0) } ?? Format.none,
                check.baseline.map { Format.number($0) } ?? Format.none,
                check.passed ? "passed" : "FAILED",
            ])
        }
        table.write()
    }
}
