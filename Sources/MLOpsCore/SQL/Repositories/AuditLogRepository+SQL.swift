extension SQLRepository: AuditLogRepository where Record == AuditLog {
    func of(resource type: String, id: String?) throws -> [AuditLog] {
        try all {
            let ofType = $0.resourceType == type
            return id == nil ? ofType : ofType && $0.resourceID == id
        } order: {
            [$0.createdAt.descending, $0.sequence.descending]
        }
    }

    func verifyChain() throws -> AuditChainReport {
        let pageSize = 1000
        var report = AuditChainReport()
        var after = Int.min
        while true {
            let entries = try transaction.rows(
                """
                SELECT sequence, hash, \(Record.table.columns(of: "audit_logs"))
                FROM audit_logs
                WHERE \(chain(of: transaction.organizationID)) AND sequence > \(after)
                ORDER BY sequence LIMIT \(pageSize)
                """
            ) { row in
                // A row that cannot be read any more is a broken entry, not a failed check.
                (
                    sequence: try row.next(Int.self), hash: try row.next(String.self),
                    entry: try? AuditLog(from: &row)
                )
            }
            for (sequence, hash, entry) in entries {
                report.add(entry, sequence: sequence, hash: hash)
            }
            guard entries.count == pageSize, let last = entries.last else { return report }
            after = last.sequence
        }
    }
}

extension SQLRepository where Record == AuditLog {
    /// Stores an entry at the end of its organization's chain and returns it as stored; so does
    /// `insert`, by way of ``AuditLog/prepared(forInsert:in:)``.
    ///
    /// - Throws: `.permissionDenied` for an entry of another organization than the workspace's.
    @discardableResult
    func appendChained(_ record: AuditLog) throws -> AuditLog { try insert(record) }

    /// The entry with its organization, actor, place in the chain and hash filled in.
    func chained(_ record: AuditLog) throws -> AuditLog {
        var entry = record
        if let organization = transaction.organizationID {
            guard record.organizationID == nil || record.organizationID == organization else {
                throw StoreError(
                    .permissionDenied, "An audit entry belongs to another organization.",
                    entity: AuditLog.entityName, field: "organization_id")
            }
            entry.organizationID = organization
        }
        entry.userID = record.userID ?? transaction.actor?.userID
        if entry.apiKeyID == nil, case .apiKey(let key, _)? = transaction.actor {
            entry.apiKeyID = key
        }
        try lockChain(of: entry.organizationID)
        let last = try transaction.rows(
            """
            SELECT sequence, hash FROM audit_logs WHERE \(chain(of: entry.organizationID))
            ORDER BY sequence DESC LIMIT 1
            """
        ) { row in
            (sequence: try row.next(Int.self), hash: try row.next(String.self))
        }.first
        entry.sequence = (last?.sequence ?? 0) + 1
        entry.previousHash = last?.hash
        entry.hash = try entry.chainHash()
        return entry
    }

    /// Keeps other transactions from taking the same place.
    ///
    /// Where several may write at once, the organization's row is locked. The system's own chain
    /// has no such row; there the unique index refuses the second entry.
    private func lockChain(of organization: Identifier<Organization>?) throws {
        guard let organization else { return }
        try SQLRepository<Organization>(transaction).lock(organization)
    }

    /// The condition of one organization's chain, or of the system's own.
    private func chain(of organization: Identifier<Organization>?) -> Fragment {
        guard let organization else { return "organization_id IS NULL" }
        return "organization_id = \(organization)"
    }
}
