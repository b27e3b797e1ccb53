/// Relations of people and organizations.
///
/// Upwards, a parent that the transaction cannot see, such as a deleted one, is `.notFound`, or
/// `nil` where the relation is optional. Downwards, a query may narrow, order and page.
extension Transaction {
    /// The user of a membership.
    public func user(of membership: OrganizationMembership) throws -> User {
        try users.find(membership.userID)
    }

    /// The memberships of a user.
    public func memberships(
        of user: User, _ query: Query<OrganizationMembership> = Query()
    ) throws -> Page<OrganizationMembership> {
        try memberships.page(query.filtered { $0.userID == user.id })
    }

    /// Who invited a member, or `nil` for a founder.
    public func inviter(of membership: OrganizationMembership) throws -> User? {
        try membership.invitedBy.flatMap { try users.findIfExists($0) }
    }

    /// The memberships that a user has invited to.
    public func memberships(
        invitedBy user: User, _ query: Query<OrganizationMembership> = Query()
    ) throws -> Page<OrganizationMembership> {
        try memberships.page(query.filtered { $0.invitedBy == user.id })
    }

    /// Who made a user, or `nil` for the system.
    public func creator(of user: User) throws -> User? {
        try user.createdBy.flatMap { try users.findIfExists($0) }
    }

    /// The users that a user has made.
    public func users(
        createdBy user: User, _ query: Query<User> = Query()
    ) throws -> Page<User> {
        try users.page(query.filtered { $0.createdBy == user.id })
    }

    /// Who made an organization, or `nil` for the system.
    public func creator(of organization: Organization) throws -> User? {
        try organization.createdBy.flatMap { try users.findIfExists($0) }
    }

    /// The organizations that a user has made.
    public func organizations(
        createdBy user: User, _ query: Query<Organization> = Query()
    ) throws -> Page<Organization> {
        try organizations.page(query.filtered { $0.createdBy == user.id })
    }

    /// The user that an API key acts for.
    public func user(of key: APIKey) throws -> User {
        try users.find(key.userID)
    }

    /// The API keys of a user.
    public func apiKeys(
        of user: User, _ query: Query<APIKey> = Query()
    ) throws -> Page<APIKey> {
        try apiKeys.page(query.filtered { $0.userID == user.id })
    }
}
