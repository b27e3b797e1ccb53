extension Organization: TableMapped {
    package static let table = Table(
        "organizations",
        columns: [
            "id", "name", "slug", "description", "billing_email", "subscription_plan",
            "subscription_status", "is_active", "max_users", "max_projects",
            "max_models", "settings", "created_by", "created_at", "updated_at",
            "deleted_at", "deletion_id", "revision",
        ],
        references: [.init("created_by", to: User.self, onPurge: .clear)])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        name = try row.next()
        slug = try row.next()
        description = try row.next()
        billingEmail = try row.next()
        subscriptionPlan = try row.next()
        subscriptionStatus = try row.next()
        isActive = try row.next()
        maxUsers = try row.next()
        maxProjects = try row.next()
        maxModels = try row.next()
        settings = try row.next()
        createdBy = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        deletedAt = try row.next()
        deletionID = try row.next()
        revision = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        let billing = try billingEmail.map {
            try EmailAddress.checked($0, of: Self.entityName, field: "billing_email")
        }
        try row.append(id)
        try row.append(name)
        try row.append(Slug.checked(slug, of: Self.entityName))
        try row.append(description)
        try row.append(billing)
        try row.append(subscriptionPlan)
        try row.append(subscriptionStatus)
        try row.append(isActive)
        try row.append(maxUsers)
        try row.append(maxProjects)
        try row.append(maxModels)
        try row.append(settings)
        try row.append(createdBy)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }

    /// An organization does not set its own limits.
    package func prepared(
        forInsert: Bool, in transaction: SQLTransaction
    ) throws -> Organization {
        guard !forInsert, transaction.organizationID != nil else { return self }
        let stored = try transaction.byLibrary.organizations.find(id)
        let isChanged = [
            ("max_users", maxUsers != stored.maxUsers),
            ("max_projects", maxProjects != stored.maxProjects),
            ("max_models", maxModels != stored.maxModels),
            ("subscription_plan", subscriptionPlan != stored.subscriptionPlan),
            ("subscription_status", subscriptionStatus != stored.subscriptionStatus),
            ("is_active", isActive != stored.isActive),
        ]
        guard let changed = isChanged.first(where: \.1)?.0 else { return self }
        throw StoreError(
            .permissionDenied,
            "A workspace cannot change the \(changed) of its organization; "
                + "use `store.withSystemAccess(reason:)`.",
            entity: Self.entityName, field: changed)
    }
}
