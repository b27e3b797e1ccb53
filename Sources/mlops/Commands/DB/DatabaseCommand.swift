import ArgumentParser

/// The command `mlops db`.
struct DatabaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db",
        abstract: "Create, check, query, copy, restore and shrink the database.",
        subcommands: [
            MigrateCommand.self, StatusCommand.self, VerifyCommand.self, RollbackCommand.self,
            BackupCommand.self, RestoreCommand.self, CopyCommand.self, VacuumCommand.self,
            RolesCommand.self, QueryCommand.self,
        ])
}
