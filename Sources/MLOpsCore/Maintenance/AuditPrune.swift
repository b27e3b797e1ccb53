public import Crypto

/// Removes older entries of an audit trail that an export contains and a seal covers.
///
/// Every entry before the sealed one is removed; the sealed entry stays as the first of its chain.
/// ``AuditLogRepository/verify(against:trusting:)`` accepts that beginning when it gets the seal.
/// One transaction removes the entries and adds an entry `audit_log.prune` at the chain's end. That
/// entry holds the `sequence` and the `hash` of the last removed entry, and the `count`.
///
/// Pruning requires system access: a user whose actions the trail records must not shorten it, not
/// even an owner of the organization. On PostgreSQL the system role may not prune either: give the
/// URL of a superuser as `systemURL`.
public struct AuditPrune: Sendable {
    /// The entries that are removed.
    public struct Summary: Sendable, Hashable, Codable {
        /// The number of entries; 0 when the trail already begins with the sealed entry or later.
        public let count: Int
        /// The sequence number of the first entry that stays.
        public let firstSequence: Int
        /// The hash of the last removed entry; `nil` when none is removed.
        public let hash: String?
    }

    private let organization: Identifier<Organization>?
    private let seal: AuditSeal
    private let previous: [AuditSeal]
    private let key: Curve25519.Signing.PublicKey
    private let export: String
    private let access: SystemAccess

    /// Describes the entries to remove.
    ///
    /// - Parameters:
    ///   - organization: The organization of the trail; `nil` for the system's own.
    ///   - seal: The seal of the first entry that stays.
    ///   - previous: The seals of earlier prunes, needed when the trail does not begin with 1.
    ///   - key: The public key whose signatures are trusted.
    ///   - export: A file written by ``AuditExport`` with every entry to remove.
    ///   - access: System access to the store.
    public init(
        of organization: Identifier<Organization>?, before seal: AuditSeal,
        previous: [AuditSeal] = [], trusting key: Curve25519.Signing.PublicKey,
        exportedTo export: String, by access: SystemAccess
    ) {
        self.organization = organization
        self.seal = seal
        self.previous = previous
        self.key = key
        self.export = export
        self.access = access
    }

    /// Checks the trail, the seals and the export; returns what would be removed.
    ///
    /// It reads the whole chain and the whole file, in bounded memory.
    ///
    /// - Throws: `.corrupt` when a seal is not trusted, or the trail does not match the seals;
    ///   `.conflict` when the export lacks an entry, or contains a line that is not of this trail;
    ///   `.cannotOpen`; `.inputOutput`; `.busy` when a process writes to the file.
    public func preview() async throws -> Summary {
        let found = try await chain()
        guard found.first < seal.sequence else { return Summary(nothingBefore: found.first) }
        let file = try AuditExportFile(reading: export)
        var next = found.first
        var hash: String?
        _ = try file.scan(of: organization) { entry in
            guard entry.sequence == next, next < seal.sequence else { return }
            next += 1
            hash = entry.hash
        }
        guard next == seal.sequence else {
            throw StoreError(
                .conflict,
                "The export \(export) lacks entry \(next) of the audit trail; export the trail to "
                    + "it first.", entity: AuditLog.entityName)
        }
        // Each line covers the one before, so the hash of the last one covers them all.
        guard hash == found.lastHash else {
            throw StoreError(
                .conflict,
                "Entry \(next - 1) in the export \(export) is not that of the audit trail; export "
                    + "the trail to a new file.", entity: AuditLog.entityName)
        }
        try file.synchronize()
        return Summary(
            count: seal.sequence - found.first, firstSequence: seal.sequence, hash: hash)
    }

    /// Checks like ``preview()``, and removes the entries.
    ///
    /// - Throws: The errors of ``preview()``; `.conflict` when another prune ran meanwhile;
    ///   `.permissionDenied` on PostgreSQL when the role is not a superuser.
    @discardableResult
    public func run() async throws -> Summary {
        let summary = try await preview()
        guard summary.count > 0 else { return summary }
        try await access.write { tx in
            try remove(summary, in: tx.engine)
        }
        return summary
    }

    /// The sequence of the chain's first entry, and the hash of the entry before the sealed one.
    private func chain() async throws -> (first: Int, lastHash: String?) {
        try await access.read { tx in
            let engine = try tx.engine
            let report = try engine.checkChain(
                of: organization, against: [seal] + previous, trusting: key)
            if let problem = report.problem {
                throw StoreError(.corrupt, problem, entity: AuditLog.entityName)
            }
            let last = try engine.rows(
                """
                SELECT hash FROM audit_logs WHERE \(CanonicalEntry.chain(of: organization)) \
                AND sequence = \(seal.sequence - 1)
                """
            ) { try $0.next(String.self) }
            return (report.chain.firstSequence ?? seal.sequence, last.first)
        }
    }

    private func remove(_ summary: Summary, in tx: SQLTransaction) throws {
        try tx.lockChain(of: organization)
        let removed = try tx.connection.pruningTrail {
            try tx.execute(
                """
                DELETE FROM audit_logs WHERE \(CanonicalEntry.chain(of: organization)) \
                AND sequence < \(seal.sequence)
                """)
        }
        guard removed == summary.count else {
            throw StoreError(
                .conflict, "The audit trail was pruned meanwhile; repeat it to see what is left.",
                entity: AuditLog.entityName)
        }
        tx.markPurged()
        try tx.note(
            "prune", AuditLog.self, nil, in: organization,
            [
                "sequence": .int(Int64(seal.sequence - 1)),
                "hash": summary.hash.map(JSONValue.string) ?? .null,
                "count": .int(Int64(summary.count)),
            ])
    }
}

extension AuditPrune.Summary {
    fileprivate init(nothingBefore first: Int) {
        self.init(count: 0, firstSequence: first, hash: nil)
    }
}
