/// The implementation of every repository.
struct SQLRepository<Record: StoredEntity>: Repository {
    let transaction: SQLTransaction

    init(_ transaction: SQLTransaction) { self.transaction = transaction }

    var table: Table { Record.table }
    var dialect: any Dialect { transaction.connection.dialect }

    // MARK: Scope

    /// The condition of the rows that the principal sees.
    ///
    /// A statement that does not use it makes the same checks itself.
    ///
    /// - Throws: `.permissionDenied` when the principal may not act on the table at all.
    func scope(_ action: PermissionAction = .read, as alias: String? = nil) throws -> Fragment {
        try transaction.allow(action, on: Record.self)
        let visible = try transaction.visible(table, as: alias ?? table.name)
        return visible.isTrue ? tenant(as: alias) : "\(tenant(as: alias)) AND \(visible)"
    }

    /// The condition of the rows of the transaction's organization.
    ///
    /// A user who is only invited is none of its rows: nobody sees the profile of a stranger.
    var tenant: Fragment { tenant(as: nil) }

    private func tenant(as alias: String?) -> Fragment {
        guard let organization = transaction.organizationID else { return "TRUE" }
        if let alias { return "\(raw: alias).organization_id = \(organization)" }
        switch table.tenancy {
        case .organizationColumn:
            return Fragment("organization_id = ?", [.uuid(organization.uuid)])
        case .organizationItself: return "id = \(organization)"
        case .memberOfOrganization:
            return """
                id IN (SELECT user_id FROM organization_memberships \
                WHERE organization_id = \(organization) AND deleted_at IS NULL \
                AND (invited_by IS NULL OR joined_at IS NOT NULL))
                """
        }
    }

    /// The condition of live rows.
    ///
    /// A row is live if it is not deleted. In a table without deletion, it is live if no parent is
    /// deleted.
    var live: Fragment {
        if table.isSoftDeletable { return "deleted_at IS NULL" }
        let name = table.name
        let parents = table.references.filter { $0.rule == .cascade }.map { reference -> Fragment in
            let (column, parent) = (reference.column, reference.parent)
            return """
                (\(raw: name).\(raw: column) IS NULL OR EXISTS (SELECT 1 FROM \(raw: parent) p \
                WHERE p.organization_id = \(raw: name).organization_id \
                AND p.id = \(raw: name).\(raw: column) AND p.deleted_at IS NULL))
                """
        }
        return parents.isEmpty ? "TRUE" : Fragment(joining: parents, separator: " AND ")
    }

    /// The condition of one row by its id, after a check that the principal sees it.
    func row(_ id: Identifier<Record>) -> Fragment { "\(tenant) AND id = \(id)" }

    // MARK: Reading

    func select(_ tail: Fragment) throws -> [Record] {
        // Appends to one fragment instead of nesting several: the shortest reads are built here.
        var sql = table.selection
        sql.append(try scope())
        sql.append(raw: " AND ")
        sql.append(live)
        sql.append(raw: " AND ")
        sql.append(tail)
        return try transaction.rows(sql, Record.init(from:))
    }

    func selectOne(_ tail: Fragment) throws -> Record? { try select("\(tail) LIMIT 1").first }

    func findIfExists(_ id: Identifier<Record>) throws -> Record? {
        var tail = Fragment("id = ?", [.uuid(id.uuid)])
        if transaction.locksReads {
            tail.append(raw: " ")
            tail.append(dialect.lock(.exclusive))
        }
        return try only(select(tail), id)
    }

    /// The live rows of a table that the principal sees, for a condition on related rows.
    ///
    /// - Throws: `.permissionDenied` when the principal may not read the table.
    private func parents(of entity: any Entity.Type) throws -> ConditionSQL.ParentRows {
        guard let entity = entity as? any StoredEntity.Type else {
            throw StoreError(.invalidValue, "\(entity.entityName) has no table.")
        }
        return try parents(entity)
    }

