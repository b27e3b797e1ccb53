/// Who belongs to an organization, in which role.
///
/// With a membership that is deleted, its user's API keys in the organization are revoked and their
/// roles in its projects end, each with an entry in the audit trail; restoring brings neither back.
public protocol OrganizationMembershipRepository: SoftDeletableRepository
where Record == OrganizationMembership {
    /// The live membership of a user, or `nil`.
    func membership(of user: Identifier<User>) throws -> OrganizationMembership?

    /// Every live member with the person, ordered by email.
    func members() throws -> [OrganizationMember]

    /// The live memberships of a user, oldest first; under system access in every organization.
    func of(user: Identifier<User>) throws -> [OrganizationMembership]

    /// Gives a member another role.
    ///
    /// - Throws: `.notFound`; `.permissionDenied` when one of the two roles is above the
    ///   principal; `.conflict` for the last owner.
    @discardableResult
    func changeRole(
        of user: Identifier<User>, to role: OrganizationRole
    ) throws -> OrganizationMembership

    /// Accepts the invitation of who acts; accepting twice changes nothing.
    ///
    /// Who is only invited has no workspace yet: see ``Store/acceptInvitation(to:as:)``.
    ///
    /// - Throws: `.notFound` when there is none.
    @discardableResult
    func accept() throws -> OrganizationMembership

    /// Ends the membership of who acts.
    ///
    /// - Throws: `.conflict` for the last owner.
    @discardableResult
    func leave() throws -> Deletion
}
