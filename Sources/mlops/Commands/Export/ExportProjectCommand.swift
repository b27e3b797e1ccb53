import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsTransfer

/// The command `mlops export project`.
struct ExportProjectCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "Write a project as one archive, which `mlops import project` takes.",
        discussion: """
            The archive is a tar of JSON lines and artifacts, with a manifest of their SHA-256. It \
            holds everything of the project that who acts may read, deleted rows included, but no \
            members, keys, channels, rules, deliveries, or audit trail. The same project gives the \
            same bytes.

            It appears whole or not at all, and nothing is replaced. A name that ends with .tgz or \
            .gz compresses it.

            EXAMPLE:
              mlops export project fraud-detection --out fraud.tar.gz --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The project's name or slug, its id, or four or more characters of it.")
    var project: String

    @Option(help: ArgumentHelp("The archive to make.", valueName: "file"), completion: .file())
    var out: String

    func run() async throws {
        let database = try Database(options)
        let bar = Progress("exporting")
        defer { bar.finish() }
        let report = try await database.open(for: .use) { store in
            let workspace = try await Tenant.workspace(of: store, acting)
            let project = project
            let found = try await workspace.read { try Project.find(project, in: $0) }
            let exporter = ProjectExporter(
                of: found.id, in: workspace, artifacts: store.artifacts)
            return try await exporter.run(to: URL(filePath: out)) {
                bar.update($0.runs, of: $0.totalRuns)
            }
        }
        if options.json { return try Output.json(report) }
        for line in report.description.split(separator: "\n") {
            Output.line(String(line).singleLine)
        }
        Output.line("\(Format.bytes(Int(clamping: report.sizeBytes))) written to \(out)")
    }
}
