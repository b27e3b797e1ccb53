import ArgumentParser
import Crypto
import MLOpsCore

/// The command `mlops audit seal`.
struct SealAuditCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Verify the audit trail, and sign its last entry in a file to keep elsewhere.",
        discussion: """
            A broken trail is not sealed; the exit status is then 65.

            EXAMPLE:
              mlops audit seal --key audit.key --out seal-01.json --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var trail: TrailOptions

    @Option(help: ArgumentHelp("The file of the private key.", valueName: "file"))
    var key: String

    @Option(help: ArgumentHelp("The new file for the seal.", valueName: "file"))
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
        Output.line("entry \(seal.sequence) is sealed in \(out)")
    }
}

/// The seals of earlier prunes, after which a trail no longer begins with entry 1.
struct PreviousSealOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Seals of the same key, among them the one of the last prune.",
            valueName: "file"))
    var previous: [String] = []

    func seals() throws -> [AuditSeal] { try previous.map(AuditFiles.seal) }
}
