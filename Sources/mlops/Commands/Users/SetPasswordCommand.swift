import ArgumentParser
import MLOpsCore

/// The command `mlops users set-password`.
struct SetPasswordCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-password",
        abstract: "Set a user's password, read from the first line of standard input.",
        discussion: """
            EXAMPLES:
              mlops users set-password ada@example.com
              mlops users set-password ada@example.com <password.txt
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The user's email address.")
    var email: String

    @Flag(help: "Remove the password instead.")
    var remove = false

    func run() async throws {
        let database = try Database(options)
        let password = remove ? nil : try SecretInput.line(of: "-", "password")
        let report = try await database.open(for: .use) { store in
            try await store.withSystemAccess(reason: "mlops users set-password") { access in
                let user = try await access.read { [email] in try UsersCommand.user(email, in: $0) }
                try await store.setPassword(password, for: user.id)
                return try await access.read {
                    try UserReport(try $0.users.find(user.id), in: $0)
                }
            }
        }
        if options.json { return try Output.json(report) }
        Output.line("\(report.email) \(remove ? "has no password" : "has a new password")")
    }
}
