import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops audit list`.
struct ListAuditCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List entries of the audit trail, newest first.",
        discussion: """
            EXAMPLES:
              mlops audit list --resource model --since 2026-01-05 --database mlops.db
              mlops audit list --action deployment.update --user jane@example.com --json
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var trail: TrailOptions
    @OptionGroup var period: PeriodOptions
    @OptionGroup var limit: LimitOptions

    @Option(help: ArgumentHelp("Only this action, such as model.update.", valueName: "action"))
    var action: String?

    @Option(
        help: ArgumentHelp(
            "Only entries about this type of row, such as model, or about one row of that type.",
            valueName: "type[/id]"))
    var resource: String?

    @Option(help: ArgumentHelp("Only actions of this user.", valueName: "email or id"))
    var user: String?

    private struct Result: Sendable {
        var entries: [AuditLog] = []
        var emails: [Identifier<User>: String] = [:]
        var hasMore = false
    }

    func run() async throws {
        let result = try await Database(options).trail(trail) { trail, _ in
            try await trail.read { [self] in try load($0, trail.organizationID) }
        }
        guard !result.entries.isEmpty else { throw Failure.nothing("no entry was found") }
        if options.json { return try Output.json(result.entries) }
        write(result)
    }

    private func load(
        _ tx: any Transaction, _ organization: Identifier<Organization>?
    ) throws -> Result {
        var query = Query<AuditLog>(
            where: { $0.organizationID == organization }, order: { [$0.sequence.descending] },
            limit: limit.limit)
        if let action { query = query.filtered { $0.action == action } }
        if let since = period.since?.date { query = query.filtered { $0.createdAt >= since } }
        if let until = period.until?.date { query = query.filtered { $0.createdAt < until } }
        if let resource {
            let parts = resource.split(
                separator: "/", maxSplits: 1, omittingEmptySubsequences: false
            ).map(String.init)
            guard let type = parts.first, !parts.contains("") else {
                throw Failure(.usage, "--resource takes a type, or TYPE/ID")
            }
            query = query.filtered { $0.resourceType == type }
            if parts.count > 1 { query = query.filtered { $0.resourceID == parts[1] } }
        }
        if let user {
            let id = try Self.user(user, in: tx)
            query = query.filtered { $0.userID == id }
        }
        let page = try tx.auditLogs.page(query)
        var result = Result(entries: page.records, hasMore: page.next != nil)
        for user in Set(page.compactMap(\.userID)) {
            result.emails[user] = try tx.users.findIfExists(user)?.email
        }
        return result
    }

    /// The id of the user with an address; a text that is an id already is returned.
    ///
    /// The trail keeps the ids of users who no longer exist.
    private static func user(_ text: String, in tx: any Transaction) throws -> Identifier<User> {
        if let id = Identifier<User>(text) { return id }
        guard let user = try tx.users.withEmail(text) else {
            throw Failure.nothing("there is no user \(text)")
        }
        return user.id
    }

    private func write(_ result: Result) {
        var table = TextTable([
            TextTable.Column("ENTRY", isRight: true), TextTable.Column("TIME"),
            TextTable.Column("ACTION", minimum: 12), TextTable.Column("RESOURCE", minimum: 8),
            TextTable.Column("USER", minimum: 8, dropOrder: 1),
        ])
        for entry in result.entries {
            let resource = entry.resourceID.map { String($0.suffix(8)) } ?? Format.none
            let user = entry.userID.map { result.emails[$0] ?? ShortID.text($0) }
            table.add([
                "\(entry.sequence)", Format.time(entry.createdAt), entry.action, resource,
                user ?? Format.none,
            ])
        }
        table.write()
        if result.hasMore { Output.line("there are more; raise --limit") }
    }
}
