/// Whose word the values of a new row are.
enum InsertSource {
    /// The caller's: states, performers and times of acts are the engine's all the same.
    case caller
    /// The engine's, which has made the row.
    case engine
    /// A row of the past, stored as it is.
    case history
}

extension SQLRepository {
    @discardableResult
    func insert(_ record: Record) throws -> Record { try store(record, from: .caller) }

    @discardableResult
    func insert(contentsOf records: [Record]) throws -> [Record] {
        try transaction.savepoint {
            // Each entry of the trail holds the hash of the one before.
            table.trail == .itself
                ? try records.map(insert)
                : try store(records, from: .caller, asBatch: table.trail == .batches)
        }
    }

    @discardableResult
    func insert(history rows: [Historical<Record>]) throws -> [Record] {
        guard transaction.access.isTrusted else {
            throw StoreError(
                .permissionDenied,
                "Rows of the past are stored under `store.withSystemAccess(reason:)`.",
                entity: Record.entityName)
        }
        guard table.trail != .itself else {
            throw StoreError(
                .invalidValue, "Entries of the audit trail are written by the store alone.",
                entity: Record.entityName)
        }
        return try transaction.savepoint {
            try store(rows.map(record), from: .history, asBatch: true)
        }
    }

    private func record(of row: Historical<Record>) throws -> Record {
        if row.given.isEmpty { return row.record }
        var values = try row.record.storedValues()
        for (column, value) in row.given {
            guard let position = table.columns.firstIndex(of: column) else { continue }
            values[position] = value
        }
        return try decoded(values)
    }

    /// Stores one new row.
    @discardableResult
    func store(_ record: Record, from source: InsertSource) throws -> Record {
        try store([record], from: source)[0]
    }

    /// Stores new rows by one insert, after the checks that each needs; what they share is looked
    /// up once.
    ///
    /// - Parameter isBatch: Whether the audit trail has one entry for all.
    private func store(
        _ records: [Record], from source: InsertSource, asBatch isBatch: Bool = false
    ) throws -> [Record] {
        try transaction.checkWritable()
        let rows = try records.map {
            try insertedValues($0.prepared(forInsert: true, in: transaction), from: source)
        }
        let stored = try rows.map(decoded)
        try allowInserts(stored, rows, onlyLive: source != .history)
        for (organization, rows) in byTrail(rows) {
            guard let organization, table.organizationPosition != nil else { continue }
            try checkIsLive(organization)
            try transaction.checkQuota(
                of: organization, on: table, adding: rows.count(where: isLive))
        }
        try namingEntity {
            try transaction.insertRows(
                into: table, of: transaction.organizationID, count: rows.count
            ) { $1.values = rows[$0] }
        }
        if isBatch {
            try noteBatch(rows)
        } else {
            for values in rows {
                try note("create", values, ["changes": table.changes(from: nil, to: values)])
            }
        }
        for record in stored { try record.finishInsert(in: transaction) }
        return stored
    }

    /// Checks the parents of new rows, each once, and that the principal may make the rows.
    ///
    /// - Parameter onlyLive: Whether a deleted parent counts as absent.
    func allowInserts(
        _ records: [Record], _ rows: [[StoredValue]], onlyLive: Bool = true
    ) throws {
        var roles: [[StoredValue]: ProjectRole?] = [:]
        var earlier: Set<StoredValue> = []
        for index in records.indices {
            let (record, values) = (records[index], rows[index])
            let parents = parentValues(values)
            let role: ProjectRole?
            if let known = roles[parents] {
                role = known
            } else {
                role =
                    try checkParents(values, madeBefore: earlier, onlyLive: onlyLive)
                    ?? bestRole(record)
                roles[parents] = .some(role)
            }
            try allowInsert(record, in: role)
            earlier.insert(values[table.idPosition])
        }
    }

    private func parentValues(_ values: [StoredValue]) -> [StoredValue] {
        table.tenantReferences.compactMap { reference in
            table.columns.firstIndex(of: reference.column).map { values[$0] }
        }
    }

    /// The record's values as they are stored: in the transaction's organization, by its principal.
    private func insertedValues(
        _ record: Record, from source: InsertSource
    ) throws -> [StoredValue] {
        var values = try record.storedValues()
        if table.tenancy != .organizationColumn { try checkSystemAccess() }
        if source != .history {
            // The value may be a copy of a row that is deleted or changed since.
            for (position, value) in table.freshValues { values[position] = value }
        }
        if source == .caller {
            for (position, value) in table.startValues { values[position] = value }
            let now = try transaction.now.storedValue()
            for position in table.performedAtPositions where values[position] != .null {
                values[position] = now
            }
        }
        try setOrganization(in: &values)
        setPerformers(in: &values, from: source)
        return values
    }

