import ArgumentParser

/// The command `mlops models`.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "Registered models, their versions, and what lets them into a stage.",
        subcommands: [
            ListModelsCommand.self, ShowModelCommand.self, LineageCommand.self,
            RegisterCommand.self, LoadCommand.self, PromoteCommand.self,
            RequestPromotionCommand.self, ApproveCommand.self, RejectCommand.self,
            PromotionPolicyCommand.self, AliasCommand.self,
        ])
}
