import Foundation
import MLOpsCore

/// A user with their memberships.
struct UserReport: Encodable, Sendable {
    /// One membership.
    struct Membership: Encodable, Sendable {
        let organization: String
        let role: OrganizationRole
        let isInvited: Bool
    }

    let id: Identifier<User>
    let email: String
    let name: String
    let isActive: Bool
    let hasPassword: Bool
    let lastLoginAt: Date?
    let organizations: [Membership]

    /// Reads a user's memberships, which requires system access.
    init(_ user: User, in tx: any Transaction) throws {
        id = user.id
        email = user.email
        name = [user.firstName, user.lastName].filter { !$0.isEmpty }.joined(separator: " ")
        isActive = user.isActive
        hasPassword = user.hasPassword
        lastLoginAt = user.lastLoginAt
        organizations = try tx.memberships.of(user: user.id).map { membership in
            let organization = try tx.organizations.find(membership.organizationID)
            return Membership(
                organization: organization.slug, role: membership.role,
                isInvited: membership.invitedBy != nil && membership.joinedAt == nil)
        }
    }

    /// The organizations in one cell.
    var organizationText: String {
        organizations.map { "\($0.organization) (\($0.isInvited ? "invited, " : "")\($0.role))" }
            .joined(separator: ", ")
    }
}
