import ArgumentParser
import MLOpsCore

/// The command `mlops keys list`.
struct ListKeysCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List API keys, newest first, including expired and revoked ones.",
        discussion: "EXAMPLE:\n  mlops keys list --json")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var limit: LimitOptions

    func run() async throws {
        let query = Query<APIKey>(order: { [$0.createdAt.descending] }, limit: limit.limit)
        let (keys, hasMore) = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { tx in
                let page = try tx.apiKeys.page(query)
                let now = workspace.now
                return (try page.map { try KeyReport($0, at: now, in: tx) }, page.next != nil)
            }
        }
        guard !keys.isEmpty else { throw Failure.nothing("there are no API keys") }
        if options.json { return try Output.json(keys) }
        write(keys)
        if hasMore { Output.line("there are more; raise --limit") }
    }

    private func write(_ keys: [KeyReport]) {
        var table = TextTable([
            TextTable.Column("PREFIX"), TextTable.Column("NAME", minimum: 8),
            TextTable.Column("STATUS"),
            TextTable.Column("EXPIRES", dropOrder: 1),
            TextTable.Column("USER", minimum: 8, dropOrder: 2),
            TextTable.Column("LAST USED", dropOrder: 3), TextTable.Column("SCOPES", dropOrder: 4),
        ])
        for key in keys {
            table.add([
                key.prefix, key.name, key.status, Format.minute(key.expiresAt),
                key.user ?? Format.none, Format.minute(key.lastUsedAt), key.scopeText,
            ])
        }
        table.write()
    }
}
