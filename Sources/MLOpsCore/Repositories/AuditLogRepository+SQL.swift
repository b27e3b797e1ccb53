import Crypto

extension SQLRepository: AuditLogRepository where Record == AuditLog {
    func of(resource type: String, id: String?) throws -> [AuditLog] {
        // A chain is ordered by sequence, as its indexes are; several chains share only the time.
        let isOneChain = transaction.organizationID != nil
        return try all {
            let ofType = $0.resourceType == type
            return id == nil ? ofType : ofType && $0.resourceID == id
        } order: {
            (isOneChain ? [] : [$0.createdAt.descending]) + [$0.sequence.descending]
        }
    }

    func verifyChain() throws -> AuditChainReport {
        try allowWholeTrail()
        var check = AuditChainCheck()
        try check.run(over: transaction.organizationID, in: transaction)
        return check.report
    }

    func seal(with key: Curve25519.Signing.PrivateKey) throws -> AuditSeal {
        try allowWholeTrail()
        let chain = CanonicalEntry.chain(of: transaction.organizationID)
        let last = try transaction.rows(
            "SELECT sequence, hash FROM audit_logs WHERE \(chain) ORDER BY sequence DESC LIMIT 1"
        ) { (sequence: try $0.next(Int.self), hash: try $0.next(String.self)) }.first
        guard let last else {
            throw StoreError(
                .notFound, "The audit trail has no entry to be sealed.",
                entity: AuditLog.entityName)
        }
        return try AuditSeal(
            organization: transaction.organizationID, sequence: last.sequence, hash: last.hash,
            createdAt: transaction.now, signedWith: key)
    }

    func verify(
        against seals: [AuditSeal], trusting key: Curve25519.Signing.PublicKey
    ) throws -> AuditSealReport {
        try allowWholeTrail()
        return try transaction.checkChain(
            of: transaction.organizationID, against: seals, trusting: key)
    }
}

extension SQLRepository where Record == AuditLog {
    /// Checks that the principal may read every entry, which a chain consists of.
    ///
    /// - Throws: `.permissionDenied`.
    private func allowWholeTrail() throws {
        try transaction.allow(.read, on: AuditLog.self)
        guard try transaction.authority()?.key?.projects == nil else {
            throw StoreError(
                .permissionDenied,
                "An API key that is limited to projects sees the entries of these projects alone.",
                entity: AuditLog.entityName)
        }
    }
}

extension AuditLog: StoredEntity {
    /// Appends the entry to its chain, in the name of the acting principal.
    ///
    /// - Throws: `.permissionDenied` for an entry of another organization.
    func prepared(from source: InsertSource?, in transaction: SQLTransaction) throws -> AuditLog {
        var entry = self
        // Hashed below, so that the time is needed now.
        entry.createdAt = transaction.now
        if let origin = transaction.access.origin {
            (entry.ipAddress, entry.userAgent) = (origin.ipAddress, origin.userAgent)
            entry.details = origin.added(to: entry.details)
        }
        if let organization = transaction.organizationID {
            guard organizationID == nil || organizationID == organization else {
                throw StoreError(
                    .permissionDenied, "An audit entry belongs to another organization.",
                    entity: AuditLog.entityName, field: "organization_id")
            }
            entry.organizationID = organization
        }
        if let principal = transaction.principal {
            // The acting principal replaces any other user.
            entry.userID = principal.userID
            entry.apiKeyID = if case .apiKey(let key, _) = principal { key } else { nil }
        }
        try transaction.writeTrail()
        return try transaction.chained([entry], in: entry.organizationID)[0].entry
    }
}
