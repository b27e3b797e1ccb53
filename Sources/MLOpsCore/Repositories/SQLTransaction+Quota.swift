extension SQLTransaction {
    /// Checks the limit that an organization sets on the live rows of a table.
    ///
    /// The organization's row is locked first, so that two transactions cannot both take the last
    /// place.
    ///
    /// - Throws: `.quotaExceeded`.
    func checkQuota(
        of organization: Identifier<Organization>, on table: Table, adding added: Int
    ) throws {
        guard let quota = table.quota else { return }
        let limit = try rows(
            """
            SELECT \(raw: quota) FROM organizations WHERE id = \(organization) \
            \(connection.dialect.lock(.exclusive))
            """
        ) { try $0.next(Int?.self) }
        guard let limit = limit.first ?? nil else { return }
        let count = try integer(
            """
            SELECT count(*) FROM \(raw: table.name) \
            WHERE organization_id = \(organization) AND deleted_at IS NULL
            """)
        guard count + added <= limit else {
            throw StoreError(
                .quotaExceeded,
                "The organization has reached its limit of \(limit) (\(quota)); "
                    + "delete something or raise the limit.",
                entity: table.entityName, field: quota)
        }
    }
}
