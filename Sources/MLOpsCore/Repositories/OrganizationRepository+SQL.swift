extension SQLRepository: OrganizationRepository where Record == Organization {
    func withSlug(_ slug: String) throws -> Organization? {
        let name = Slug.normalized(slug)
        return try first { $0.slug == name }
    }
}

extension Organization: StoredSoftDeletable {
    /// Checks slug and address, and that a workspace does not change its own plan or limits.
    ///
    /// - Throws: `.invalidValue`; `.permissionDenied`.
    func prepared(
        from source: InsertSource?, in transaction: SQLTransaction
    ) throws -> Organization {
        var organization = self
        organization.slug = try Slug.checked(slug, of: Self.entityName)
        organization.billingEmail = try billingEmail.map {
            try EmailAddress.checked(
                $0, of: Self.entityName, field: Self.columns.billingEmail.name)
        }
        guard source == nil, transaction.organizationID != nil else { return organization }
        let stored = try transaction.unrestricted.organizations.find(id)
        let isChanged: [(column: any NamedColumn, Bool)] = [
            (Self.columns.maxUsers, maxUsers != stored.maxUsers),
            (Self.columns.maxProjects, maxProjects != stored.maxProjects),
            (Self.columns.maxModels, maxModels != stored.maxModels),
            (Self.columns.subscriptionPlan, subscriptionPlan != stored.subscriptionPlan),
            (Self.columns.subscriptionStatus, subscriptionStatus != stored.subscriptionStatus),
            (Self.columns.isActive, isActive != stored.isActive),
        ]
        guard let changed = isChanged.first(where: \.1)?.column.name else { return organization }
        throw StoreError(
            .permissionDenied,
            "A workspace cannot change the \(changed) of its organization; "
                + "use `store.withSystemAccess(reason:)`.",
            entity: Self.entityName, field: changed)
    }

    /// Checks that somebody owns the organization, if it has members.
    ///
    /// Its owners may have been deactivated or erased while it was deleted.
    ///
    /// - Throws: `.conflict`.
    func finishRestore(in transaction: SQLTransaction) throws {
        let members = try transaction.integer(
            """
            SELECT count(*) FROM organization_memberships \
            WHERE organization_id = \(id) AND deleted_at IS NULL
            """)
        guard members > 0, try transaction.owners(of: id).isEmpty else { return }
        throw StoreError(
            .conflict,
            "The organization would come back without an owner who can act; activate the user "
                + "of one of its owners first.",
            entity: Self.entityName)
    }
}
