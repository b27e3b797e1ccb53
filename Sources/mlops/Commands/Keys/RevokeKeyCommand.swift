import ArgumentParser
import MLOpsCore

/// The command `mlops keys revoke`.
struct RevokeKeyCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke an API key immediately and permanently.",
        discussion: "EXAMPLE:\n  mlops keys revoke mlops_live_V4cTJ2mQxk9b")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Argument(help: "The public prefix of the key, as `mlops keys list` shows it.")
    var prefix: String

    func run() async throws {
        let report = try await Database(options).workspace(tenant) { workspace in
            try await workspace.write { [self] tx in
                let key = try tx.apiKeys.revoke(try KeysCommand.key(prefix, in: tx).id)
                return try KeyReport(key, at: workspace.now, in: tx)
            }
        }
        if options.json { return try Output.json(report) }
        Output.line("revoked \(report.prefix)")
    }
}
