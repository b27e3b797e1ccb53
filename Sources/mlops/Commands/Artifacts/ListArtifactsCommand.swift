import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops artifacts list`.
struct ListArtifactsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the artifacts of a run.",
        discussion: "EXAMPLE:\n  mlops artifacts list mlp-64 --database mlops.db")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var filter: RunFilter

    @Argument(
        help: "The run's name, its id, or four or more characters at either end of its id.",
        completion: .runs)
    var run: String

    private struct Entry: Encodable {
        let name: String
        let artifact: Artifact

        private enum CodingKeys: String, CodingKey { case name }

        func encode(to encoder: any Encoder) throws {
            try artifact.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
        }
    }

    func run() async throws {
        let found = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { [self] tx in
                try ExperimentRun.find(run, in: tx, where: try filter.condition(in: tx))
            }
        }
        let entries = found.artifacts.sorted { $0.key < $1.key }
            .map { Entry(name: $0.key, artifact: $0.value) }
        guard !entries.isEmpty else {
            throw Failure.nothing("the run \(found.runName) has no artifact")
        }
        if options.json { return try Output.json(entries) }
        var table = TextTable([
            TextTable.Column("ARTIFACT", minimum: 12), TextTable.Column("KIND", dropOrder: 1),
            TextTable.Column("SIZE", isRight: true), TextTable.Column("SHA-256", minimum: 12),
        ])
        for entry in entries {
            let artifact = entry.artifact
            table.add([
                entry.name, artifact.kind.rawValue,
                Format.bytes(Int(clamping: artifact.sizeBytes)), artifact.sha256,
            ])
        }
        table.write()
    }
}

/// The command `mlops artifacts put`.
struct PutArtifactCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Add a file or directory to the artifacts of a run.",
        discussion: """
            An artifact of the same name is replaced.

            EXAMPLES:
              mlops artifacts put mlp-64 weights.safetensors
              mlops artifacts put mlp-64 report.html --name report
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var chosen: ChosenRun

    @Argument(help: "The file or directory.", completion: .file())
    var path: String

    @Option(
        help: ArgumentHelp("The name in the run (default: that of the file).", valueName: "name"))
    var name: String?

    private struct Result: Encodable {
        let run: Identifier<ExperimentRun>
        let name: String
        let artifact: Artifact
    }

    func run() async throws {
        let file = URL(filePath: path)
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure(.noInput, "\(path) does not exist")
        }
        let name = name ?? file.lastPathComponent
        let result = try await Database(options).workspace(chosen.acting) { workspace in
            let run = try await workspace.read { [chosen] in try chosen.find(in: $0) }
            let artifact = try await workspace.addArtifact(file, named: name, to: run.id)
            return Result(run: run.id, name: name, artifact: artifact)
        }
        if options.json { return try Output.json(result) }
        let size = Format.bytes(Int(clamping: result.artifact.sizeBytes))
        Output.line("added \(name), \(size)")
    }
}
