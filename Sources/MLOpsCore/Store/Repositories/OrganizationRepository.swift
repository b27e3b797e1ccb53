public import Foundation

/// The tenants.
public protocol OrganizationRepository: SoftDeletableRepository where Record == Organization {
    /// The live organization with this slug in any spelling of ``Slug``, or `nil`.
    func withSlug(_ slug: String) throws -> Organization?
}

extension Organization {
    /// The columns of `organizations`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<Organization, Identifier<Organization>>("id")
        /// The name.
        public let name = Column<Organization, String>("name")
        /// The name in paths.
        public let slug = Column<Organization, String>("slug")
        /// What it is.
        public let description = Column<Organization, String?>("description")
        /// The address for invoices.
        public let billingEmail = Column<Organization, String?>("billing_email")
        /// What it has subscribed to.
        public let subscriptionPlan = Column<Organization, SubscriptionPlan>("subscription_plan")
        /// The state of the subscription.
        public let subscriptionStatus =
            Column<Organization, SubscriptionStatus>("subscription_status")
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
        /// When it was made.
        public let createdAt = Column<Organization, Date>("created_at")
        /// When it last changed.
        public let updatedAt = Column<Organization, Date>("updated_at")
        /// When it was deleted.
        public let deletedAt = Column<Organization, Date?>("deleted_at")
        /// How often it was written.
        public let revision = Column<Organization, Int>("revision")
    }

    /// The columns of `organizations`.
    public static let columns = Columns()
}
