/// Relations of projects and their members.
///
/// Upwards, a parent that the transaction cannot see, such as a deleted one, is `.notFound`, or
/// `nil` where the relation is optional. Downwards a filter finds the rows, such as
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
