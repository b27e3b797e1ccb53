extension SQLRepository {
    @discardableResult
    func insert(_ record: Record) throws -> Record {
        try transaction.checkWritable()
        let record = try record.prepared(forInsert: true, in: transaction)
        let values = try insertedValues(record)
        try checkParents(values)
        if let position = table.organizationPosition, case .uuid(let uuid) = values[position] {
            try checkQuota(of: Identifier(uuid))
        }
        try naming {
            try transaction.execute(
                "INSERT INTO \(raw: table.name) (\(raw: table.selectList)) VALUES (\(list(values)))"
            )
        }
        let stored = try decoded(values)
        try stored.checkStored(in: transaction)
        return stored
    }

    @discardableResult
    func insert(contentsOf records: [Record]) throws -> [Record] {
        try transaction.checkWritable()
        guard table.isBulk else { return try transaction.savepoint { try records.map(insert) } }
        let rows = try records.map { record in
            try insertedValues(try record.prepared(forInsert: true, in: transaction))
        }
        var parents: Set<[StoredValue]> = []
        for values in rows where parents.insert(parentValues(values)).inserted {
            try checkParents(values)
        }
        try transaction.savepoint {
            try naming {
                try transaction.insertRows(into: table, count: rows.count) {
                    $1.values = rows[$0]
                }
            }
        }
        return try rows.map(decoded)
    }

    private func parentValues(_ values: [StoredValue]) -> [StoredValue] {
        table.tenantReferences.compactMap { reference in
            table.columns.firstIndex(of: reference.column).map { values[$0] }
        }
    }

    /// The record's values as they are stored: in the transaction's organization, by its actor.
    func insertedValues(_ record: Record) throws -> [StoredValue] {
        var encoder = RowEncoder(capacity: table.columns.count)
        try record.encode(into: &encoder)
        var values = encoder.values
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
    /// A row that is updated may keep an optional parent that was deleted meanwhile.
    func checkParents(_ values: [StoredValue], keptBy id: Identifier<Record>? = nil) throws {
        for reference in table.tenantReferences {
            guard let position = table.columns.firstIndex(of: reference.column),
                case .uuid(let parent) = values[position],
                let organizationPosition = table.organizationPosition
            else { continue }
            let (table, column) = reference.liveParent
            let found = try transaction.rows(
                """
                SELECT id FROM \(raw: table) \
                WHERE organization_id = \(stored: values[organizationPosition]) \
                AND \(raw: column) = \(stored: .uuid(parent)) AND deleted_at IS NULL \
                \(dialect.lock(.shared))
                """
            ) { try $0.next(Identifier<Record>.self) }
            guard try !found.isEmpty || isKept(reference.column, values[position], by: id) else {
                throw StoreError(
                    .notFound,
                    "There is no \(reference.parentEntity) \(parent.lowercased) "
                        + "in this organization.",
                    entity: reference.parentEntity, field: reference.column)
            }
        }
    }

    private func isKept(
        _ column: String, _ parent: StoredValue, by id: Identifier<Record>?
    ) throws -> Bool {
        guard let id else { return false }
        return try transaction.integer(
            """
            SELECT count(*) FROM \(raw: table.name) \
            WHERE \(row(id)) AND \(raw: column) = \(stored: parent)
            """) == 1
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

    /// The live row with this id, which nobody else changes before the transaction ends.
    func findLocked(_ id: Identifier<Record>) throws -> Record {
        try lock(id)
        return try find(id)
    }

    /// Keeps others from changing the row, if it exists, before the transaction ends.
    func lock(_ id: Identifier<Record>) throws {
        let lock = dialect.lock(.exclusive)
        guard transaction.kind == .write, !lock.isEmpty else { return }
        _ = try transaction.rows(
            "SELECT id FROM \(raw: table.name) WHERE \(row(id)) \(lock)"
        ) { try $0.next(Identifier<Record>.self) }
    }

    /// Writes columns of one live row by the library's own hand.
    @discardableResult
    func set(_ assignments: Fragment, for id: Identifier<Record>) throws -> Record {
        try transaction.checkWritable()
        let stamp: Fragment =
            table.isMutable ? ", updated_at = \(transaction.now), revision = revision + 1" : ""
        let record = try naming {
            try transaction.rows(
                """
                UPDATE \(raw: table.name) SET \(assignments)\(stamp) \
                WHERE \(row(id)) AND \(live) RETURNING \(raw: table.selectList)
                """, Record.init(from:)
            ).first
        }
        guard let record else { throw StoreError.notFound(Record.self, id) }
        return record
    }
}

extension SQLRepository: MutableRepository where Record: Mutable {
    @discardableResult
    func update(_ record: Record) throws -> Record {
        try transaction.checkWritable()
        let record = try record.prepared(forInsert: false, in: transaction)
        var encoder = RowEncoder(capacity: table.columns.count)
        try record.encode(into: &encoder)
        var values = encoder.values
        if let position = table.organizationPosition, let organization = transaction.organizationID
        {
            values[position] = .uuid(organization.uuid)
        }
        if table.tenancy == .memberOfOrganization { try checkSystemAccess() }
        try checkParents(values, keptBy: record.id)
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
        if let updated { return updated }
        let current = try find(record.id)
        throw StoreError(
            .conflict,
            "The \(Record.entityName) \(record.id) is at revision \(current.revision), "
                + "not \(record.revision); read it again and repeat the change.",
            entity: Record.entityName, field: "revision")
    }
}
