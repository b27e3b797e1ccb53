import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops artifacts get`.
struct ExportArtifactCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Copy an artifact of a run to a file or directory.",
        discussion: """
            The bytes are checked against the recorded SHA-256, and nothing is replaced. In a \
            directory that exists, the copy gets the artifact's name, with the extension that it \
            was logged with.

            EXAMPLES:
              mlops artifacts get mlp-64 weights --database mlops.db
              mlops artifacts get mlp-64 weights --to model.safetensors
            """,
        aliases: ["export"])

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var filter: RunFilter

    @Argument(
        help: ArgumentHelp(
            "The run's name, its id, or four or more characters at either end of its id.",
            valueName: "run"),
        completion: .runs)
    var runName: String

    @Argument(help: "The artifact's name in the run.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "A directory that exists, or a new path (default: the working directory).",
            valueName: "path"))
    var to = "."

    private struct Result: Encodable {
        let path: String
        let artifact: Artifact
    }

    func run() async throws {
        let (name, to) = (name, to)
        let result = try await Database(options).workspace(tenant) { workspace in
            let run = try await workspace.read { [self] tx in
                try ExperimentRun.find(runName, in: tx, where: try filter.condition(in: tx))
            }
            guard let artifact = run.artifacts[name] else {
                throw Failure.nothing(
                    "there is no artifact \(name)" + Failure.hint(run.artifacts.keys))
            }
            let file = try await workspace.exportArtifact(
                named: name, of: run.id, to: URL(filePath: to))
            return Result(path: file.path, artifact: artifact)
        }
        if options.json { return try Output.json(result) }
        let size = Format.bytes(Int(clamping: result.artifact.sizeBytes))
        Output.line("\(result.path), \(size)")
    }
}
