public import Foundation

/// That a user belongs to an organization, and in which role.
public struct OrganizationMembership: TenantOwned, SoftDeletable {
    /// What one row is called in messages.
    public static let entityName = "organization membership"

    /// The key.
    public package(set) var id: Identifier<OrganizationMembership>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization>
    /// The member, once in each organization.
    public package(set) var userID: Identifier<User>
    /// What the member may do.
    public var role: OrganizationRole
    /// Who invited the member, or `nil` for a founder.
    public package(set) var invitedBy: Identifier<User>?
    /// When the member accepted, or `nil` while invited.
    public var joinedAt: Date? {
        didSet { joinedAt = joinedAt?.roundedToMicroseconds }
    }
    /// When it was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// When it was deleted.
    public package(set) var deletedAt: Date?
    /// The deletion that took it.
    public package(set) var deletionID: Identifier<Deletion>?
    /// How often it was written.
    public package(set) var revision: Int

    /// Makes a membership that is not stored yet.
    public init(
        id: Identifier<OrganizationMembership> = Identifier(),
        user: Identifier<User>,
        role: OrganizationRole = .member,
        invitedBy: Identifier<User>? = nil,
        joinedAt: Date? = nil,
        createdAt: Date = .now
    ) {
        self.id = id
        organizationID = .unassigned
        userID = user
        self.role = role
        self.invitedBy = invitedBy
        self.joinedAt = joinedAt?.roundedToMicroseconds
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
        deletedAt = nil
        deletionID = nil
        revision = 1
    }
}

/// What a member may do in an organization; a greater role includes the smaller ones.
public enum OrganizationRole: String, TextEnumeration, Comparable {
    /// Everything, deleting the organization included.
    case owner
    /// Everything but what concerns owners and the organization itself.
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

    /// Orders by power, weakest first.
    public static func < (left: OrganizationRole, right: OrganizationRole) -> Bool {
        left.power < right.power
    }
}

/// A member of an organization: the person and the membership.
public struct OrganizationMember: Sendable, Hashable, Codable {
    /// The person.
    public let user: User
    /// The membership.
    public let membership: OrganizationMembership

    /// Joins a person and a membership.
    public init(user: User, membership: OrganizationMembership) {
        self.user = user
        self.membership = membership
    }
}
