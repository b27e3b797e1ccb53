/// Relations of people and organizations.
///
/// A parent that the transaction cannot see, such as a deleted one, throws `.notFound`; an optional
/// relation returns `nil`. To find children, filter on the foreign key, such as
/// `{ $0.projectID == project.id }`.
extension Transaction {
    /// The user of a membership.
    public func user(of membership: OrganizationMembership) throws -> User {
        try users.find(membership.userID)
    }

    /// Who invited a member, or `nil` for a founder.
    public func inviter(of membership: OrganizationMembership) throws -> User? {
        try membership.invitedBy.flatMap { try users.findIfExists($0) }
    }

    /// Who made a user, or `nil` for the system.
    public func creator(of user: User) throws -> User? {
        try user.createdBy.flatMap { try users.findIfExists($0) }
    }

    /// Who made an organization, or `nil` for the system.
    public func creator(of organization: Organization) throws -> User? {
        try organization.createdBy.flatMap { try users.findIfExists($0) }
    }

    /// The key with which an API key was issued, or `nil` if a person issued it.
    public func issuer(of key: APIKey) throws -> APIKey? {
        try key.issuerKeyID.flatMap { try apiKeys.findIfExists($0) }
    }

    /// The user that an API key acts for.
    public func user(of key: APIKey) throws -> User {
        try users.find(key.userID)
    }
}
