public import Foundation

/// The membership of a user in a project, with a role.
public struct ProjectMember: TenantOwned, SoftDeletable {
    /// The name of a row in messages.
    public static let entityName = "project member"

    /// The key.
    public package(set) var id: Identifier<ProjectMember>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The project.
    public package(set) var projectID: Identifier<Project>
    /// The member; a user has at most one live membership in a project.
    public package(set) var userID: Identifier<User>
    /// The member's role.
    public var role: ProjectRole
    /// Who added the member; filled in on insert.
    public package(set) var addedBy: Identifier<User> = .unassigned
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

    /// Makes a project member that is not stored yet.
    public init(
        id: Identifier<ProjectMember> = Identifier(),
        project: Identifier<Project>,
        user: Identifier<User>,
        role: ProjectRole = .contributor,
        createdAt: Date = .now
    ) {
        self.id = id
        projectID = project
        userID = user
        self.role = role
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}

/// The role of a member in a project; a higher role includes the lower ones.
public enum ProjectRole: String, TextEnumeration, Comparable {
    /// Everything, including deleting the project.
    case owner
    /// Deploying, and adding and removing members.
    case maintainer
    /// Making and changing models and experiments.
    case contributor
    /// Reading.
    case viewer

    private var power: Int {
        switch self {
        case .owner: 4
        case .maintainer: 3
        case .contributor: 2
        case .viewer: 1
        }
    }

    /// Orders by rights, the lowest role first.
    public static func < (left: ProjectRole, right: ProjectRole) -> Bool {
        left.power < right.power
    }
}

/// A member of a project: the user and the membership.
public struct ProjectMembership: Sendable, Hashable, Codable {
    /// The user.
    public let user: User
    /// The membership.
    public let member: ProjectMember

    /// Combines a user and a membership.
    public init(user: User, member: ProjectMember) {
        self.user = user
        self.member = member
    }
}
