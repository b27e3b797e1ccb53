import ArgumentParser
import MLOpsCore

/// The command `mlops users invite`.
struct InviteUserCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite",
        abstract: "Invite a person into an organization.",
        discussion: """
            The invitation gives no rights until it is accepted, by a program that has verified \
            who the person is.

            EXAMPLE:
              mlops users invite ada@example.com --role admin
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Argument(help: "The person's email address.")
    var email: String

    @Option(
        help: ArgumentHelp("owner, admin, member or viewer (default: member).", valueName: "role"),
        transform: {
            guard let role = OrganizationRole(rawValue: $0) else {
                throw ValidationError("the roles are owner, admin, member and viewer")
            }
            return role
        })
    var role = OrganizationRole.member

    func run() async throws {
        let membership = try await Database(options).workspace(tenant) { workspace in
            try await workspace.invite(email: email, role: role)
        }
        if options.json { return try Output.json(membership) }
        Output.line("invited \(email) as \(membership.role)")
    }
}
