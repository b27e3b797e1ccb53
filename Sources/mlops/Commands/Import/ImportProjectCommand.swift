import ArgumentParser
import Foundation
import MLOpsTransfer

/// The command `mlops import project`.
struct ImportProjectCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "Take the archive of a project that `mlops export project` has made.",
        discussion: """
            Every byte is verified, and every row read, before anything is stored. Ids, times, \
            states and deletions stay as they were. Where an id exists elsewhere in the database, \
            all of them are made anew. People are found by id, then by e-mail.

            EXAMPLE:
              mlops import project digits.tar.gz --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The archive.", completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp(
            "The project to add to, or the name of a new one (default: that of the archive).",
            valueName: "name or slug"))
    var project: String?

    @Flag(help: "Read everything and report what would be taken, without writing.")
    var dryRun = false

    func run() async throws {
        let importer = ProjectImporter(
            from: URL(filePath: file), project: project, isDryRun: dryRun)
        try await take(acting, isDryRun: dryRun) { store, workspace, bar in
            try await importer.run(into: store, as: workspace) {
                bar.update($0.runs, of: $0.totalRuns)
            }
        }
    }
}
