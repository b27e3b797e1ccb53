extension SQLRepository {
    @discardableResult
    func insert(_ record: Record) throws -> Record {
        try transaction.checkWritable()
        let record = try record.prepared(forInsert: true, in: transaction)
        let values = try insertedValues(record)
        try allowInsert(record, in: try checkParents(values))
        try checkOrganizationIsLive(values)
        if let position = table.organizationPosition, case .uuid(let uuid) = values[position] {
            try checkQuota(of: Identifier(uuid))
        }
        try naming {
            try transaction.execute(
                "INSERT INTO \(raw: table.name) (\(raw: table.selectList)) VALUES (\(list(values)))"
            )
        }
        let stored = try decoded(values)
        try note("create", values, ["changes": table.changes(from: nil, to: values)])
        try stored.finishInsert(in: transaction)
        return stored
    }

    @discardableResult
    func insert(contentsOf records: [Record]) throws -> [Record] {
        try transaction.checkWritable()
        guard table.isBulk else { return try transaction.savepoint { try records.map(insert) } }
        let records = try records.map { try $0.prepared(forInsert: true, in: transaction) }
        let rows = try records.map(insertedValues)
        var parents: Set<[StoredValue]> = []
        for (record, values) in zip(records, rows)
        where parents.insert(parentValues(values)).inserted {
            try allowInsert(record, in: try checkParents(values))
        }
        try transaction.savepoint {
            try naming {
                try transaction.insertRows(into: table, count: rows.count) {
                    $1.values = rows[$0]
                }
            }
        }
        try noteBatch(rows)
        return try rows.map(decoded)
    }

    private func parentValues(_ values: [StoredValue]) -> [StoredValue] {
        table.tenantReferences.compactMap { reference in
            table.columns.firstIndex(of: reference.column).map { values[$0] }
        }
    }

    /// The record's values as they are stored: in the transaction's organization, by its actor.
    func insertedValues(_ record: Record) throws -> [StoredValue] {
        var values = try encoded(record)
        // The value may be a copy of a row that is deleted or changed since.
        for fresh in table.freshValues { values[fresh.position] = fresh.value }
        if table.tenancy != .organizationColumn { try checkSystemAccess() }
        if let position = table.organizationPosition, let organization = transaction.organizationID
        {
            values[position] = .uuid(organization.uuid)
        } else if let position = table.organizationPosition,
            values[position] == .uuid(Identifier<Organization>.unassigned.uuid)
        {
            throw StoreError(
                .invalidValue,
                "A \(Record.entityName) belongs to an organization; use `scoped(to:as:)` first.",
                entity: Record.entityName, field: "organization_id")
        }
        if let actor = transaction.actor?.userID {
            if let position = table.createdByPosition { values[position] = .uuid(actor.uuid) }
            for position in table.actorPositions
            where values[position] == .uuid(Identifier<User>.unassigned.uuid) {
                values[position] = .uuid(actor.uuid)
            }
        }
        return values
    }

    func encoded(_ record: Record) throws -> [StoredValue] {
        var encoder = RowEncoder(capacity: table.columns.count)
        try record.encode(into: &encoder)
        return encoder.values
    }

    func decoded(_ values: [StoredValue]) throws -> Record {
        var decoder = RowDecoder(ValueRow(values: values))
        return try Record(from: &decoder)
    }

    private func list(_ values: [StoredValue]) -> Fragment {
        Fragment(joining: values.map { "\(stored: $0)" }, separator: ", ")
    }

    /// Adds the entity to what the database says of a broken rule.
    @discardableResult
    private func naming<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as StoreError where error.entity == nil {
            throw transaction.refused(
                StoreError(
                    error.code, error.message, entity: Record.entityName, field: error.field))
        }
    }

    /// Users and organizations stand above tenants.
    func checkSystemAccess() throws {
        guard transaction.organizationID == nil else {
            throw StoreError(
                .permissionDenied,
                "A workspace cannot make or remove a \(Record.entityName); "
                    + "use `store.withSystemAccess(reason:)`.",
                entity: Record.entityName)
        }
    }

    /// The parents must be live rows of the same organization, and users its members.
    ///
    /// The foreign keys hold the second half anyway; the first they cannot see, and their error
    /// would not name the parent.
    /// A row that is updated may keep a parent that was deleted, or hidden from the actor,
    /// meanwhile.
    ///
    /// - Parameter old: The row as it was before an update.
    /// - Returns: The actor's own role in the project of the row.
    @discardableResult
    func checkParents(
        _ values: [StoredValue], replacing old: [StoredValue]? = nil
    ) throws -> ProjectRole? {
        var role: ProjectRole?
        for reference in table.tenantReferences {
            guard let position = table.columns.firstIndex(of: reference.column),
                case .uuid(let parent) = values[position], old?[position] != values[position],
                let organizationPosition = table.organizationPosition
            else { continue }
            let (name, column) = reference.liveParent
            let parentTable = reference.parentTable
            let isUser = reference.isUser
            let found = try transaction.rows(
                """
                SELECT \(isUser ? "NULL" : transaction.projectRole(in: parentTable, as: name)) \
                FROM \(raw: name) \
                WHERE organization_id = \(stored: values[organizationPosition]) \
                AND \(raw: column) = \(stored: .uuid(parent)) AND deleted_at IS NULL \
                AND \(isUser ? "TRUE" : transaction.visible(parentTable, as: name)) \
                \(dialect.lock(.shared))
                """
            ) { try $0.next(ProjectRole?.self) }
            guard let found = found.first else {
                throw StoreError(
                    .notFound,
                    "There is no \(reference.parentEntity) \(parent.lowercased) "
                        + "in this organization.",
                    entity: reference.parentEntity, field: reference.column)
            }
            if table.isProjectLink(reference) { role = found }
        }
        return role
    }

    /// Checks that the actor may make the row.
    ///
    /// - Parameter role: Their own role in the project it hangs on.
    func allowInsert(_ record: Record, in role: ProjectRole?) throws {
        try transaction.allow(.write, on: Record.self)
        switch table.projectLink {
        case .itself:
            try transaction.authority()?.check(
                .write, .organization(.member), in: nil, of: Record.entityName)
        case .any:
            let found = try transaction.rows(
                """
                SELECT \(transaction.projectRole(in: table, as: table.name)), \
                \(transaction.visible(table, as: table.name))
                """
            ) { (role: try $0.next(ProjectRole?.self), isVisible: try $0.next(Bool.self)) }.first
            try transaction.require(.write, record, in: found?.role)
            guard found?.isVisible == true else {
                throw StoreError(
                    .permissionDenied,
                    "The projects of the API key give no right to a \(Record.entityName).",
                    entity: Record.entityName)
            }
        case .column, .parent, .none: try transaction.require(.write, record, in: role)
        }
    }

    /// Rows of a deleted organization are made by nobody; a workspace was refused before.
    private func checkOrganizationIsLive(_ values: [StoredValue]) throws {
        guard transaction.access.isTrusted, let position = table.organizationPosition,
            table.tenantReferences.allSatisfy(\.isUser)
        else { return }
        let deleted = try transaction.integer(
            """
            SELECT count(*) FROM organizations \
            WHERE id = \(stored: values[position]) AND deleted_at IS NOT NULL
            """)
        guard deleted == 0 else {
            throw StoreError(
                .notFound, "The organization is deleted; restore it first.",
                entity: Organization.entityName, field: "organization_id")
        }
    }

    /// Holds the organization's limit.
    ///
    /// The organization's row is locked first, so that two transactions cannot both see room for
    /// one.
    func checkQuota(of organization: Identifier<Organization>, adding added: Int = 1) throws {
        guard let quota = table.quota else { return }
        let limit = try transaction.rows(
            """
            SELECT \(raw: quota) FROM organizations WHERE id = \(organization) \
            \(dialect.lock(.exclusive))
            """
        ) { try $0.next(Int?.self) }
        guard let limit = limit.first ?? nil else { return }
        let count = try transaction.integer(
            """
            SELECT count(*) FROM \(raw: table.name) \
            WHERE organization_id = \(organization) AND deleted_at IS NULL
            """)
        guard count + added <= limit else {
            throw StoreError(
                .quotaExceeded,
                "The organization has reached its limit of \(limit) (\(quota)); "
                    + "delete something or raise the limit.",
                entity: Record.entityName, field: quota)
        }
    }

    /// A row that nobody else changes before the transaction ends, and that the actor may do this
    /// to.
    ///
    /// - Parameter onlyLive: Whether a deleted row counts as absent.
    /// - Throws: `.notFound` when the actor does not see it; `.permissionDenied`.
    func find(
        _ id: Identifier<Record>, to action: PermissionAction, onlyLive: Bool = true
    ) throws -> Record { try findWithRole(id, to: action, onlyLive: onlyLive).record }

    /// See ``find(_:to:onlyLive:)``; with the actor's own role in the row's project.
    func findWithRole(
        _ id: Identifier<Record>, to action: PermissionAction, onlyLive: Bool = true
    ) throws -> (record: Record, role: ProjectRole?) {
        let lock = transaction.kind == .write ? dialect.lock(.exclusive) : ""
        let found = try transaction.rows(
            """
            SELECT \(raw: table.selectList), \(transaction.projectRole(in: table, as: table.name)) \
            FROM \(raw: table.name) \
            WHERE \(try scope(action)) AND id = \(id) AND \(onlyLive ? live : "TRUE") \(lock)
            """
        ) { (record: try Record(from: &$0), role: try $0.next(ProjectRole?.self)) }.first
        guard let found else { throw StoreError.notFound(Record.self, id) }
        try transaction.require(action, found.record, in: found.role)
        return found
    }

    /// Keeps others from changing the row, if it exists, before the transaction ends.
    func lock(_ id: Identifier<Record>) throws {
        let lock = dialect.lock(.exclusive)
        guard transaction.kind == .write, !lock.isEmpty else { return }
        _ = try transaction.rows(
            "SELECT id FROM \(raw: table.name) WHERE \(row(id)) \(lock)"
        ) { try $0.next(Identifier<Record>.self) }
    }

    /// Writes columns of one live row, which was found to be written, by the library's own hand.
    ///
    /// - Parameter verb: What is done, as the audit trail says it.
    @discardableResult
    func set(
        _ assignments: Fragment, of record: Record, as verb: String = "update"
    ) throws -> Record {
        try transaction.checkWritable()
        let id = record.id
        let stamp: Fragment =
            table.isMutable ? ", updated_at = \(transaction.now), revision = revision + 1" : ""
        let changed = try naming {
            try transaction.rows(
                """
                UPDATE \(raw: table.name) SET \(assignments)\(stamp) \
                WHERE \(row(id)) AND \(live) RETURNING \(raw: table.selectList)
                """, Record.init(from:)
            ).first
        }
        guard let changed else { throw StoreError.notFound(Record.self, id) }
        try noteChange(verb, from: record, to: changed)
        return changed
    }
}

