extension Organization {
    /// The columns of `organizations`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = Organization
        /// The name.
        public let name = Column<Organization, String>("name", holdsNames: true)
        /// The slug: its name in paths.
        public let slug = Column<Organization, String>("slug")
        /// What it is.
        public let description = Column<Organization, String?>("description")
        /// The address for invoices.
        public let billingEmail = Column<Organization, String?>("billing_email", holdsNames: true)
        /// The subscription tier.
        public let subscriptionPlan = Column<Organization, SubscriptionPlan>("subscription_plan")
        /// The state of the subscription.
        public let subscriptionStatus = Column<Organization, SubscriptionStatus>(
            "subscription_status")
        /// Whether its members may work in it.
        public let isActive = Column<Organization, Bool>("is_active")
        /// The largest number of members.
        public let maxUsers = Column<Organization, Int?>("max_users")
        /// The largest number of projects.
        public let maxProjects = Column<Organization, Int?>("max_projects")
        /// The largest number of models.
        public let maxModels = Column<Organization, Int?>("max_models")
        /// The settings.
        public let settings = JSONColumn<Organization>("settings")
        /// Who made it.
        public let createdBy = Column<Organization, Identifier<User>?>("created_by")
    }

    /// The columns of `organizations`.
    public static let columns = Columns()
}

extension Organization: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "organizations", resource: "organization",
        tenancy: .organizationItself, project: .none, redacted: [columns.billingEmail],
        references: [
            Reference(columns.createdBy, onPurge: .clear)
        ])

    package static let blank = Organization(name: "")

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.name, &name)
        try row.column(Self.columns.slug, &slug)
        try row.column(Self.columns.description, &description)
        try row.column(Self.columns.billingEmail, &billingEmail)
        try row.column(Self.columns.subscriptionPlan, &subscriptionPlan)
        try row.column(Self.columns.subscriptionStatus, &subscriptionStatus)
        try row.column(Self.columns.isActive, &isActive)
        try row.column(Self.columns.maxUsers, &maxUsers)
        try row.column(Self.columns.maxProjects, &maxProjects)
        try row.column(Self.columns.maxModels, &maxModels)
        try row.column(Self.columns.settings, &settings)
        try row.column(Self.columns.createdBy, &createdBy)
        try row.stamps(&self)
    }

    /// Members may read, admins may write, and owners may delete and purge.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        switch action {
        case .read: .organization(.viewer)
        case .write: .organization(.admin)
        case .delete, .purge: .organization(.owner)
        }
    }
}
