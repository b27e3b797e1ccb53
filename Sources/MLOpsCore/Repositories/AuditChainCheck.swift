import Crypto

/// The check of a chain, entry by entry, in bounded memory.
struct AuditChainCheck {
    /// The number of entries that one statement reads.
    private static let pageSize = 1000

    /// The result so far.
    private(set) var report = AuditChainReport()
    /// The stored hashes of entries that a seal names, by sequence number, as far as read.
    private(set) var sealedHashes: [Int: String] = [:]

    /// The seals; the chain may begin at an entry that one of them names.
    private let seals: [AuditSeal]
    private let sealedPlaces: Set<Int>
    private var expected = 1
    private var form = CanonicalEntry()
    private var last = JSONBytes()

    init(seals: [AuditSeal] = []) {
        self.seals = seals
        sealedPlaces = Set(seals.map(\.sequence))
        last.appendNull()
    }

    /// Checks the chain of an organization, or of the system for `nil`, to its end.
    mutating func run(
        over organization: Identifier<Organization>?, in transaction: SQLTransaction
    ) throws {
        var after = Int.min
        while true {
            let page: [Void] = try transaction.rows(
                CanonicalEntry.select(
                    organization, where: "sequence > \(after)", limit: Self.pageSize)
            ) { row in
                // An unreadable row is a broken entry, not a failed check.
                try form.read(&row)
                take()
            }
            after = form.sequence
            guard page.count == Self.pageSize else { break }
        }
        if report.count > 0 {
            report.lastHash = CanonicalEntry.text(last)
        } else if try transaction.needsEntries(of: organization) {
            report.firstBrokenSequence = 1
        }
    }

    private mutating func take() {
        let sequence = form.sequence
        if report.count == 0 { begin() }
        if sealedPlaces.contains(sequence) { sealedHashes[sequence] = form.hashText }
        let isInPlace = sequence == expected && form.previousHash.bytes == last.bytes
        if !isInPlace || !form.matchesHash, report.firstBrokenSequence == nil {
            report.firstBrokenSequence = min(sequence, expected)
        }
        report.count += 1
        report.lastSequence = sequence
        // An entry with the largest number is broken, and must not crash the check.
        expected &+= 1
        // Reuses the buffer for the next entry.
        swap(&last, &form.hash)
    }

    /// Starts at a sealed entry if the entries before it were pruned.
    private mutating func begin() {
        report.firstSequence = form.sequence
        let hash = form.hashText
        guard seals.contains(where: { $0.sequence == form.sequence && $0.hash == hash }) else {
            return
        }
        expected = form.sequence
        last = form.previousHash
    }
}

extension SQLTransaction {
    /// Whether there are rows whose making is in the trail.
    ///
    /// The first entry of an organization tells that it was made; users are made in the trail of
    /// the system.
    fileprivate func needsEntries(of organization: Identifier<Organization>?) throws -> Bool {
        guard let organization else { return try integer("SELECT count(*) FROM users") > 0 }
        return try integer("SELECT count(*) FROM organizations WHERE id = \(organization)") > 0
    }

    /// Checks the chain of an organization, or of the system for `nil`, against seals.
    func checkChain(
        of organization: Identifier<Organization>?, against seals: [AuditSeal],
        trusting key: Curve25519.Signing.PublicKey
    ) throws -> AuditSealReport {
        for seal in seals {
            guard let problem = seal.problem(trusting: key, organization: organization) else {
                continue
            }
            return AuditSealReport(
                chain: AuditChainReport(), finding: problem, sealedSequence: seal.sequence)
        }
        var check = AuditChainCheck(seals: seals)
        try check.run(over: organization, in: self)
        let findings = seals.map {
            $0.finding(check.report, storedHash: check.sealedHashes[$0.sequence])
        }
        for finding in AuditSealReport.Finding.allCases where finding != .intact {
            guard let index = findings.firstIndex(of: finding) else { continue }
            return AuditSealReport(
                chain: check.report, finding: finding, sealedSequence: seals[index].sequence)
        }
        return AuditSealReport(check.report)
    }
}
