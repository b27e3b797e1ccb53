public import Foundation

/// That a user belongs to a project, and in which role.
public struct ProjectMember: TenantOwned, SoftDeletable {
    /// What one row is called in messages.
    public static let entityName = "project member"

    /// The key.
    public package(set) var id: Identifier<ProjectMember>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization>
    /// The project.
    public package(set) var projectID: Identifier<Project>
    /// The member, once in each project.
    public package(set) var userID: Identifier<User>
    /// What the member may do.
    public var role: ProjectRole
    /// Who added the member; filled in on insert.
    public package(set) var addedBy: Identifier<User>
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

    /// Makes a project member that is not stored yet.
    public init(
        id: Identifier<ProjectMember> = Identifier(),
        project: Identifier<Project>,
        user: Identifier<User>,
        role: ProjectRole = .contributor,
        createdAt: Date = .now
    ) {
        self.id = id
        organizationID = .unassigned
        projectID = project
        userID = user
        self.role = role
        addedBy = .unassigned
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
        deletedAt = nil
        deletionID = nil
        revision = 1
    }
}

/// What a member may do in a project; a greater role includes the smaller ones.
public enum ProjectRole: String, TextEnumeration, Comparable {
    /// Everything, deleting the project included.
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

    /// Orders by power, weakest first.
    public static func < (left: ProjectRole, right: ProjectRole) -> Bool {
        left.power < right.power
    }
}

/// A member of a project: the person and the member's row.
public struct ProjectMembership: Sendable, Hashable, Codable {
    /// The person.
    public let user: User
    /// The member's row.
    public let member: ProjectMember

    /// Joins a person and a member's row.
    public init(user: User, member: ProjectMember) {
        self.user = user
        self.member = member
    }
}
