/// The row of a tenant, which its id names within its organization alone.
struct TenantRow<Record: TenantOwned>: Hashable {
    let organization: Identifier<Organization>
    let id: Identifier<Record>

    init(_ id: Identifier<Record>, of organization: Identifier<Organization>) {
        self.organization = organization
        self.id = id
    }
}

/// Rows of tenants under system access.
///
/// A database may hold the same id in two organizations. A workspace sees one of them. Under system
/// access, a call finds its row first, refuses an id that two organizations have, and then does
/// everything in the organization of that row.
extension SQLTransaction {
    /// This transaction in one organization; a workspace is in one already.
    func inside(_ organization: Identifier<Organization>) -> SQLTransaction {
        // A row that a caller has made has no organization yet.
        organizationID == nil && organization != .unassigned ? within(organization) : self
    }
}

extension SQLRepository {
    /// The repository of the organization that a row belongs to.
    func inside(_ record: Record) -> Self {
        guard transaction.organizationID == nil, let owned = record as? any TenantOwned else {
            return self
        }
        return Self(transaction.inside(owned.organizationID))
    }

    /// The condition of a row that was found.
    func row(_ record: Record) -> Fragment { inside(record).row(record.id) }

    /// The only row that was found by an id.
    ///
    /// - Throws: `.conflict` when rows of several organizations have the id.
    func only<Value>(_ found: [Value], _ id: Identifier<Record>) throws -> Value? {
        guard found.count > 1 else { return found.first }
        throw StoreError(
            .conflict,
            "Several organizations have a \(Record.entityName) \(id); "
                + "use `scoped(to:)` or `scoped(to:as:)` to say whose is meant.",
            entity: Record.entityName, field: CommonColumn.organizationID)
    }
}
