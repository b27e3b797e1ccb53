extension SQLRepository where Record: SoftDeletable {
    func purgePreview(_ id: Identifier<Record>) throws -> PurgePreview {
        try transaction.checkOpen()
        if table.tenancy == .memberOfOrganization { try checkSystemAccess() }
        let record = try find(id, to: .purge, onlyLive: false)
        return try inside(record).preview(record).preview
    }

    /// What a purge removes and what stands in its way, as far as the principal sees it.
    private func preview(
        _ record: Record
    ) throws -> (preview: PurgePreview, isBlocked: Bool) {
        let closure = try Closure(root: table, record: record)
        var rows: [String: Int] = [:]
        for target in closure.tables {
            rows[target.name] = try counts(of: target, where: closure.rows(of: target)).seen
        }
        let blockers = try blockers(closure)
        return (
            PurgePreview(
                counts: rows.filter { $0.value > 0 },
                blockers: blockers.mapValues(\.seen).filter { $0.value > 0 }),
            !blockers.isEmpty
        )
    }

    @discardableResult
    func purge(_ id: Identifier<Record>) throws -> PurgePreview {
        try transaction.checkWritable()
        if table.tenancy == .memberOfOrganization { try checkSystemAccess() }
        let record = try find(id, to: .purge, onlyLive: false)
        return try inside(record).purge(record)
    }

    private func purge(_ record: Record) throws -> PurgePreview {
        let id = record.id
        guard record.deletedAt != nil else {
            throw StoreError(
                .conflict, "The \(Record.entityName) \(id) is live; delete it before the purge.",
                entity: Record.entityName)
        }
        let closure = try Closure(root: table, record: record)
        try checkCascade(.purge, from: record, closure.rows(of:))
        let (preview, isBlocked) = try preview(record)
        if let blocker = preview.blockers.min(by: { $0.key < $1.key }) {
            throw StoreError(
                .foreignKeyViolation,
                "The \(Record.entityName) cannot be purged: \(blocker.value) rows outside still "
                    + "need it through \(blocker.key).",
                entity: Record.entityName, field: blocker.key)
        }
        guard !isBlocked else { throw neededOutside("purged") }
        let concerned = try rowsByOrganization(closure.rows(of:))
        try transaction.savepoint {
            try clearReferences(closure)
            // Children first: the conditions find them through their parents, and a deployment must
            // go before the version that it needs.
            for target in closure.tables.reversed() {
                try transaction.execute(
                    "DELETE FROM \(raw: target.name) WHERE \(closure.rows(of: target))")
            }
        }
        transaction.markPurged()
        try note("purge", record, ["rows": .counts(preview.counts)])
        try note("purge", id, byOrganization: concerned)
        try record.finishPurge(in: transaction)
        return preview
    }

    /// The row, live or deleted.
    func anyRecord(_ id: Identifier<Record>) throws -> Record {
        let found = try transaction.rows(
            "\(table.selection)\(try scope()) AND id = \(id)", Record.init(from:))
        guard let found = try only(found, id) else { throw StoreError.notFound(Record.self, id) }
        return found
    }

    private func blockers(_ closure: Closure) throws -> [String: (all: Int, seen: Int)] {
        var blockers: [String: (all: Int, seen: Int)] = [:]
        for child in Schema.tables {
            for reference in child.references where reference.rule == .restrict {
                guard let parent = closure.table(named: reference.parent) else { continue }
                var condition = closure.condition(of: reference, to: parent)
                if closure.table(named: child.name) != nil {
                    condition = condition + " AND NOT coalesce(\(closure.rows(of: child)), FALSE)"
                }
                let count = try counts(of: child, where: condition)
                if count.all > 0 { blockers["\(child.name).\(reference.column)"] = count }
            }
        }
        return blockers
    }

    private func clearReferences(_ closure: Closure) throws {
        for child in Schema.tables {
            for reference in child.references where reference.rule == .clear {
                guard let parent = closure.table(named: reference.parent) else { continue }
                try transaction.execute(
                    """
                    UPDATE \(raw: child.name) SET \(raw: reference.column) = NULL \
                    WHERE \(closure.condition(of: reference, to: parent))
                    """)
            }
        }
    }
}

