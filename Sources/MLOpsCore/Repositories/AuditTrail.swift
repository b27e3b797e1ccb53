import Crypto
import Foundation

/// Records the engine's changes in the audit trail.
///
/// Entries are buffered in the transaction and written just before its commit, so that the lock on
/// the chain is held briefly. Rolling back to a savepoint discards the entries made since.
extension SQLTransaction {
    /// The number of buffered entries at which they are written before the commit.
    private static let trailLimit = 10_000

    /// Records a change.
    ///
    /// - Parameters:
    ///   - organization: The organization whose trail gets the entry; `nil` for the system's own.
    ///   - verb: The action, such as `update`.
    func note<Record: TableMapped>(
        _ verb: String, _ type: Record.Type, _ id: Identifier<Record>?,
        in organization: Identifier<Organization>?, _ details: [String: JSONValue]
    ) throws {
        var details = details
        if let reason = access.reason { details["reason"] = .string(reason) }
        var entry = AuditLog(
            organization: organization, user: principal?.userID,
            action: "\(Record.table.resource).\(verb)", resourceType: Record.table.resource,
            resourceID: id?.description, details: .object(details),
            ipAddress: access.origin?.ipAddress, userAgent: access.origin?.userAgent,
            createdAt: now)
        if case .apiKey(let key, _)? = principal { entry.apiKeyID = key }
        if let origin = access.origin { entry.details = origin.added(to: entry.details) }
        let waiting = withTrail {
            $0.append(entry)
            return $0.count
        }
        if waiting >= Self.trailLimit { try writeTrail() }
    }

    /// Writes the buffered entries, each at the end of its organization's chain.
    package func writeTrail() throws {
        let waiting = withTrail { trail in
            defer { trail = [] }
            return trail
        }
        guard !waiting.isEmpty else { return }
        // The entries of a transaction have one time, except in sample data, which spans many.
        let entries = waiting.enumerated().sorted {
            ($0.element.createdAt, $0.offset) < ($1.element.createdAt, $1.offset)
        }
        let chains = Dictionary(grouping: entries.map(\.element), by: \.organizationID)
        // Chains are locked in one order, so that two transactions cannot deadlock.
        for (organization, entries) in chains.sorted(by: {
            ($0.key?.description ?? "") < ($1.key?.description ?? "")
        }) {
            let chained = try chained(entries, in: organization)
            try insertRows(into: AuditLog.table, of: organization, count: chained.count) {
                $1.values = chained[$0].values
            }
        }
    }

    /// Locks a chain, so that no other transaction extends or prunes it before this one ends.
    func lockChain(of organization: Identifier<Organization>?) throws {
        let chain = "mlops.audit.\(organization?.description ?? "system")"
        if let wait = connection.dialect.serialization(of: chain) { _ = try rows(wait) { _ in } }
    }

    /// The error of a chain that somebody has continued with the largest number.
    private static var endOfTrail: StoreError {
        StoreError(
            .corrupt,
            "The audit trail has an entry with the largest number, which the library never writes; "
                + "see what `mlops audit verify` finds.",
            entity: AuditLog.entityName, field: "sequence")
    }

    /// Links entries to the end of a chain; returns them with their stored values.
    ///
    /// The chain stays locked until the transaction ends.
    func chained(
        _ entries: [AuditLog], in organization: Identifier<Organization>?
    ) throws -> [(entry: AuditLog, values: [StoredValue])] {
        try lockChain(of: organization)
        let last = try rows(
            """
            SELECT sequence, hash FROM audit_logs WHERE \(CanonicalEntry.chain(of: organization))
            ORDER BY sequence DESC LIMIT 1
            """
        ) { (sequence: try $0.next(Int.self), hash: try $0.next(String.self)) }.first
        var (sequence, hash) = (last?.sequence ?? 0, last?.hash)
        return try entries.map { entry in
            var entry = entry
            let (next, isOver) = sequence.addingReportingOverflow(1)
            guard !isOver else { throw Self.endOfTrail }
            sequence = next
            entry.sequence = sequence
            entry.previousHash = hash
            let row = try CanonicalEntry.stored(entry)
            entry.hash = row.hash
            hash = row.hash
            return (entry, row.values)
        }
    }
}