    private func setOrganization(in values: inout [StoredValue]) throws {
        guard let position = table.organizationPosition else { return }
        if let organization = transaction.organizationID {
            values[position] = .uuid(organization.uuid)
        } else if values[position] == Self.nobody {
            throw StoreError(
                .invalidValue,
                "A \(Record.entityName) belongs to an organization; use `scoped(to:as:)` first.",
                entity: Record.entityName, field: "organization_id")
        }
    }

    /// Says who made the row, and who did what it tells of.
    private func setPerformers(in values: inout [StoredValue], from source: InsertSource) {
        guard let principal = transaction.principal?.userID else { return }
        let user = StoredValue.uuid(principal.uuid)
        if let position = table.createdByPosition,
            source != .history || values[position] == Self.nobody
        {
            values[position] = user
        }
        for position in table.performerPositions
        where source == .caller ? values[position] != .null : values[position] == Self.nobody {
            values[position] = user
        }
    }

    /// What an id holds that is not filled in.
    private static var nobody: StoredValue { .uuid(Identifier<User>.unassigned.uuid) }

    private func isLive(_ values: [StoredValue]) -> Bool {
        table.deletedAtPosition.map { values[$0] == .null } ?? true
    }

    /// The parents must be live rows of the same organization, and users its members.
    ///
    /// The foreign keys hold the second half anyway; the first they cannot see, and their error
    /// would not name the parent.
    /// A row that is updated may keep a parent that was deleted, or hidden from the principal,
    /// meanwhile.
    ///
    /// - Parameters:
    ///   - old: The row as it was before an update.
    ///   - earlier: Ids of rows of this table that are stored by the same call, before this one.
    ///   - onlyLive: Whether a deleted parent counts as absent.
    /// - Returns: The principal's own role in the project of the row.
    @discardableResult
    func checkParents(
        _ values: [StoredValue], replacing old: [StoredValue]? = nil,
        madeBefore earlier: Set<StoredValue> = [], onlyLive: Bool = true
    ) throws -> ProjectRole? {
        var role: ProjectRole?
        for reference in table.tenantReferences {
            guard let position = table.columns.firstIndex(of: reference.column),
                case .uuid(let parent) = values[position], old?[position] != values[position],
                let organizationPosition = table.organizationPosition
            else { continue }
            if reference.parent == table.name, earlier.contains(values[position]) { continue }
            let (name, column) = reference.liveParent
            let parentTable = reference.parentTable
            let isUser = reference.isUser
            let found = try transaction.rows(
                """
                SELECT \(isUser ? "NULL" : transaction.projectRole(in: parentTable, as: name)) \
                FROM \(raw: name) \
                WHERE organization_id = \(stored: values[organizationPosition]) \
                AND \(raw: column) = \(stored: .uuid(parent)) \
                AND \(raw: onlyLive ? "deleted_at IS NULL" : "TRUE") \
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
            if reference.column == table.projectLink.columnName { role = found }
        }
        return role
    }

    /// Checks that the principal may make the row.
    ///
    /// - Parameter role: Their own role in the project it hangs on.
    func allowInsert(_ record: Record, in role: ProjectRole?) throws {
        try transaction.allow(.write, on: Record.self)
        guard case .itself = table.projectLink.way else {
            return try transaction.require(.write, record, in: role)
        }
        try transaction.authority()?.check(
            .write, .organization(.member), in: nil, of: Record.entityName)
    }

    /// The principal's best role in any project, for rows that serve every project.
    ///
    /// - Throws: `.permissionDenied` when a key is limited to projects that give no right to them.
    private func bestRole(_ record: Record) throws -> ProjectRole? {
        guard case .every = table.projectLink.way, try transaction.authority() != nil else {
            return nil
        }
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
        return found?.role
    }

    /// Nobody makes rows in a deleted organization; a workspace of one was refused before, and what
    /// has a parent finds it deleted.
    private func checkIsLive(_ organization: Identifier<Organization>) throws {
        guard transaction.access.isTrusted, table.tenantReferences.allSatisfy(\.isUser) else {
            return
        }
        let deleted = try transaction.integer(
            """
            SELECT count(*) FROM organizations \
            WHERE id = \(organization) AND deleted_at IS NOT NULL
            """)
        guard deleted == 0 else {
            throw StoreError(
                .notFound, "The organization is deleted; restore it first.",
                entity: Organization.entityName, field: "organization_id")
        }
    }
}
