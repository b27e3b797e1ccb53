extension ProjectMember {
    /// The columns of `project_members`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = ProjectMember
        /// The project.
        public let projectID = Column<ProjectMember, Identifier<Project>>("project_id")
        /// The member, once in each project.
        public let userID = Column<ProjectMember, Identifier<User>>("user_id")
        /// The member's role in the project.
        public let role = Column<ProjectMember, ProjectRole>("role")
        /// Who added the member.
        public let addedBy = Column<ProjectMember, Identifier<User>>("added_by")
    }

    /// The columns of `project_members`.
    public static let columns = Columns()
}

extension ProjectMember: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "project_members", resource: "project_member",
        project: .column(columns.projectID),
        permissions: .project(write: .owner, delete: .owner, purge: .owner),
        fixed: [columns.projectID, columns.userID, columns.addedBy],
        performer: [columns.addedBy],
        references: [
            Reference(columns.projectID, onPurge: .cascade),
            Reference(columns.userID, onPurge: .cascade, isMember: true),
            Reference(columns.addedBy, onPurge: .restrict),
        ])

    package static let blank = ProjectMember(project: .unassigned, user: .unassigned)

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.projectID, &projectID)
        try row.column(Self.columns.userID, &userID)
        try row.column(Self.columns.role, &role)
        try row.column(Self.columns.addedBy, &addedBy)
        try row.stamps(&self)
    }
}
