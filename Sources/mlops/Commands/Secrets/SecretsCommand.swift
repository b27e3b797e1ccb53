import ArgumentParser

/// The command `mlops secrets`.
struct SecretsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets",
        abstract: "Generate and rotate the keys that seal the secrets of notification channels.",
        subcommands: [GenerateSecretKeyCommand.self, RotateSecretsCommand.self])
}
