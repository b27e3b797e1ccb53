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
        try transaction.allow(.read, on: AuditLog.self)
        let chain: Fragment =
            transaction.organizationID.map { "organization_id = \($0)" }
            ?? "organization_id IS NULL"
        let pageSize = 1000
        var report = AuditChainReport()
        var after = Int.min
        while true {
            let entries = try transaction.rows(
                """
                SELECT sequence, hash, \(Record.table.columns(of: "audit_logs"))
                FROM audit_logs
                WHERE \(chain) AND sequence > \(after)
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
