import ArgumentParser
import MLOpsCore

/// The command `mlops keys rotate`.
struct RotateKeyCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Create the successor of an API key and show it once.",
        discussion: """
            The new key has the name, user, scopes and lifetime of the old one, which expires \
            after the overlap.

            EXAMPLE:
              mlops keys rotate mlops_live_V4cTJ2mQxk9b --overlap 24h
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Argument(help: "The public prefix of the key, as `mlops keys list` shows it.")
    var prefix: String

    @Option(
        help: ArgumentHelp(
            "How long both keys are valid (default: 24h).", valueName: "24h"))
    var overlap: TimeSpan?

    func run() async throws {
        let report = try await Database(options).workspace(tenant) { workspace in
            let old = try await workspace.read { [self] in try KeysCommand.key(prefix, in: $0) }
            let issued = try await workspace.rotateAPIKey(
                old.id, overlap: overlap?.duration ?? .seconds(24 * 3600))
            return try await KeyReport(issued, in: workspace)
        }
        try report.writeIssued(json: options.json)
    }
}
