public import Foundation

/// Writes an audit trail to a file of JSON lines, in the order of its chain.
///
/// A line is the canonical text of one object: the members that ``AuditLog/chainHash()`` names, and
/// `hash`. The SHA-256 of a line without its `hash` equals that hash, so a file can be checked
/// without the database. Entries are read in short transactions, in bounded memory.
public struct AuditExport: Sendable {
    /// The content of an export file.
    public struct Summary: Sendable, Hashable, Codable {
        /// The number of entries, including those of earlier exports.
        public internal(set) var entries = 0
        /// The number of entries that this export added.
        public internal(set) var added = 0
        /// The sequence number of the last entry in its chain.
        public internal(set) var lastSequence: Int?
        /// The hash of the last entry.
        public internal(set) var lastHash: String?
    }

    private let trail: AuditTrailReader

    /// Exports the trail of a workspace's organization; its principal must be allowed to read it.
    public init(of workspace: Workspace) {
        trail = AuditTrailReader(store: workspace.store, access: workspace.access)
    }

    /// Exports the system's own trail.
    public init(ofSystem access: SystemAccess) {
        trail = AuditTrailReader(store: access.store, access: .system(reason: access.reason))
    }

    /// Writes every entry that the file does not have yet.
    ///
    /// A new file is readable by its owner only. An existing file is checked line by line,
    /// truncated after its last whole line, and continued.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - since: The earliest time of the entries to add; `nil` for no limit.
    ///   - until: The time before which entries are added; `nil` for no limit.
    ///   - progress: Called with the number of added entries and the number of entries to add.
    /// - Throws: `.conflict` when the file contains a line that is not an entry of this chain, or,
    ///   without a period, when an entry is missing between two lines; `.corrupt` when a stored
    ///   entry does not match its hash; `.permissionDenied`; `.cannotOpen`; `.inputOutput`; `.busy`
    ///   when another export writes to the file.
    public func run(
        to path: String, since: Date? = nil, until: Date? = nil,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> Summary {
        let file = try AuditExportFile(path)
        let organization = trail.access.organizationID
        let found = try file.scan(of: organization)
        try await trail.check(found)
        // Exports of two periods may skip the entries between them.
        if let gap = found.gap, since == nil, until == nil {
            throw StoreError(
                .conflict,
                "The export lacks entry \(gap), though it has one before and one after; choose "
                    + "another file.", entity: AuditLog.entityName)
        }
        try file.keep(found.length)
        var summary = Summary(
            entries: found.count, added: 0, lastSequence: found.last?.sequence,
            lastHash: found.last?.hash)
        let range = AuditTrailReader.range(since, until)
        let total = try await trail.count(after: summary.lastSequence ?? 0, range)
        while true {
            let page = try await trail.lines(after: summary.lastSequence ?? 0, range)
            guard page.count > 0 else { break }
            try file.append(page.bytes)
            summary.entries += page.count
            summary.added += page.count
            summary.lastSequence = page.lastSequence
            summary.lastHash = page.lastHash
            progress(min(summary.added, total), total)
        }
        try file.synchronize()
        return summary
    }
}

/// Reads a trail for an export.
struct AuditTrailReader: Sendable {
    let store: any StoreBackend
    let access: Access

    /// Consecutive lines of an export.
    struct Lines: Sendable {
        var bytes: [UInt8] = []
        var count = 0
        var lastSequence = 0
        var lastHash = ""
    }

    /// The number of bytes after which a page ends.
    private static let pageBytes = 1 << 20
    private static let pageSize = 5000

    static func range(_ since: Date?, _ until: Date?) -> Fragment {
        let first: Fragment = since.map { "created_at >= \($0)" } ?? "TRUE"
        let last: Fragment = until.map { "created_at < \($0)" } ?? "TRUE"
        return "\(first) AND \(last)"
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        try await store.transact(writing: false, as: access) { transaction in
            let engine = try transaction.engine
            try engine.allow(.read, on: AuditLog.self)
            return try body(engine)
        }
    }

    func count(after sequence: Int, _ range: Fragment) async throws -> Int {
        try await read { tx in
            try tx.integer(
                """
                SELECT count(*) FROM audit_logs \
                WHERE \(CanonicalEntry.chain(of: tx.organizationID)) \
                AND sequence > \(sequence) AND \(range)
                """)
        }
    }

    func lines(after sequence: Int, _ range: Fragment) async throws -> Lines {
        try await read { tx in
            var lines = Lines()
            var form = CanonicalEntry()
            try tx.stream(
                CanonicalEntry.select(
                    tx.organizationID, where: "sequence > \(sequence) AND \(range)",
                    limit: Self.pageSize)
            ) { row in
                try form.read(&row)
                guard form.matchesHash else {
                    throw StoreError(
                        .corrupt,
                        "Entry \(form.sequence) of the audit trail does not match its hash; what "
                            + "cannot be vouched for is not exported.",
                        entity: AuditLog.entityName)
                }
                lines.bytes += form.line
                lines.count += 1
                lines.lastSequence = form.sequence
                lines.lastHash = form.hashText
                return lines.bytes.count < Self.pageBytes
            }
            return lines
        }
    }

    /// Checks that the last line of a file is an entry of the chain, and so all lines before it.
    ///
    /// A pruned entry is recognized by the `previous_hash` of the entry after it.
    func check(_ found: AuditExportFile.Content) async throws {
        guard let last = found.last else { return }
        let next = try await read { tx in
            try tx.rows(
                """
                SELECT sequence, hash, previous_hash FROM audit_logs \
                WHERE \(CanonicalEntry.chain(of: tx.organizationID)) \
                AND sequence >= \(last.sequence) ORDER BY sequence LIMIT 1
                """
            ) {
                (
                    sequence: try $0.next(Int.self), hash: try $0.next(String.self),
                    previousHash: try $0.next(String?.self)
                )
            }.first
        }
        if let next, next.sequence > last.sequence &+ 1 {
            throw StoreError(
                .conflict,
                "The entries \(last.sequence &+ 1) to \(next.sequence - 1), which follow the "
                    + "export's last line, were pruned; continue the file that has them, or choose "
                    + "a new one.", entity: AuditLog.entityName)
        }
        let hash = next?.sequence == last.sequence ? next?.hash : next?.previousHash
        guard hash == last.hash else { throw AuditExportFile.foreign(line: found.count) }
    }
}
