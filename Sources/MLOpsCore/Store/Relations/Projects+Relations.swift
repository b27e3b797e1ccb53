/// Relations of projects and their members.
///
/// A parent that the transaction cannot see, such as a deleted one, throws `.notFound`; an optional
/// relation returns `nil`. To find children, filter on the foreign key, such as
/// `{ $0.projectID == project.id }`.
extension Transaction {
    /// The project that somebody is a member of.
    public func project(of member: ProjectMember) throws -> Project {
        try projects.find(member.projectID)
    }

    /// The user that is a member of a project.
    public func user(of member: ProjectMember) throws -> User {
        try users.find(member.userID)
    }

    /// Who added a member to a project.
    public func adder(of member: ProjectMember) throws -> User {
        try users.find(member.addedBy)
    }
}
