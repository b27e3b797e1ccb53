import ArgumentParser
import MLOpsCore

/// The command `mlops audit prune`.
struct PruneAuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove the entries before a sealed one, once an export holds them.",
        discussion: """
            The sealed entry stays as the first one; keep its seal, under which the trail is \
            verified from now on, and the export, which is all there is of the older entries. It \
            is all or nothing, and leaves an entry `audit_log.prune`. Seals or a trail that are \
            not what they should be make the exit status 65, an export that lacks something 73.

            On PostgreSQL give a superuser's URL as --system-database: no other role may do it.

            EXAMPLES:
              mlops audit prune --seal seal-2026-01.json --public-key audit.pub \\
                  --export trail.jsonl --dry-run --database mlops.db
              mlops audit prune --seal seal-2026-02.json --previous seal-2026-01.json \\
                  --public-key audit.pub --export trail.jsonl --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var trail: TrailOptions

    @Option(help: ArgumentHelp("The seal of the first entry that stays.", valueName: "file"))
    var seal: String

    @Option(
        help: ArgumentHelp(
            "The public key that is trusted, or a file that holds it.", valueName: "key"))
    var publicKey: String

    @Option(
        help: ArgumentHelp(
            "A file of `mlops audit export` with every entry that is to go.", valueName: "file"))
    var export: String

    @OptionGroup var earlier: PreviousSealOptions

    @Flag(help: "Check everything, and show what would go.")
    var dryRun = false

    private struct Result: Encodable {
        let isDryRun: Bool
        let removedEntries: Int
        let firstSequence: Int
    }

    func run() async throws {
        let seal = try AuditFiles.seal(seal)
        let previous = try earlier.seals()
        let key = try AuditFiles.publicKey(publicKey)
        let database = try Database(options)
        let (trail, export, dryRun) = (trail, export, dryRun)
        let summary = try await Interrupt.cancelling {
            try await database.trail(trail) { trail, store in
                try await store.withSystemAccess(reason: "mlops audit prune") { access in
                    let prune = AuditPrune(
                        of: trail.organizationID, before: seal, previous: previous, trusting: key,
                        exportedTo: export, by: access)
                    return try await dryRun ? prune.preview() : prune.run()
                }
            }
        }
        if options.json {
            return try Output.json(
                Result(
                    isDryRun: dryRun, removedEntries: summary.count,
                    firstSequence: summary.firstSequence))
        }
        let count = Format.count(summary.count, "entry", plural: "entries")
        Output.line(
            "\(count) \(dryRun ? "would be " : "")removed; "
                + "the trail begins with entry \(summary.firstSequence)")
    }
}
