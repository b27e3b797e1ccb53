import Crypto
import Foundation

/// How the engine notes what it changes.
///
/// Entries wait in the transaction and are written just before its commit, so that the chain is
/// locked for as short as can be; a savepoint that is undone takes its entries along.
extension SQLTransaction {
    /// How many entries wait at most.
    private static let trailLimit = 10_000

    /// Notes a change.
    ///
    /// - Parameters:
    ///   - organization: Whose trail it belongs to; `nil` is the system's own.
    ///   - verb: What was done, such as `update`.
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
        let waiting = withTrail {
            $0.append(entry)
            return $0.count
        }
        if waiting >= Self.trailLimit { try writeTrail() }
    }

    /// Writes the entries that wait, each at the end of its organization's chain.
    package func writeTrail() throws {
        let waiting = withTrail { trail in
            defer { trail = [] }
            return trail
        }
        guard !waiting.isEmpty else { return }
        // Entries of one transaction have one time; those of the sample data are of many.
        let entries = waiting.enumerated().sorted {
            ($0.element.createdAt, $0.offset) < ($1.element.createdAt, $1.offset)
        }
        let chains = Dictionary(grouping: entries.map(\.element), by: \.organizationID)
        // In one order for all, so that two transactions cannot wait for each other.
        for (organization, entries) in chains.sorted(by: {
            ($0.key?.description ?? "") < ($1.key?.description ?? "")
        }) {
            let chained = try chained(entries, in: organization)
            try insertRows(into: AuditLog.table, of: organization, count: chained.count) {
                $1.values = chained[$0].values
            }
        }
    }

    /// Keeps others from extending or pruning a chain until the transaction ends.
    func lockChain(of organization: Identifier<Organization>?) throws {
        let chain = "mlops.audit.\(organization?.description ?? "system")"
        if let wait = connection.dialect.serialization(of: chain) { _ = try rows(wait) { _ in } }
    }

    /// The entries as they follow one another at the end of a chain, which nobody else extends
    /// before the transaction ends; and as they are stored.
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
            sequence += 1
            entry.sequence = sequence
            entry.previousHash = hash
            let row = try CanonicalEntry.stored(entry)
            entry.hash = row.hash
            hash = row.hash
            return (entry, row.values)
        }
    }
}
