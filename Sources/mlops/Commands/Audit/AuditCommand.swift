import ArgumentParser

/// The command `mlops audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "List, verify, seal, export and prune the audit trail.",
        subcommands: [
            ListAuditCommand.self, VerifyAuditCommand.self, SealAuditCommand.self,
            GenerateAuditKeyCommand.self, ExportAuditCommand.self, PruneAuditCommand.self,
        ])
}
