import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops models load`.
struct LoadCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Copy the files of a version of a model, checked, to a file or directory.",
        discussion: """
            Every byte is checked against the version's SHA-256, and nothing is replaced.

            EXAMPLES:
              mlops models load digits-mlp --alias champion
              mlops models load digits-mlp --stage production --to model.safetensors
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Argument(help: "The model's name.", completion: .models)
    var model: String

    @Option(help: "The alias, `latest`, or `v` and the number of a version.")
    var alias: String?

    @Option(help: "The version.")
    var version: String?

    @Option(help: "The version that entered this stage last.")
    var stage: Choice<ModelStage>?

    @Option(help: ArgumentHelp("The project, if several have the name.", valueName: "slug"))
    var project: String?

    @Option(
        help: ArgumentHelp(
            "A directory that exists, or a new path (default: the working directory).",
            valueName: "path"))
    var to = "."

    func validate() throws {
        guard [alias != nil, version != nil, stage != nil].count(where: \.self) == 1 else {
            throw Self.noChoice
        }
    }

    private static let noChoice = ValidationError("Give one of --alias, --version and --stage.")

    private struct Result: Encodable {
        let path: String
        let version: ModelVersion
    }

    func run() async throws {
        let result = try await Database(options).workspace(tenant) { [self] workspace in
            let place = URL(filePath: to)
            let loaded =
                switch (alias, version, stage?.value) {
                case (let alias?, _, _):
                    try await workspace.load(
                        model: model, alias: alias, project: project, to: place)
                case (_, let version?, _):
                    try await workspace.load(
                        model: model, version: version, project: project, to: place)
                case (_, _, let stage?):
                    try await workspace.load(
                        model: model, stage: stage, project: project, to: place)
                case (nil, nil, nil): throw Self.noChoice
                }
            return Result(path: loaded.files.path, version: loaded.version)
        }
        if options.json { return try Output.json(result) }
        Output.line("\(result.path), \(model) \(result.version.version)")
    }
}
