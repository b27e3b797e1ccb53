import ArgumentParser
import MLOpsCore
import MLOpsTransfer

/// The command `mlops runs recover`.
struct RecoverRunsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "End the runs whose process is gone.",
        discussion: """
            Such a run ends as failed, at its last heartbeat. A process of this machine is looked \
            for; of another machine the age of the heartbeat tells.

            EXAMPLES:
              mlops runs recover
              mlops runs recover --stale-after 3600
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Option(
        help: ArgumentHelp(
            "The age from which the heartbeat of a run elsewhere is too old.",
            valueName: "seconds"))
    var staleAfter = 60.0

    func validate() throws {
        guard (0...1e9).contains(staleAfter) else {
            throw ValidationError("--stale-after takes 0 to 1000000000.")
        }
    }

    func run() async throws {
        let reports = try await Database(options).workspace(tenant) { workspace in
            let runs = try await workspace.recoverAbandonedRuns(staleAfter: .seconds(staleAfter))
            return try await workspace.read { tx in
                try RunReport.all(runs, at: workspace.now, in: tx)
            }
        }
        if options.json { return try Output.json(reports) }
        for report in reports {
            Output.line("ended \(ShortID.text(report.run.id)) \(report.run.runName) as failed")
        }
        if reports.isEmpty { Output.line("no run has lost its process") }
    }
}