/// A row and all rows below it, as conditions for SQL statements.
///
/// Rows of a tenant refer only to rows of the same tenant.
struct Closure {
    let tables: [Table]
    private let root: Table
    private let id: StoredValue
    /// The condition of the tenant's rows, with which every index on a parent starts; `nil` below a
    /// user, whose rows are in several organizations.
    private let tenant: Fragment?

    init(root: Table, record: some TableMapped) throws {
        self.root = root
        id = .uuid(record.id.uuid)
        switch root.tenancy {
        case .organizationItself: tenant = "organization_id = \(stored: id)"
        case .organizationColumn:
            let position = root.organizationPosition
            tenant = try position.map {
                "organization_id = \(stored: try record.storedValues()[$0])"
            }
        case .memberOfOrganization: tenant = nil
        }
        tables = Schema.reachable(from: root)
    }

    func table(named name: String) -> Table? { tables.first { $0.name == name } }

    /// The condition of a table's rows in the closure.
    func rows(of table: Table) -> Fragment {
        if root.tenancy == .organizationItself {
            if table.name == root.name { return "id = \(stored: id)" }
            // Found through its parents, whose ids another organization may have too.
            return inTenant(table.rows(ofOrganization: "\(stored: id)"))
        }
        let own = directRows(of: table)
        guard let recursion = table.references.first(where: { $0.parent == table.name }),
            recursion.rule == .cascade
        else { return own }
        guard let tenant else {
            return """
                (organization_id, id) IN (WITH RECURSIVE below(organization_id, id) AS (\
                SELECT organization_id, id FROM \(raw: table.name) WHERE \(own) \
                UNION SELECT t.organization_id, t.id FROM below JOIN \(raw: table.name) t \
                ON t.organization_id = below.organization_id \
                AND t.\(raw: recursion.column) = below.id) \
                SELECT organization_id, id FROM below)
                """
        }
        return """
            \(tenant) AND \
            id IN (WITH RECURSIVE below(id) AS (SELECT id FROM \(raw: table.name) WHERE \(own) \
            UNION SELECT \(raw: table.name).id FROM below JOIN \(raw: table.name) \
            ON \(tenant) AND \(raw: recursion.column) = below.id) SELECT id FROM below)
            """
    }

    /// The condition of the rows that refer to a row of the closure.
    func condition(of reference: Reference, to parent: Table) -> Fragment {
        condition(of: reference, toThose: rows(of: parent))
    }

    /// The condition of the rows that refer to those of a parent that match a condition.
    func condition(of reference: Reference, toThose rows: Fragment) -> Fragment {
        let (column, parent) = (reference.column, reference.parent)
        if tenant == nil, !reference.isUser {
            return """
                (organization_id, \(raw: column)) IN \
                (SELECT organization_id, id FROM \(raw: parent) WHERE \(rows))
                """
        }
        let refers: Fragment =
            "\(raw: column) IN (SELECT id FROM \(raw: parent) WHERE \(rows))"
        return reference.isUser ? refers : inTenant(refers)
    }

    private func inTenant(_ condition: Fragment) -> Fragment {
        tenant.map { "\($0) AND \(condition)" } ?? condition
    }

    private func directRows(of table: Table) -> Fragment {
        if table.name == root.name { return inTenant("id = \(stored: id)") }
        let parts = table.references.compactMap { reference -> Fragment? in
            guard reference.rule == .cascade, reference.parent != table.name,
                let parent = self.table(named: reference.parent)
            else { return nil }
            return "(\(condition(of: reference, to: parent)))"
        }
        return inTenant("(\(Fragment(joining: parts, separator: " OR ")))")
    }
}
