/// Relations that many entities have: who made a row, and the organization it belongs to.
extension Transaction {
    /// Who made a row.
    ///
    /// - Throws: `.notFound` for a user that the transaction cannot see: one that is deleted, or in
    ///   a workspace one that has left the organization.
    public func creator(of record: some Authored) throws -> User {
        try users.find(record.createdBy)
    }

    /// The rows of an entity that a user has made: `tx.records(of: Model.self, createdBy: user)`.
    public func records<Record: Authored>(
        of type: Record.Type, createdBy user: User, _ query: Query<Record> = Query()
    ) throws -> Page<Record> {
        let createdBy = Column<Record, Identifier<User>>("created_by")
        return try repository(of: type).page(query.filtered { _ in createdBy == user.id })
    }

    /// The organization that a row belongs to.
    public func organization(of record: some TenantOwned) throws -> Organization {
        try organizations.find(record.organizationID)
    }

    /// The rows of an entity that belong to an organization; in a workspace, that of another one
    /// has none.
    public func records<Record: TenantOwned>(
        of type: Record.Type, in organization: Organization, _ query: Query<Record> = Query()
    ) throws -> Page<Record> {
        let owner = Column<Record, Identifier<Organization>>("organization_id")
        return try repository(of: type).page(query.filtered { _ in owner == organization.id })
    }
}
