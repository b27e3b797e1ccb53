import ArgumentParser
import MLOpsCore

/// The command `mlops users list`.
struct ListUsersCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the users of every organization, sorted by address.",
        discussion: "EXAMPLE:\n  mlops users list --json")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var limit: LimitOptions

    func run() async throws {
        let query = Query<User>(order: { [$0.email.ascending] }, limit: limit.limit)
        let (users, hasMore) = try await Database(options).open(for: .use) { store in
            try await store.withSystemAccess(reason: "mlops users list") { access in
                try await access.read { tx in
                    let page = try tx.users.page(query)
                    return (try page.map { try UserReport($0, in: tx) }, page.next != nil)
                }
            }
        }
        guard !users.isEmpty else { throw Failure.nothing("there are no users") }
        if options.json { return try Output.json(users) }
        write(users)
        if hasMore { Output.line("there are more; raise --limit") }
    }

    private func write(_ users: [UserReport]) {
        var table = TextTable([
            TextTable.Column("EMAIL", minimum: 12),
            TextTable.Column("NAME", minimum: 8, dropOrder: 3),
            TextTable.Column("ACTIVE"), TextTable.Column("PASSWORD", dropOrder: 2),
            TextTable.Column("LAST LOGIN", dropOrder: 4),
            TextTable.Column("ORGANIZATIONS", minimum: 14, dropOrder: 1),
        ])
        for user in users {
            table.add([
                user.email, user.name, user.isActive ? "yes" : "no",
                user.hasPassword ? "yes" : "no", Format.minute(user.lastLoginAt),
                user.organizationText,
            ])
        }
        table.write()
    }
}
