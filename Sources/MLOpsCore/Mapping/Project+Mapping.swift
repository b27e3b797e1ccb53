extension Project {
    /// The columns of `projects`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = Project
        /// The name.
        public let name = Column<Project, String>("name", holdsNames: true)
        /// The slug: its name in paths.
        public let slug = Column<Project, String>("slug")
        /// What it is for.
        public let description = Column<Project, String?>("description")
        /// Who may see it.
        public let visibility = Column<Project, ProjectVisibility>("visibility")
        /// Whether it is worked on.
        public let isActive = Column<Project, Bool>("is_active")
        /// The settings.
        public let settings = JSONColumn<Project>("settings")
    }

    /// The columns of `projects`.
    public static let columns = Columns()
}

extension Project: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "projects", resource: "project",
        project: .itself,
        permissions: .project(write: .owner, delete: .owner, purge: .owner),
        quota: Organization.columns.maxProjects,
        references: [
            Reference(columns.createdBy, onPurge: .restrict)
        ])

    package static let blank = Project(name: "")

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.name, &name)
        try row.column(Self.columns.slug, &slug)
        try row.column(Self.columns.description, &description)
        try row.column(Self.columns.visibility, &visibility)
        try row.column(Self.columns.isActive, &isActive)
        try row.column(Self.columns.settings, &settings)
        try row.column(Self.columns.createdBy, &createdBy)
        try row.stamps(&self)
    }
}
