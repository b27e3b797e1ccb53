/// What a principal may do in one organization, as read when a transaction begins.
///
/// A decision needs only this value, the ``Permissions`` of the table and the row's requirement.
package struct Authority: Sendable {
    /// The acting user.
    let userID: Identifier<User>
    /// Their role in the organization; with a key, at most that of the key's maker.
    let role: OrganizationRole
    /// The API key that they act with; `nil` without a key.
    let key: ActingKey?
    /// Whether the organization is deleted; it can then only be restored or purged.
    let organizationIsDeleted: Bool

    /// Whether the principal acts as an owner of every project.
    var ownsEveryProject: Bool { role >= .admin && key?.projects == nil }

    /// The effective role in a project that the principal sees.
    ///
    /// Owners and admins of the organization act as owners of every project, its viewers as
    /// viewers. A member acts in the role of their project membership; without one, a member only
    /// sees projects of visibility `organization`.
    func effective(_ projectRole: ProjectRole?) -> ProjectRole {
        switch role {
        case .owner, .admin: .owner
        case .member: projectRole ?? .viewer
        case .viewer: .viewer
        }
    }

    /// Checks that the key's scopes allow an action on the rows of a table.
    ///
    /// - Throws: `.permissionDenied`.
    func check(_ action: PermissionAction, on table: Table) throws {
        if organizationIsDeleted, table.tenancy != .organizationItself {
            throw StoreError(
                .permissionDenied,
                "The organization is deleted; its owner can restore or purge it.")
        }
        guard let key, !key.permissions.allows(action, on: table.name) else { return }
        throw StoreError(
            .permissionDenied, "The scopes of the API key do not hold \(action) on \(table.name).",
            field: "permissions")
    }

    /// Checks that the principal meets a row's requirement.
    ///
    /// - Parameter projectRole: The principal's own role in the row's project; `nil` without one.
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
