import ArgumentParser
import MLOpsCore

/// The command `mlops audit verify`.
struct VerifyAuditCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every entry of the audit trail; exit 65 when one was changed or is gone.",
        discussion: """
            The chain reveals an entry that was edited, removed, inserted, swapped or copied from \
            elsewhere. Only a seal reveals that the last entries were cut off, or that all were \
            replaced. A trail whose older entries were pruned is checked with the seal of that \
            prune, given alone or among others.

            EXAMPLES:
              mlops audit verify --database mlops.db
              mlops audit verify --seal seal-*.json --public-key audit.pub
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var trail: TrailOptions

    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("The files of seals.", valueName: "file"))
    var seal: [String] = []

    @Option(
        help: ArgumentHelp(
            "The trusted public key, or a file that contains it.", valueName: "key"))
    var publicKey: String?

    func validate() throws {
        guard seal.isEmpty == (publicKey == nil) else {
            throw ValidationError("Give --seal and --public-key together.")
        }
    }

    func run() async throws {
        let seals = try seal.map(AuditFiles.seal)
        let key = try publicKey.map(AuditFiles.publicKey)
        let report = try await Database(options).trail(trail) { trail, _ in
            try await trail.read { tx in
                guard let key else { return AuditSealReport(try tx.auditLogs.verifyChain()) }
                return try tx.auditLogs.verify(against: seals, trusting: key)
            }
        }
        if options.json { try Output.json(report) }
        try report.check()
        guard !options.json else { return }
        let (chain, first) = (report.chain, report.chain.firstSequence ?? 1)
        let isOne = chain.count == 1
        Output.line("\(chain.count) \(isOne ? "entry is" : "entries are") intact")
        if first > 1 { Output.line("the trail begins with entry \(first), which is sealed") }
        if let hash = chain.lastHash { Output.line("last hash \(hash)") }
        for seal in seals where seal.sequence >= first {
            Output.line("the seal of entry \(seal.sequence) holds")
        }
    }
}

extension AuditSealReport {
    /// Throws unless everything is intact; the message says what is not.
    func check() throws {
        if let problem { throw Failure(.badData, problem) }
    }
}
