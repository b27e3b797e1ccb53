public import Foundation

/// Who belongs to a project, in which role.
public protocol ProjectMemberRepository: SoftDeletableRepository where Record == ProjectMember {
    /// The live row of a user in a project, or `nil`.
    func membership(
        of user: Identifier<User>, in project: Identifier<Project>
    ) throws -> ProjectMember?

    /// Every live member of a project with the person, ordered by email.
    ///
    /// - Throws: `.notFound` for a project that is absent or deleted.
    func members(of project: Identifier<Project>) throws -> [ProjectMembership]
}

extension ProjectMember {
    /// The columns of `project_members`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<ProjectMember, Identifier<ProjectMember>>("id")
        /// The organization; filled in on insert.
        public let organizationID =
            Column<ProjectMember, Identifier<Organization>>("organization_id")
        /// The project.
        public let projectID = Column<ProjectMember, Identifier<Project>>("project_id")
        /// The member, once in each project.
        public let userID = Column<ProjectMember, Identifier<User>>("user_id")
        /// What the member may do.
        public let role = Column<ProjectMember, ProjectRole>("role")
        /// Who added the member.
        public let addedBy = Column<ProjectMember, Identifier<User>>("added_by")
        /// When it was made.
        public let createdAt = Column<ProjectMember, Date>("created_at")
        /// When it last changed.
        public let updatedAt = Column<ProjectMember, Date>("updated_at")
        /// When it was deleted.
        public let deletedAt = Column<ProjectMember, Date?>("deleted_at")
        /// How often it was written.
        public let revision = Column<ProjectMember, Int>("revision")
    }

    /// The columns of `project_members`.
    public static let columns = Columns()
}
