import ArgumentParser

/// The command `mlops deployments`.
struct DeploymentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployments",
        abstract: "Deployments: what is live on them, and changes of it.",
        subcommands: [
            ListDeploymentsCommand.self, ShowDeploymentCommand.self, DeployCommand.self,
            UpdateDeploymentCommand.self, ScaleDeploymentCommand.self,
            RollbackDeploymentCommand.self, TerminateDeploymentCommand.self,
            MarkDeploymentCommand.self, BeginChangeCommand.self, CompleteChangeCommand.self,
            FailChangeCommand.self, WatchDeploymentCommand.self,
        ])
}
