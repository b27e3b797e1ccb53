/// Relations of projects and their members.
///
/// Upwards, a parent that the transaction cannot see, such as a deleted one, is `.notFound`, or
/// `nil` where the relation is optional. Downwards, a query may narrow, order and page.
extension Transaction {
    /// The project that somebody is a member of.
    public func project(of member: ProjectMember) throws -> Project {
        try projects.find(member.projectID)
    }

    /// The members of a project.
    public func projectMembers(
        of project: Project, _ query: Query<ProjectMember> = Query()
    ) throws -> Page<ProjectMember> {
        try projectMembers.page(query.filtered { $0.projectID == project.id })
    }

    /// The user that is a member of a project.
    public func user(of member: ProjectMember) throws -> User {
        try users.find(member.userID)
    }

    /// The places of a user in projects.
    public func projectMembers(
        of user: User, _ query: Query<ProjectMember> = Query()
    ) throws -> Page<ProjectMember> {
        try projectMembers.page(query.filtered { $0.userID == user.id })
    }

    /// Who added a member to a project.
    public func adder(of member: ProjectMember) throws -> User {
        try users.find(member.addedBy)
    }

    /// The members of projects that a user has added.
    public func projectMembers(
        addedBy user: User, _ query: Query<ProjectMember> = Query()
    ) throws -> Page<ProjectMember> {
        try projectMembers.page(query.filtered { $0.addedBy == user.id })
    }
}
