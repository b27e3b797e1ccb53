public import Foundation

/// The projects of an organization.
public protocol ProjectRepository: SoftDeletableRepository where Record == Project {
    /// The live project with this slug in any spelling of ``Slug``, or `nil`.
    func withSlug(_ slug: String) throws -> Project?

    /// The live projects that a user is a member of, ordered by slug.
    func ofMember(_ user: Identifier<User>) throws -> [Project]
}

extension Project {
    /// The columns of `projects`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<Project, Identifier<Project>>("id")
        /// The organization; filled in on insert.
        public let organizationID = Column<Project, Identifier<Organization>>("organization_id")
        /// The name.
        public let name = Column<Project, String>("name")
        /// The name in paths.
        public let slug = Column<Project, String>("slug")
        /// What it is for.
        public let description = Column<Project, String?>("description")
        /// Who may see it.
        public let visibility = Column<Project, ProjectVisibility>("visibility")
        /// Whether it is worked on.
        public let isActive = Column<Project, Bool>("is_active")
        /// The settings.
        public let settings = JSONColumn<Project>("settings")
        /// Who made it.
        public let createdBy = Column<Project, Identifier<User>>("created_by")
        /// When it was made.
        public let createdAt = Column<Project, Date>("created_at")
        /// When it last changed.
        public let updatedAt = Column<Project, Date>("updated_at")
        /// When it was deleted.
        public let deletedAt = Column<Project, Date?>("deleted_at")
        /// How often it was written.
        public let revision = Column<Project, Int>("revision")
    }

    /// The columns of `projects`.
    public static let columns = Columns()
}
