import ArgumentParser
import MLOpsCore

/// The command `mlops audit verify`.
struct VerifyAuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every entry of the audit trail; exit 65 when one was changed or is gone.",
        discussion: """
            The chain shows an entry that was edited, removed, inserted, swapped or brought from
            elsewhere. That the last entries were cut off, or all were replaced, only a seal shows.

            EXAMPLES:
              mlops audit verify --database mlops.db
              mlops audit verify --seal seal-2026-01.json --public-key audit.pub --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var trail: TrailOptions

    @Option(help: ArgumentHelp("The file of a seal.", valueName: "file"))
    var seal: String?

    @Option(
        help: ArgumentHelp(
            "The public key that is trusted, or a file that holds it.", valueName: "key"))
    var publicKey: String?

    func validate() throws {
        guard (seal == nil) == (publicKey == nil) else {
            throw ValidationError("Give --seal and --public-key together.")
        }
    }

    func run() async throws {
        let seal = try seal.map(AuditFiles.seal)
        let key = try publicKey.map(AuditFiles.publicKey)
        let report = try await Database(options).trail(trail) { trail in
            try await trail.read { tx in
                guard let seal, let key else {
                    return TrailReport(try tx.auditLogs.verifyChain())
                }
                return TrailReport(try tx.auditLogs.verify(against: seal, trusting: key))
            }
        }
        if options.json { try Output.json(report) }
        try report.check()
        guard !options.json else { return }
        let count = report.chain.count
        Output.line("\(count) \(count == 1 ? "entry is" : "entries are") intact")
        if let hash = report.chain.lastHash { Output.line("last hash \(hash)") }
        if let seal { Output.line("the seal of entry \(seal.sequence) holds") }
    }
}

/// What is wrong with a trail, in words.
struct TrailReport: Encodable, Sendable {
    let chain: AuditChainReport
    let finding: AuditSealReport.Finding

    init(_ report: AuditSealReport) {
        chain = report.chain
        finding = report.finding
    }

    init(_ report: AuditChainReport) {
        chain = report
        finding = report.isIntact ? .intact : .brokenChain
    }

    /// Fails unless everything is intact, and says what is not.
    func check() throws {
        guard finding != .intact else { return }
        throw Failure(.badData, problem)
    }

    private var problem: String {
        let last = chain.lastSequence ?? 0
        switch finding {
        case .intact: return ""
        case .untrustedKey: return "the seal is signed with another key than the trusted one"
        case .alteredSeal: return "the seal was altered: its signature does not fit"
        case .anotherOrganization: return "the seal is that of another organization"
        case .cutTail:
            return "the audit trail was cut off: it ends with entry \(last), before the sealed one"
        case .replacedChain:
            return "the audit trail was replaced: the sealed entry is another one now"
        case .brokenChain:
            let broken = chain.firstBrokenSequence ?? 0
            guard let first = chain.firstSequence, first > 1, broken == 1 else {
                return "the audit trail is broken at entry \(broken)"
            }
            return "the audit trail is broken at entry 1: it begins with entry \(first); give the "
                + "seal under which the older ones were pruned, if they were"
        }
    }
}
