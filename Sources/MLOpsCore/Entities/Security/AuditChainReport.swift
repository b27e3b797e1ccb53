/// What a check of an audit chain found.
///
/// A chain whose last entries were removed is intact in itself: an ``AuditSeal`` that is kept
/// elsewhere finds that out.
public struct AuditChainReport: Sendable, Hashable, Codable {
    /// How many entries there are.
    public internal(set) var count = 0

    /// The sequence of the first entry that is missing or does not match its hash or the entry
    /// before it, or `nil` when there is none.
    public internal(set) var firstBrokenSequence: Int?

    /// The sequence of the first entry, or `nil` when there are none; 1 unless older ones were
    /// pruned or cut off.
    public internal(set) var firstSequence: Int?

    /// The sequence of the last entry, or `nil` when there are none.
    public internal(set) var lastSequence: Int?

    /// The hash of the last entry, or `nil` when there are none.
    public internal(set) var lastHash: String?

    /// Whether every entry is in its place and matches its hash.
    public var isIntact: Bool { firstBrokenSequence == nil }
}
