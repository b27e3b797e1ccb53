import ArgumentParser
import MLOpsCore

/// The options of the commands that change one user.
struct UserOptions: ParsableArguments {
    @OptionGroup var options: GlobalOptions

    @Argument(help: "The user's email address.")
    var email: String

    /// Changes the user, and writes the result.
    func change(
        _ done: String, scrubs: Bool = false,
        _ body: @escaping @Sendable (any UserRepository, Identifier<User>) throws -> User
    ) async throws {
        try await Database(options).open(for: .use) { [email] store in
            let report = try await store.withSystemAccess(reason: "mlops users") { access in
                try await access.write { tx in
                    let user = try UsersCommand.user(email, in: tx)
                    return try UserReport(body(tx.users, user.id), in: tx)
                }
            }
            if options.json {
                try Output.json(report)
            } else {
                Output.line("\(done) \(email)")
            }
            guard scrubs else { return }
            let rows = try await mentions(in: store)
            Output.remains(rows + (try await store.scrub().remains), json: options.json)
        }
    }
}

extension UserOptions {
    /// The rows of organizations that still hold the address, which are not the user's to change.
    private func mentions(in store: any Store) async throws -> [String] {
        let address = EmailAddress.normalized(email)
        return try await store.withSystemAccess(reason: "mlops users") { access in
            try await access.read { tx in
                var rows: [String] = []
                let billed = Query<Organization>(
                    where: { $0.billingEmail == address }, deleted: .included)
                try tx.organizations.forEach(billed) {
                    rows.append("the billing address of the organization \($0.slug)")
                    return true
                }
                try tx.notificationChannels.forEach(Query(deleted: .included)) { channel in
                    if channel.config.description.lowercased().contains(address) {
                        rows.append("the notification channel \(channel.name) (\(channel.id))")
                    }
                    return true
                }
                return rows
            }
        }
    }
}

/// The command `mlops users deactivate`.
struct DeactivateUserCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "deactivate",
        abstract: "Disable a user in every organization, immediately.",
        discussion: "EXAMPLE:\n  mlops users deactivate ada@example.com")

    @OptionGroup var user: UserOptions

    var options: GlobalOptions { user.options }

    func run() async throws {
        try await user.change("deactivated") { try $0.deactivate($1) }
    }
}

/// The command `mlops users activate`.
struct ActivateUserCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate",
        abstract: "Enable a deactivated user again.",
        discussion: "EXAMPLE:\n  mlops users activate ada@example.com")

    @OptionGroup var user: UserOptions

    var options: GlobalOptions { user.options }

    func run() async throws { try await user.change("activated") { try $0.activate($1) } }
}

/// The command `mlops users erase`.
struct EraseUserCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase a user's personal data permanently; the id stays.",
        discussion: """
            Address, names, picture, settings and password are removed, the user's API keys are \
            revoked and their memberships end. The file is rewritten, so that nothing of them is \
            left in it; what the command cannot reach is listed. This cannot be undone.

            EXAMPLE:
              mlops users erase ada@example.com --yes
            """)

    @OptionGroup var user: UserOptions

    var options: GlobalOptions { user.options }

    @Flag(help: "Confirm the erasure.")
    var yes = false

    func validate() throws {
        guard yes else {
            throw ValidationError("Erasing cannot be undone; confirm with --yes.")
        }
    }

    func run() async throws {
        try await user.change("erased", scrubs: true) { try $0.erase($1) }
    }
}
