import ArgumentParser

/// The command `mlops deployments`.
struct DeploymentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployments",
        abstract: "List and show deployments, and what is live on them.",
        subcommands: [ListDeploymentsCommand.self, ShowDeploymentCommand.self])
}
