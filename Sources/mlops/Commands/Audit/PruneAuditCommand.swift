import ArgumentParser
import MLOpsCore

/// The command `mlops audit prune`.
struct PruneAuditCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove the entries before a sealed one, if an export contains them.",
        discussion: """
            The sealed entry becomes the first one. Keep its seal, which is needed to verify the \
            trail from now on, and the export, which is the only copy of the older entries. \
            Either all of them are removed or none; an entry `audit_log.prune` records it. The \
            exit status is 65 for an invalid seal or trail, and 73 for an incomplete export.

            On PostgreSQL give a superuser's URL as --system-database: no other role may prune.

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
            "The trusted public key, or a file that contains it.", valueName: "key"))
    var publicKey: String

    @Option(
        help: ArgumentHelp(
            "A file of `mlops audit export` that has every entry to remove.", valueName: "file"))
    var export: String

    @OptionGroup var earlier: PreviousSealOptions

    @Flag(help: "Check everything, and show what would be removed.")
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
        let summary = try await database.trail(trail) { trail, store in
            try await store.withSystemAccess(reason: "mlops audit prune") { access in
                let prune = AuditPrune(
                    of: trail.organizationID, before: seal, previous: previous, trusting: key,
                    exportedTo: export, by: access)
                return try await dryRun ? prune.preview() : prune.run()
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
