import ArgumentParser
import MLOpsCore

/// The command `mlops keys create`.
struct CreateKeyCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create an API key and show it once.",
        discussion: """
            A key may do what both its user's role and its scopes allow. A scope is a table and \
            the actions read, write, delete and purge on it; * stands for every table or action.

            EXAMPLES:
              mlops keys create --name trainer --scope experiment_runs=write
              mlops keys create --name ci --scope '*=*' --project digits --expires-in 30d
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Option(help: "What the key is for.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "A table and the actions on it; may be repeated.", valueName: "table=action,..."),
        transform: { try Scope($0) })
    var scope: [Scope]

    @Option(
        help: ArgumentHelp("Only this project; may be repeated.", valueName: "slug"))
    var project: [String] = []

    @Option(help: ArgumentHelp("When it expires, or never.", valueName: "90d"))
    var expiresIn = Expiry.usual

    @Option(
        help: ArgumentHelp(
            "The member it acts for (default: the first owner).", valueName: "email"))
    var user: String?

    @Option(help: "A part of the key that names its environment, such as live or test.")
    var environment = "live"

    private var scopes: [String: [String]] {
        Dictionary(grouping: scope, by: \.resource).mapValues { $0.flatMap(\.actions) }
    }

    func run() async throws {
        let report = try await Database(options).workspace(tenant) { workspace in
            let (holder, limits) = try await workspace.read { [self] tx in
                (try member(in: tx), try projects(in: tx))
            }
            let issued = try await workspace.issueAPIKey(
                name: name, permissions: APIKeyPermissions(scopes: scopes, projects: limits),
                for: holder, environment: environment, expiresIn: expiresIn.duration)
            return try await KeyReport(issued, in: workspace)
        }
        try report.writeIssued(json: options.json)
    }

    private func member(in tx: any Transaction) throws -> Identifier<User>? {
        guard let user else { return nil }
        guard let found = try tx.users.withEmail(user) else {
            throw Failure.nothing("\(user) is no member of the organization")
        }
        return found.id
    }

    private func projects(in tx: any Transaction) throws -> [Identifier<Project>]? {
        project.isEmpty ? nil : try project.map { try RunFilter.project($0, in: tx).id }
    }
}
