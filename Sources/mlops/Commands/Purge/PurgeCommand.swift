import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops purge`.
struct PurgeCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Remove deleted rows permanently, and free their space.",
        discussion: """
            The purge is one transaction. Deleted rows that live rows need stay, and the exit \
            status is then 1.

            EXAMPLES:
              mlops purge --dry-run --database mlops.db
              mlops purge --older-than 30 --all-organizations --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Flag(help: "Show what would be removed, without removing it.")
    var dryRun = false

    @Option(help: ArgumentHelp("Only rows deleted this many days ago or more.", valueName: "days"))
    var olderThan = 0.0

    @Flag(help: "Purge in all organizations, including deleted organizations and users.")
    var allOrganizations = false

    private struct Entry: Encodable, Sendable {
        let kind: String
        let id: String
        let name: String
        let deletedAt: Date
        let rows: [String: Int]
        let blockers: [String: Int]
        var isBlocked: Bool { !blockers.isEmpty }
        var total: Int { rows.values.reduce(0, +) }
    }

    private struct Result: Encodable {
        let isDryRun: Bool
        let entries: [Entry]
        let removedRows: Int
        let sizeBytesBefore: Int?
        let sizeBytes: Int?
    }

    /// Rolls back the transaction of a dry run, and carries its entries out.
    private struct Undone: Error { let entries: [Entry] }

    func validate() throws {
        guard olderThan >= 0, olderThan.isFinite else {
            throw ValidationError("--older-than takes a number of days, 0 or more.")
        }
        guard !allOrganizations || tenant.organization == nil else {
            throw ValidationError("Give --organization or --all-organizations, not both.")
        }
    }

    func run() async throws {
        let database = try Database(options)
        let before = database.size
        let (entries, remains) = try await database.open(for: .use) { store in
            let entries = try await purge(store)
            let isDone = !dryRun && !entries.allSatisfy(\.isBlocked)
            return (entries, isDone ? try await store.scrub().remains : [])
        }
        let removed = entries.filter { !$0.isBlocked }
        let result = Result(
            isDryRun: dryRun, entries: entries, removedRows: removed.reduce(0) { $0 + $1.total },
            sizeBytesBefore: before, sizeBytes: database.size)
        if options.json { try Output.json(result) } else { write(result) }
        Output.remains(remains, json: options.json)
        let blocked = entries.count - removed.count
        guard blocked == 0 else {
            throw Failure(
                .negative,
                "\(Format.count(blocked, "deletion")) cannot be purged: rows outside need them")
        }
    }

    private func purge(_ store: any Store) async throws -> [Entry] {
        let cutoff = store.clock().addingTimeInterval(-olderThan * 86_400)
        let (system, undo) = (allOrganizations, dryRun)
        let body: @Sendable (any Transaction) throws -> [Entry] = { tx in
            let roots = try PurgeCandidates(in: tx, before: cutoff, system: system).roots
            let entries = try roots.map { root in
                let preview = try root.purge(tx)
                return Entry(
                    kind: root.kind, id: root.id.uuidString.lowercased(), name: root.name,
                    deletedAt: root.deletedAt, rows: preview.counts, blockers: preview.blockers)
            }
            if undo { throw Undone(entries: entries) }
            return entries
        }
        do {
            guard system else {
                return try await Tenant.workspace(of: store, slug: tenant.organization).write(body)
            }
            return try await store.withSystemAccess(
                reason: "The purge of everything deleted crosses organizations."
            ) { try await $0.write(body) }
        } catch let undone as Undone {
            return undone.entries
        }
    }

    private func write(_ result: Result) {
        if !result.entries.isEmpty {
            var table = TextTable([
                TextTable.Column("KIND"), TextTable.Column("ID"),
                TextTable.Column("NAME", minimum: 8),
                TextTable.Column("DELETED", dropOrder: 1), TextTable.Column("ROWS", isRight: true),
                TextTable.Column("NEEDED BY", minimum: 8),
            ])
            for entry in result.entries {
                table.add([
                    entry.kind, String(entry.id.suffix(8)), entry.name,
                    Format.time(entry.deletedAt), String(entry.total),
                    entry.blockers.keys.sorted().joined(separator: ", "),
                ])
            }
            table.write()
        }
        let rows = Format.count(result.removedRows, "row")
        guard !result.isDryRun else { return Output.line("\(rows) would be removed") }
        guard let size = result.sizeBytes, let before = result.sizeBytesBefore else {
            return Output.line("removed \(rows)")
        }
        Output.line(
            "removed \(rows); the file has \(Format.bytes(size)), it had \(Format.bytes(before))")
    }
}
