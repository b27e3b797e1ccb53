extension AuditLog {
    /// The SHA-256 of the entry's canonical form, which its `hash` must equal.
    ///
    /// It is written as 64 lower-case hexadecimal digits.
    ///
    /// The canonical form is the UTF-8 of ``JSONValue/canonicalText()`` of one object. Its members
    /// are all columns of `audit_logs` except `hash`, under the columns' names: `action`,
    /// `api_key_id`, `created_at`, `details`, `id`, `ip_address`, `organization_id`,
    /// `previous_hash`, `resource_id`, `resource_type`, `sequence`, `user_agent`, `user_id`. An id
    /// is its 36-character lower-case text, `created_at` is whole microseconds since 1970-01-01
    /// UTC, `sequence` is an integer, `details` is the document itself, and an absent value is
    /// `null`. Because `previous_hash` is included, the hash of an entry covers all entries before
    /// it.
    ///
    /// - Throws: `.invalidValue` when a column holds a value that cannot be stored.
    public func chainHash() throws -> String { try CanonicalEntry.hash(of: self) }
}
