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
