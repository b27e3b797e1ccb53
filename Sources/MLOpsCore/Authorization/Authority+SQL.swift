import Foundation

extension Authority {
    /// The columns that say what a user is in an organization: of the organization as `o`, the
    /// membership as `m` and the user as `u`.
    static let standing = """
        o.is_active, o.subscription_status, o.deletion_id, u.is_active, m.role, m.invited_by, \
        m.joined_at
        """

    static let unknown = StoreError(
        .permissionDenied, "The user is not an active member of the organization.")

    static let unusableKey = StoreError(
        .permissionDenied, "The API key is not one that the user can act with.")

    /// Reads the columns of ``standing``.
    init(of user: Identifier<User>, standing row: inout RowDecoder) throws {
        let isActive = try row.next(Bool.self)
        let status = try row.next(SubscriptionStatus.self)
        let deletion = try row.next(Identifier<Deletion>?.self)
        guard isActive, status != .suspended else {
            throw StoreError(.permissionDenied, "The organization is not active.")
        }
        let userIsActive = try row.next(Bool.self)
        userID = user
        role = try row.next()
        key = nil
        organizationIsDeleted = deletion != nil
        let invitedBy = try row.next(Identifier<User>?.self)
        let joinedAt = try row.next(Date?.self)
        guard userIsActive else { throw Self.unknown }
        guard invitedBy == nil || joinedAt != nil else {
            throw StoreError(.permissionDenied, "The invitation is not accepted yet.")
        }
    }

    func limited(to permissions: APIKeyPermissions) -> Authority {
        Authority(
            userID: userID, role: role, key: permissions,
            organizationIsDeleted: organizationIsDeleted)
    }
}