    private func parents<Parent: StoredEntity>(
        _ type: Parent.Type
    ) throws -> ConditionSQL.ParentRows {
        let repository = SQLRepository<Parent>(transaction)
        return ConditionSQL.ParentRows(
            table: Parent.table.name,
            condition: "\(try repository.scope()) AND \(repository.live)",
            spansOrganizations: transaction.organizationID == nil
                && table.organizationPosition != nil && Parent.table.organizationPosition != nil)
    }

    private func condition(
        _ query: Query<Record>, _ part: KeysetPart = KeysetPart()
    ) throws -> Fragment {
        var parts: [Fragment] = []
        var mark: Fragment?
        if let organization = transaction.organizationID, let reference = table.indexedReference,
            query.filter?.condition.fixes([reference.column, "id"]) != true
        {
            // The visible parents are selected once, instead of one for each row.
            try transaction.allow(.read, on: Record.self)
            var parents: Fragment = query.deleted == .excluded ? "deleted_at IS NULL" : "TRUE"
            let visible = try transaction.visible(reference.parentTable, as: reference.parent)
            parents = parents + " AND \(visible)"
            if let last = part.parentsAfter { parents = parents + " AND id > \(stored: last)" }
            parts.append(tenant)
            parts.append(table.rows(ofOrganization: "\(organization)", where: parents))
        } else {
            parts.append(try scope())
            if query.deleted == .excluded { mark = live }
            if let parent = part.parentsAfter, let reference = table.indexedReference {
                parts.append("\(raw: reference.column) > \(stored: parent)")
            }
        }
        if let condition = part.condition { parts.append(condition) }
        if query.deleted == .only {
            parts.append(table.isSoftDeletable ? "deleted_at IS NOT NULL" : "FALSE")
        }
        let writer = ConditionSQL(dialect: dialect, parents: parents)
        if let filter = query.filter { parts.append(try writer.sql(filter.condition)) }
        if let assumption = table.assumption(beside: query.filter?.condition) {
            parts.append(try writer.sql(assumption))
        }
        for order in query.order { try order.key.check() }
        // Last: SQLite checks conditions in order, few rows are deleted, and the column is late in
        // a row.
        if let mark { parts.append(mark) }
        return Fragment(joining: parts, separator: " AND ")
    }

    func keyset(_ order: [Order<Record>] = []) -> Keyset<Record> {
        Keyset(
            order: order,
            natural: table.defaultOrder(inOrganization: transaction.organizationID != nil),
            dialect: dialect)
    }

    func page(_ query: Query<Record>) throws -> Page<Record> {
        guard (1...10_000).contains(query.limit) else {
            throw StoreError(
                .invalidValue, "A page has 1 to 10,000 rows, not \(query.limit).",
                entity: Record.entityName, field: "limit")
        }
        let keyset = keyset(query.order)
        var records: [Record] = []
        for part in try keyset.parts(after: query.cursor) {
            // One row more than requested shows whether there is a next page.
            let missing = query.limit + 1 - records.count
            guard missing > 0, part.parentsAfter == nil || !hasOneParent(query) else { continue }
            records += try transaction.rows(
                "\(table.selection)\(try condition(query, part)) "
                    + "ORDER BY \(keyset.orderBy()) LIMIT \(missing)",
                Record.init(from:))
        }
        guard records.count > query.limit else { return Page(records: records, next: nil) }
        records.removeLast()
        return Page(records: records, next: try records.last.map(keyset.cursor(after:)))
    }

    private func hasOneParent(_ query: Query<Record>) -> Bool {
        table.indexedReference.map { query.filter?.condition.equates($0.column) == true } ?? false
    }

    func count(_ query: Query<Record>) throws -> Int {
        try transaction.integer(
            "SELECT count(*) FROM \(raw: table.name) WHERE \(try condition(query))")
    }

    func forEach(_ query: Query<Record>, _ body: (Record) throws -> Bool) throws {
        let keyset = keyset(query.order)
        try transaction.stream(
            "\(table.selection)\(try condition(query)) ORDER BY \(keyset.orderBy())"
        ) { try body(try Record(from: &$0)) }
    }
}
