public import Foundation

/// The membership of a user in an organization, with a role.
public struct OrganizationMembership: TenantOwned, SoftDeletable {
    /// The name of a row in messages.
    public static let entityName = "organization membership"

    /// The key.
    public package(set) var id: Identifier<OrganizationMembership>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The member; a user has at most one live membership in an organization.
    public package(set) var userID: Identifier<User>
    /// The member's role.
    public var role: OrganizationRole
    /// Who invited the member, or `nil` for a founder.
    public package(set) var invitedBy: Identifier<User>?
    /// When the member accepted, or `nil` while invited; written by the store.
    public package(set) var joinedAt: Date? {
        didSet { joinedAt = joinedAt?.roundedToMicroseconds }
    }
    /// When it was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// When it was deleted.
    public package(set) var deletedAt: Date?
    /// The deletion that it was part of.
    public package(set) var deletionID: Identifier<Deletion>?
    /// The revision: 1 after the insert, one more after each change.
    public package(set) var revision: Int = 1

    /// Makes a membership that is not stored yet.
    ///
    /// With a `joinedAt`, the member joins at the time of the insert. Only `insert(history:)` takes
    /// the time itself.
    public init(
        id: Identifier<OrganizationMembership> = Identifier(),
        user: Identifier<User>,
        role: OrganizationRole = .member,
        invitedBy: Identifier<User>? = nil,
        joinedAt: Date? = nil,
        createdAt: Date = .now
    ) {
        self.id = id
        userID = user
        self.role = role
        self.invitedBy = invitedBy
        self.joinedAt = joinedAt?.roundedToMicroseconds
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}

/// The role of a member in an organization; a higher role includes the lower ones.
public enum OrganizationRole: String, TextEnumeration, Comparable {
    /// Everything, including deleting the organization.
    case owner
    /// Everything except changes to owners and to the organization itself.
    case admin
    /// Working in projects.
    case member
    /// Reading.
    case viewer

    private var power: Int {
        switch self {
        case .owner: 4
        case .admin: 3
        case .member: 2
        case .viewer: 1
        }
    }

    /// Orders by rights, the lowest role first.
    public static func < (left: OrganizationRole, right: OrganizationRole) -> Bool {
        left.power < right.power
    }
}

/// A member of an organization: the user and the membership.
public struct OrganizationMember: Sendable, Hashable, Codable {
    /// The user.
    public let user: User
    /// The membership.
    public let membership: OrganizationMembership

    /// Combines a user and a membership.
    public init(user: User, membership: OrganizationMembership) {
        self.user = user
        self.membership = membership
    }
}
