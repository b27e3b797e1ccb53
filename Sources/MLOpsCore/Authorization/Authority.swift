/// What a principal may do in one organization, as it stands when a transaction begins.
///
/// It decides alone, from the ``Permissions`` of each table and what a row says of itself.
package struct Authority: Sendable {
    /// The acting user.
    let userID: Identifier<User>
    /// Their role in the organization.
    let role: OrganizationRole
    /// What the key they act with is limited to, or `nil` when they act themselves.
    let key: APIKeyPermissions?
    /// Whether the organization is deleted; only its restoration and its purge are possible then.
    let organizationIsDeleted: Bool

    /// Whether every project of the organization is open to the principal, as to its owner.
    var ownsEveryProject: Bool { role >= .admin && key?.projects == nil }

    /// The role that counts in a project which the principal sees.
    ///
    /// An organization's owners and admins act as owners of every project, its viewers only see,
    /// and a member's own role counts; without one they see projects of visibility `organization`.
    func effective(_ projectRole: ProjectRole?) -> ProjectRole {
        switch role {
        case .owner, .admin: .owner
        case .member: projectRole ?? .viewer
        case .viewer: .viewer
        }
    }

    /// Checks that the key's scopes hold the action on the rows of a table.
    ///
    /// - Throws: `.permissionDenied`.
    func check(_ action: PermissionAction, on table: Table) throws {
        if organizationIsDeleted, table.tenancy != .organizationItself {
            throw StoreError(
                .permissionDenied,
                "The organization is deleted; its owner can restore or purge it.")
        }
        guard let key, !key.allows(action, on: table.name) else { return }
        throw StoreError(
            .permissionDenied, "The scopes of the API key do not hold \(action) on \(table.name).",
            field: "permissions")
    }

    /// Checks that a row's requirement is met.
    ///
    /// - Parameter projectRole: The principal's own role in the row's project.
    /// - Throws: `.permissionDenied`.
    func check(
        _ action: PermissionAction, _ requirement: Requirement, in projectRole: ProjectRole?,
        of entity: @autoclosure () -> String
    ) throws {
        let (needed, present): (String, String)
        switch requirement {
        case .organization(let least):
            // A key that is limited to projects changes nothing outside them.
            if role >= least, action == .read || key?.projects == nil { return }
            (needed, present) = ("\(least) in the organization", "\(role)")
        case .project(let least):
            let effective = effective(projectRole)
            if effective >= least { return }
            (needed, present) = (
                "\(least) in the project",
                role == .viewer ? "viewer in the organization, who only reads" : "\(effective)"
            )
        }
        let entity = entity()
        throw StoreError(
            .permissionDenied,
            key?.projects != nil && role >= .admin
                ? "An API key that is limited to projects may not \(action) this \(entity)."
                : "To \(action) this \(entity) takes the role \(needed); "
                    + "the principal's is \(present).",
            entity: entity)
    }
}