extension SQLRepository: MutableRepository where Record: Mutable {
    @discardableResult
    func update(_ record: Record) throws -> Record {
        try transaction.checkWritable()
        let record = try record.prepared(forInsert: false, in: transaction)
        var values = try encoded(record)
        if let position = table.organizationPosition, let organization = transaction.organizationID
        {
            values[position] = .uuid(organization.uuid)
        }
        if table.tenancy == .memberOfOrganization { try checkSystemAccess() }
        let (current, role) = try findWithRole(record.id, to: .write)
        try transaction.require(.write, record, in: role)
        try current.checkChange(to: record, in: transaction)
        try checkParents(values, replacing: try encoded(current))
        let assignments = table.updatedPositions.map { position -> Fragment in
            "\(raw: table.columns[position]) = \(stored: values[position])"
        }
        let updated = try naming {
            try transaction.rows(
                """
                UPDATE \(raw: table.name) \
                SET \(Fragment(joining: assignments, separator: ", ")), \
                updated_at = \(transaction.now), revision = revision + 1 \
                WHERE \(row(record.id)) AND \(live) AND revision = \(record.revision) \
                RETURNING \(raw: table.selectList)
                """, Record.init(from:)
            ).first
        }
        if let updated {
            try noteChange("update", from: current, to: updated)
            return updated
        }
        throw StoreError(
            .conflict,
            "The \(Record.entityName) \(record.id) is at revision \(current.revision), "
                + "not \(record.revision); read it again and repeat the change.",
            entity: Record.entityName, field: "revision")
    }
}
