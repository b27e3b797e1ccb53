extension AuditLog {
    /// The hash that the entry must carry: the SHA-256 of its canonical form, as 64 lower-case
    /// hexadecimal digits.
    ///
    /// The canonical form is the UTF-8 of ``JSONValue/canonicalText()`` of one object, whose
    /// members are all columns of `audit_logs` but `hash`, under the columns' names: `action`,
    /// `api_key_id`, `created_at`, `details`, `id`, `ip_address`, `organization_id`,
    /// `previous_hash`, `resource_id`, `resource_type`, `sequence`, `user_agent`, `user_id`.
    /// Ids are their 36-character lower-case text, `created_at` is whole microseconds since
    /// 1970-01-01 UTC, `sequence` is an integer, `details` is the document itself, and an absent
    /// value is `null`. Since `previous_hash` is among them, an entry vouches for all before it.
    ///
    /// - Throws: `.invalidValue` when a column holds what cannot be stored.
    public func chainHash() throws -> String { try AuditForm.hash(of: self) }
}

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
