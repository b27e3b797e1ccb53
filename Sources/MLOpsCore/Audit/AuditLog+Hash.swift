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
    public func chainHash() throws -> String { try CanonicalEntry.hash(of: self) }
}
