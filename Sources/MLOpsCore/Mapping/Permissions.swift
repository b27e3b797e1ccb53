/// The minimum role for each action on the rows of a table.
package struct Permissions: Sendable {
    private let read: Requirement
    private let write: Requirement
    private let delete: Requirement
    private let purge: Requirement

    /// Rows of a project; reading one requires seeing its project.
    package static func project(
        write: ProjectRole, delete: ProjectRole, purge: ProjectRole
    ) -> Permissions {
        Permissions(
            read: .project(.viewer), write: .project(write), delete: .project(delete),
            purge: .project(purge))
    }

    /// Rows of the organization; one role for every action.
    package static func organization(_ role: OrganizationRole) -> Permissions {
        Permissions(
            read: .organization(role), write: .organization(role), delete: .organization(role),
            purge: .organization(role))
    }

    subscript(action: PermissionAction) -> Requirement {
        switch action {
        case .read: read
        case .write: write
        case .delete: delete
        case .purge: purge
        }
    }
}

/// The minimum role for an action.
package enum Requirement: Sendable, Hashable {
    /// A role in the organization.
    case organization(OrganizationRole)
    /// An effective role in the row's project.
    case project(ProjectRole)

    /// A row without a project, where a project is optional: all members read, admins change it.
    static func outsideProjects(_ action: PermissionAction) -> Requirement {
        .organization(action == .read ? .viewer : .admin)
    }
}
