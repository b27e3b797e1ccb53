extension SQLRepository {
    func decoded(_ values: [StoredValue]) throws -> Record {
        var decoder = RowDecoder(ValueRow(values: values))
        return try Record(from: &decoder)
    }

    /// Adds the entity to the database's error about a violated constraint.
    @discardableResult
    func namingEntity<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as StoreError where error.entity == nil {
            var named = StoreError(
                error.code, error.message, entity: Record.entityName, field: error.field)
            named.isReported = error.isReported
            throw transaction.refused(named)
        }
    }

    /// Checks that the transaction is not scoped to an organization.
    ///
    /// Users and organizations are made and removed under system access only.
    ///
    /// - Throws: `.permissionDenied`.
    func checkSystemAccess() throws {
        guard transaction.organizationID == nil else {
            throw StoreError(
                .permissionDenied,
                "A workspace cannot make or remove a \(Record.entityName); "
                    + "use `store.withSystemAccess(reason:)`.",
                entity: Record.entityName)
        }
    }

    /// Finds a row that the principal may act on; a write transaction locks it until its end.
    ///
    /// - Parameter onlyLive: Whether a deleted row counts as absent.
    /// - Throws: `.notFound` when the principal does not see the row; `.permissionDenied`.
    func find(
        _ id: Identifier<Record>, to action: PermissionAction, onlyLive: Bool = true
    ) throws -> Record { try findWithRole(id, to: action, onlyLive: onlyLive).record }

    /// See ``find(_:to:onlyLive:)``; also returns the principal's own role in the row's project.
    func findWithRole(
        _ id: Identifier<Record>, to action: PermissionAction, onlyLive: Bool = true
    ) throws -> (record: Record, role: ProjectRole?) {
        var sql: Fragment = "SELECT \(raw: table.selectList), "
        sql.append(try transaction.projectRole(in: table, as: table.name))
        sql.append(raw: " FROM \(table.name) WHERE ")
        sql.append(try scope(action))
        sql.append(Fragment(" AND id = ? AND ", [.uuid(id.uuid)]))
        sql.append(onlyLive ? live : "TRUE")
        if transaction.kind == .write {
            sql.append(raw: " ")
            sql.append(dialect.lock(.exclusive))
        }
        let found = try transaction.rows(sql) {
            (record: try Record(from: &$0), role: try $0.next(ProjectRole?.self))
        }
        guard let found = try only(found, id) else { throw StoreError.notFound(Record.self, id) }
        try transaction.require(action, found.record, in: found.role)
        return found
    }

    /// Locks the row, if it exists, against changes by others until the transaction ends.
    func lock(_ id: Identifier<Record>, _ lock: RowLock = .exclusive) throws {
        let lock = dialect.lock(lock)
        guard transaction.kind == .write, !lock.isEmpty else { return }
        _ = try transaction.rows(
            "SELECT id FROM \(raw: table.name) WHERE \(row(id)) \(lock)"
        ) { try $0.next(Identifier<Record>.self) }
    }

    /// Writes columns of a live row that was found for writing, without the caller's values.
    ///
    /// - Parameters:
    ///   - verb: The action's name in the audit trail.
    ///   - details: What the entry tells beside the changes.
    @discardableResult
    func set(
        _ assignments: Fragment, of record: Record, as verb: String = "update",
        _ details: [String: JSONValue] = [:]
    ) throws -> Record {
        try transaction.checkWritable()
        let id = record.id
        let stamp: Fragment =
            table.isMutable ? ", updated_at = \(transaction.now), revision = revision + 1" : ""
        let changed = try namingEntity {
            try transaction.rows(
                """
                UPDATE \(raw: table.name) SET \(assignments)\(stamp) \
                WHERE \(row(record)) AND \(live) RETURNING \(raw: table.selectList)
                """, Record.init(from:)
            ).first
        }
        guard let changed else { throw StoreError.notFound(Record.self, id) }
        try noteChange(verb, from: record.storedValues(), to: changed, details)
        return changed
    }
}

extension SQLRepository: MutableRepository where Record: Mutable {
    @discardableResult
    func update(_ record: Record) throws -> Record {
        try transaction.checkWritable()
        let own = inside(record)
        if own.transaction !== transaction { return try own.update(record) }
        var record = try record.prepared(from: nil, in: transaction)
        if table.tenancy == .memberOfOrganization { try checkSystemAccess() }
        let (current, role) = try findWithRole(record.id, to: .write)
        record = record.replacing(current)
        var values = try record.storedValues()
        if let position = table.organizationPosition, let organization = transaction.organizationID
        {
            values[position] = .uuid(organization.uuid)
        }
        try transaction.require(.write, record, in: role)
        try current.checkChange(to: record, in: transaction)
        let before = try current.storedValues()
        try table.checkNames(values, replacing: before)
        try checkParents(values, replacing: before)
        var sql = Fragment(
            table.update,
            table.updatedPositions.map { values[$0] } + [try transaction.now.storedValue()])
        sql.append(
            "\(row(current)) AND \(live) AND revision = \(record.revision) RETURNING ")
        sql.append(raw: table.selectList)
        let updated = try namingEntity {
            try transaction.rows(sql, Record.init(from:)).first
        }
        if let updated {
            try noteChange("update", from: before, to: updated)
            return updated
        }
        throw StoreError(
            .conflict,
            "The \(Record.entityName) \(record.id) is at revision \(current.revision), "
                + "not \(record.revision); read it again and repeat the change.",
            entity: Record.entityName, field: "revision")
    }
}
