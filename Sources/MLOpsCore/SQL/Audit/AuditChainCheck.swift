/// The check of a chain, entry by entry, in bounded memory.
struct AuditChainCheck {
    /// Entries that one statement reads.
    private static let pageSize = 1000

    /// What was found so far.
    private(set) var report = AuditChainReport()
    /// The hash of the entry that the seal names, once it was seen.
    private(set) var sealedHash: String?

    /// What vouches for an entry, and for those before it when they are gone.
    private let seal: AuditSeal?
    private var expected = 1
    private var form = AuditForm()
    private var last = JSONBytes()

    init(seal: AuditSeal? = nil) {
        self.seal = seal
        last.appendNull()
    }

    /// Reads the chain of the transaction's organization, or of the system itself, to its end.
    mutating func run(in transaction: SQLTransaction) throws {
        var after = Int.min
        while true {
            let page: [Void] = try transaction.rows(
                AuditForm.select(
                    transaction.organizationID, where: "sequence > \(after)", limit: Self.pageSize)
            ) { row in
                // A row that cannot be read any more is a broken entry, not a failed check.
                try form.read(&row)
                take()
            }
            after = form.sequence
            guard page.count == Self.pageSize else { break }
        }
        if report.count > 0 { report.lastHash = AuditForm.text(last) }
    }

    private mutating func take() {
        let sequence = form.sequence
        if let seal, sequence == seal.sequence {
            sealedHash = form.hashText
            // What a sealed checkpoint stands for may be gone.
            if report.count == 0, sealedHash == seal.hash {
                expected = sequence
                last = form.previousHash
            }
        }
        let isInPlace = sequence == expected && form.previousHash.bytes == last.bytes
        if !isInPlace || !form.matchesHash, report.firstBrokenSequence == nil {
            report.firstBrokenSequence = min(sequence, expected)
        }
        if report.count == 0 { report.firstSequence = sequence }
        report.count += 1
        report.lastSequence = sequence
        expected += 1
        // Its memory is used again for the next one.
        swap(&last, &form.hash)
    }
}
