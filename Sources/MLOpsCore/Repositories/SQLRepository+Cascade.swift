extension SQLRepository where Record: SoftDeletable {
    /// Checks that the principal may delete or purge what goes with a row.
    ///
    /// Who may delete a row may delete what is below it in the same project. A rule of another
    /// project, or of none, which sends to a deleted channel, is checked as if it were deleted
    /// alone. The error is the same for rows that the principal sees and for hidden ones.
    ///
    /// - Parameter rows: The condition of the rows of a table that go with the row.
    /// - Throws: `.permissionDenied`.
    func checkCascade(
        _ action: PermissionAction, from record: Record, _ rows: (Table) -> Fragment
    ) throws {
        guard let authority = try transaction.authority() else { return }
        let reachable = Schema.reachable(from: table).map(\.name)
        // A deletion marks rows; a purge also removes those that cannot be marked.
        let types = Schema.records.filter {
            (action == .purge || $0.table.isSoftDeletable) && reachable.contains($0.table.name)
        }
        if !authority.ownsEveryProject {
            let project = try projectID(of: record)
            for type in types where type.table.belongsToProjects {
                try checkForeign(type, action, rows(type.table), outside: project)
            }
        }
        guard authority.key != nil else { return }
        for type in types where type.table !== table {
            let name = type.table.name
            let count = try transaction.integer(
                "SELECT count(*) FROM \(raw: name) WHERE \(rows(type.table))")
            if count > 0 { try authority.check(action, on: type.table) }
        }
    }

    private func checkForeign<Row: TableMapped>(
        _ type: Row.Type, _ action: PermissionAction, _ rows: Fragment,
        outside project: Identifier<Project>?
    ) throws {
        let (target, name) = (Row.table, Row.table.name)
        let own: Fragment = "\(raw: Visibility.projectID(of: target, as: name))"
        let outside: Fragment = project.map { "(\(own) IS NULL OR \(own) <> \($0))" } ?? "TRUE"
        let found = try transaction.rows(
            """
            SELECT \(raw: target.selectList), \(transaction.projectRole(in: target, as: name)), \
            \(transaction.visible(target, as: name)) FROM \(raw: name) \
            WHERE \(rows) AND \(outside)
            """
        ) {
            (
                row: try Row(from: &$0), role: try $0.next(ProjectRole?.self),
                isVisible: try $0.next(Bool.self)
            )
        }
        for (row, role, isVisible) in found {
            do {
                guard isVisible else { throw Authority.unknown }
                try transaction.require(action, row, in: role)
            } catch let error as StoreError where error.code == .permissionDenied {
                throw StoreError(
                    .permissionDenied,
                    "The principal may not \(action) everything that goes with this "
                        + "\(Record.entityName); an admin of the organization can.",
                    entity: Record.entityName)
            }
        }
    }

    private func projectID(of record: Record) throws -> Identifier<Project>? {
        guard table.belongsToProjects else { return nil }
        return try transaction.rows(
            """
            SELECT \(raw: Visibility.projectID(of: table, as: table.name)) \
            FROM \(raw: table.name) WHERE \(row(record))
            """
        ) { try $0.next(Identifier<Project>?.self) }.first ?? nil
    }

    /// How many rows match a condition, and how many of them the principal sees.
    func counts(of target: Table, where condition: Fragment) throws -> (all: Int, seen: Int) {
        let all = try transaction.integer(
            "SELECT count(*) FROM \(raw: target.name) WHERE \(condition)")
        if let key = try transaction.authority()?.key,
            !key.permissions.allows(.read, on: target.name)
        {
            return (all, 0)
        }
        let visible = try transaction.visible(target, as: target.name)
        if all == 0 || visible.isTrue { return (all, all) }
        let seen = try transaction.integer(
            "SELECT count(*) FROM \(raw: target.name) WHERE \(condition) AND \(visible)")
        return (all, seen)
    }

    /// The error of rows that still need a row, of which the principal sees none.
    func neededOutside(_ participle: String) -> StoreError {
        StoreError(
            .foreignKeyViolation,
            "The \(Record.entityName) cannot be \(participle): rows outside still need it. An "
                + "admin of the organization sees which.",
            entity: Record.entityName)
    }
}
