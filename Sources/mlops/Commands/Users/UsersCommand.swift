import ArgumentParser
import MLOpsCore

/// The command `mlops users`.
struct UsersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users",
        abstract: "List users, invite them, set passwords, and end their access.",
        subcommands: [
            ListUsersCommand.self, InviteUserCommand.self, SetPasswordCommand.self,
            DeactivateUserCommand.self, ActivateUserCommand.self, EraseUserCommand.self,
        ])

    /// The live user with an address.
    static func user(_ email: String, in tx: any Transaction) throws -> User {
        guard let user = try tx.users.withEmail(email) else {
            throw Failure.nothing("there is no user \(email)")
        }
        return user
    }
}
