import ArgumentParser
import Foundation
import MLOpsCore

/// The root of the command line.
@main
struct MLOps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlops",
        abstract: "Inspect and maintain an MLOps store, in a SQLite file or on PostgreSQL.",
        discussion: """
            In an organization, a command acts on behalf of the first active one of its owners: \
            anyone who can open the database can act for any of its users.

            Tables are cut to the width of the terminal, or to COLUMNS. In a pipe or a file, \
            without COLUMNS, nothing is cut. Times are in UTC. A terminal shows colours, unless \
            NO_COLOR is set or TERM is dumb.

            EXAMPLES:
              mlops seed --database sample.db
              mlops runs list --database sample.db --sort val_auc
              MLOPS_DATABASE=sample.db mlops db status --json
              mlops runs list --database postgresql://mlops_app@db.example.com/mlops \\
                --system-database postgresql://mlops_system@db.example.com/mlops

            EXIT STATUS:
            \(ExitStatus.help)
            """,
        version: libraryVersion,
        subcommands: [
            DatabaseCommand.self, SeedCommand.self, ProjectsCommand.self, ExperimentsCommand.self,
            RunsCommand.self, MetricsCommand.self, ArtifactsCommand.self, ImportCommand.self,
            ExportCommand.self, ModelsCommand.self, DeploymentsCommand.self, AlertsCommand.self,
            ChannelsCommand.self, RulesCommand.self, NotifyCommand.self, ServeCommand.self,
            DriftCommand.self, PurgeCommand.self, KeysCommand.self, UsersCommand.self,
            SecretsCommand.self, AuditCommand.self,
        ])

    /// Declared here too, so that the options may precede the subcommand.
    @OptionGroup var options: GlobalOptions

    static func main() async {
        do {
            try await Interrupt.cancelling {
                var command = try await asyncParseAsRoot()
                do {
                    if var command = command as? any AsyncParsableCommand {
                        try await command.run()
                    } else {
                        try command.run()
                    }
                } catch {
                    if Failure(error)?.isAbsence == true {
                        (command as? any ReportingCommand)?.reportAbsence()
                    }
                    throw error
                }
            }
        } catch {
            end(error)
        }
    }

    /// Reports an error in one line and exits with its status.
    ///
    /// The argument parser writes help, and the text of usage errors.
    private static func end(_ error: any Error) -> Never {
        guard let failure = Failure(error) else {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            // It repeats an argument, which a script may have from what somebody else wrote.
            for line in fullMessage(for: error).split(
                separator: "\n", omittingEmptySubsequences: false)
            {
                Output.error(String(line))
            }
            Foundation.exit(ExitStatus.usage.rawValue)
        }
        if !failure.message.isEmpty { Output.error("mlops: \(failure.message.joinedLines)") }
        Foundation.exit(failure.status.rawValue)
    }
}
