import ArgumentParser
import Crypto
import MLOpsCore

/// The command `mlops audit seal`.
struct SealAuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Check the audit trail, and sign its last entry in a file kept elsewhere.",
        discussion: """
            A trail that is broken is not sealed, and makes the exit status 65.

            EXAMPLE:
              mlops audit seal --key audit.key --out seal-01.json --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var trail: TrailOptions

    @Option(help: ArgumentHelp("The file of the private key.", valueName: "file"))
    var key: String

    @Option(help: ArgumentHelp("The new file of the seal.", valueName: "file"))
    var out: String

    @OptionGroup var earlier: PreviousSealOptions

    func run() async throws {
        let signing = Secret(try AuditFiles.privateKey(key))
        let previous = try earlier.seals()
        let seal = try await Database(options).trail(trail) { trail, _ in
            try await trail.read { tx in
                let key = signing.reveal()
                try tx.auditLogs.verify(against: previous, trusting: key.publicKey).check()
                return try tx.auditLogs.seal(with: key)
            }
        }
        try AuditFiles.create(out, mode: 0o644, try seal.json.canonicalText() + "\n")
        if options.json { return try Output.json(seal.json) }
        Output.line("entry \(seal.sequence) is sealed in \(out)".singleLine)
    }
}

/// The seals of earlier prunes, under which a trail may begin later than with its first entry.
struct PreviousSealOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Seals of the same key, under one of which older entries were pruned.",
            valueName: "file"))
    var previous: [String] = []

    func seals() throws -> [AuditSeal] { try previous.map(AuditFiles.seal) }
}
