import Foundation

extension Authority {
    /// The columns that decide a user's rights in an organization.
    ///
    /// The organization has the alias `o`, the membership `m` and the user `u`.
    static let standing = """
        o.is_active, o.subscription_status, o.deletion_id, u.is_active, m.role, m.invited_by, \
        m.joined_at
        """

    /// Selects the standing of a user; the parameters are the ids of organization and user.
    static let selectionByUser = "SELECT \(standing) \(members(joining: ""))"

    /// Selects the standing of a user, and the user's API key.
    ///
    /// The parameters are the ids of organization, user and key.
    static let selectionByKey = """
        SELECT \(standing), \(ActingKey.columns), k.last_used_at \
        \(members(joining: "JOIN api_keys k ON k.organization_id = o.id")) \
        AND k.id = ? AND k.user_id = u.id AND k.deleted_at IS NULL
        """

    /// Joins an organization, the membership and the user.
    ///
    /// A membership that was deleted with the organization counts, so that an owner can restore it.
    private static func members(joining keys: String) -> String {
        """
        FROM organizations o \
        JOIN organization_memberships m ON m.organization_id = o.id \
        JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL \
        \(keys) WHERE o.id = ? AND m.user_id = ? \
        AND (m.deleted_at IS NULL OR m.deletion_id = o.deletion_id)
        """
    }

    static let unknown = StoreError(
        .permissionDenied, "The user is not an active member of the organization.")

    static let unusableKey = StoreError(
        .permissionDenied, "The API key is not one that the user can act with.")

    /// Reads the columns of ``standing``.
    ///
    /// - Throws: `.permissionDenied` when the organization, the user or the membership is not
    ///   active.
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

    func limited(to key: ActingKey) -> Authority {
        Authority(
            userID: userID, role: min(role, key.limits.role), key: key,
            organizationIsDeleted: organizationIsDeleted)
    }
}
