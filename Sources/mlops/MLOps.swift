import ArgumentParser
import Foundation
import MLOpsCore

/// The root of the command line.
@main
struct MLOps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlops",
        abstract: "Look at and look after an MLOps store, in a SQLite file or on PostgreSQL.",
        discussion: """
            What a command does in an organization, it does on behalf of the first of its owners \
            who is active: whoever may read the database may act for anybody in it.

            Tables fit the terminal, or the columns that COLUMNS says; in a pipe or a file, \
            without COLUMNS, nothing is cut.

            EXAMPLES:
              mlops seed --database sample.db
              mlops runs list --database sample.db --sort accuracy
              MLOPS_DATABASE=sample.db mlops db status --json
              mlops runs list --database postgresql://mlops_app@db.example.com/mlops \\
                --system-database postgresql://mlops_system@db.example.com/mlops

            EXIT STATUS:
            \(ExitStatus.help)
            """,
        version: libraryVersion,
        subcommands: [
            DatabaseCommand.self, SeedCommand.self, ProjectsCommand.self, RunsCommand.self,
            ModelsCommand.self, DeploymentsCommand.self, ArtifactsCommand.self, PurgeCommand.self,
            KeysCommand.self, UsersCommand.self, SecretsCommand.self, AuditCommand.self,
        ])

    /// Declared here too, so that they may stand before the subcommand.
    @OptionGroup var options: GlobalOptions

    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(error)
        }
    }

    /// Reports an error in one line and ends with its status; what the argument parser has to say
    /// (help, usage) it says in its own way.
    private static func end(_ error: any Error) -> Never {
        guard let failure = Failure(error) else { exit(withError: error) }
        if !failure.message.isEmpty {
            Output.error("mlops: \(failure.message.joinedLines.singleLine)")
        }
        Foundation.exit(failure.status.rawValue)
    }
}
