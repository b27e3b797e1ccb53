/// Who belongs to an organization, in which role.
///
/// Deleting a membership revokes the user's API keys in the organization and ends the user's roles
/// in its projects. Each of these changes has an entry in the audit trail. Restoring the membership
/// restores neither.
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

    /// Accepts the acting user's invitation; accepting twice changes nothing.
    ///
    /// An invited user has no workspace yet: see ``Store/acceptInvitation(to:as:)``.
    ///
    /// - Throws: `.notFound` when there is none.
    @discardableResult
    func accept() throws -> OrganizationMembership

    /// Ends the acting user's membership.
    ///
    /// - Throws: `.conflict` for the last owner.
    @discardableResult
    func leave() throws -> Deletion
}
