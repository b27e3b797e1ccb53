/// The result of checking an audit chain.
///
/// The chain alone does not show whether its last entries were removed. An ``AuditSeal`` that is
/// kept elsewhere does.
public struct AuditChainReport: Sendable, Hashable, Codable {
    /// The number of entries.
    public internal(set) var count = 0

    /// The sequence of the first broken entry, or `nil` when there is none.
    ///
    /// A broken entry is missing, or does not match its hash or the entry before it. The trail of
    /// an organization that exists is never empty.
    public internal(set) var firstBrokenSequence: Int?

    /// The sequence of the first entry, or `nil` when there are none.
    ///
    /// It is 1 unless older entries were pruned or cut off.
    public internal(set) var firstSequence: Int?

    /// The sequence of the last entry, or `nil` when there are none.
    public internal(set) var lastSequence: Int?

    /// The hash of the last entry, or `nil` when there are none.
    public internal(set) var lastHash: String?

    /// Whether every entry is in its place and matches its hash.
    public var isIntact: Bool { firstBrokenSequence == nil }
}
