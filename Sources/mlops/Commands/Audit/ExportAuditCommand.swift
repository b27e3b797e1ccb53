import ArgumentParser
import MLOpsCore

/// The command `mlops audit export`.
struct ExportAuditCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the audit trail to a file of JSON lines, in the order of its chain.",
        discussion: """
            An existing file is continued after its last complete line: the same command resumes \
            an interrupted export, or brings last month's up to date. The member `hash` of a line \
            is the SHA-256 of the line without that member.

            EXAMPLES:
              mlops audit export --out trail.jsonl --database mlops.db
              mlops audit export --out jan.jsonl --since 2026-01-01 --until 2026-02-01
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var trail: TrailOptions
    @OptionGroup var period: PeriodOptions

    @Option(help: ArgumentHelp("The file to create or continue.", valueName: "file"))
    var out: String

    func run() async throws {
        let database = try Database(options)
        let progress = Progress("export")
        let (trail, out, period) = (trail, out, period)
        let summary = try await database.trail(trail) { trail, _ in
            defer { progress.finish() }
            return try await trail.export.run(
                to: out, since: period.since?.date, until: period.until?.date
            ) { progress.update($0, of: $1) }
        }
        if options.json { return try Output.json(summary) }
        let count = Format.count(summary.added, "entry", plural: "entries")
        Output.line("\(count) added to \(out), which holds \(summary.entries)")
    }
}
