extension SQLTransaction {
    /// Checks that the actor may do this to some rows of a table.
    ///
    /// - Throws: `.permissionDenied` when a key's scopes do not hold it, the trail is not theirs to
    ///   see, or the organization is deleted.
    func allow<Record: TableMapped>(_ action: PermissionAction, on type: Record.Type) throws {
        try checkOpen()
        let isTrail = type == AuditLog.self
        if let authority = try authority() {
            try authority.check(action, on: Record.table.name)
            if isTrail {
                try authority.check(action, .organization(.admin), in: nil, of: Record.entityName)
            }
        }
        // What the transaction itself has done is a part of the trail.
        if isTrail, kind == .write { try writeTrail() }
    }

    /// Checks that the actor may do this to a row they see.
    ///
    /// - Parameter role: Their own role in the row's project.
    /// - Throws: `.permissionDenied`.
    func require<Record: TableMapped>(
        _ action: PermissionAction, _ record: Record, in role: ProjectRole?
    ) throws {
        guard let authority = try authority() else { return }
        try authority.check(
            action, record.requirement(to: action, by: authority.userID), in: role,
            of: Record.entityName)
    }
}
