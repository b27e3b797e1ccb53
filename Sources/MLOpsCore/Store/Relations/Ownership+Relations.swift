/// Relations that many entities have: who made a row, and the organization it belongs to.
extension Transaction {
    /// Who made a row.
    ///
    /// - Throws: `.notFound` for a user that the transaction cannot see: one that is deleted, or in
    ///   a workspace one that has left the organization.
    public func creator(of record: some Authored) throws -> User {
        try users.find(record.createdBy)
    }

    /// The organization that a row belongs to.
    public func organization(of record: some TenantOwned) throws -> Organization {
        try organizations.find(record.organizationID)
    }
}
