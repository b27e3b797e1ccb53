/// Who provides the values of a new row.
enum InsertSource {
    /// The caller; the engine still sets states, performers and the times of actions.
    case caller
    /// The engine, which made the row.
    case engine
    /// The caller, for a historical row that is stored as it is.
    case history
}

extension SQLRepository {
    @discardableResult
    func insert(_ record: Record) throws -> Record { try store(record, from: .caller) }

    @discardableResult
    func insert(contentsOf records: [Record]) throws -> [Record] {
        try transaction.savepoint {
            // Audit entries are stored one by one: each holds the hash of the previous one.
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
            try store(rows.map(record), from: .history, asBatch: rows.count > 1)
        }
    }

    private func record(of row: Historical<Record>) throws -> Record {
        row.given.isEmpty ? row.record : try decoded(row.storedValues())
    }

    /// Stores one new row.
    @discardableResult
    func store(_ record: Record, from source: InsertSource) throws -> Record {
        try store([record], from: source)[0]
    }

    /// Stores new rows in one insert, after the checks of each row.
    ///
    /// Look-ups that rows share are made once.
    ///
    /// - Parameter isBatch: Whether the audit trail has one entry for all rows of an organization.
    private func store(
        _ records: [Record], from source: InsertSource, asBatch isBatch: Bool = false
    ) throws -> [Record] {
        try transaction.checkWritable()
        var records = records
        try Record.prepareInserts(&records, from: source, in: transaction)
        let rows = try records.map {
            try insertedValues(
                $0.prepared(from: source, in: inside($0).transaction), from: source)
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
        for record in stored {
            try record.finishInsert(from: source, in: inside(record).transaction)
        }
        if source == .caller { try finishInserts(stored) }
        return stored
    }

    private func finishInserts(_ stored: [Record]) throws {
        guard transaction.organizationID == nil, table.isTenantOwned else {
            return try Record.finishInserts(stored, in: transaction)
        }
        let owners = Dictionary(grouping: stored) {
            ($0 as? any TenantOwned)?.organizationID ?? .unassigned
        }
        for (organization, rows) in owners.sorted(by: { $0.key < $1.key }) {
            try Record.finishInserts(rows, in: transaction.inside(organization))
        }
    }

    /// Checks the parents of new rows, and that the principal may insert the rows.
    ///
    /// Rows with the same parents are checked once.
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

    /// The values to store, with the organization and the principal of the transaction.
    private func insertedValues(
        _ record: Record, from source: InsertSource
    ) throws -> [StoredValue] {
        var values = try record.storedValues()
        try table.checkNames(values)
        if table.tenancy != .organizationColumn { try checkSystemAccess() }
        if source != .history {
            // The record may be a copy of a row that was changed or deleted.
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

    /// Sets the creator of the row, and the performers of the actions that it records.
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

    /// The stored value of an unassigned id.
    private static var nobody: StoredValue { .uuid(Identifier<User>.unassigned.uuid) }

    private func isLive(_ values: [StoredValue]) -> Bool {
        table.deletedAtPosition.map { values[$0] == .null } ?? true
    }

    /// Checks that parents are live rows of the same organization, and users its members.
    ///
    /// The foreign keys also check the organization. They cannot check that a parent is live, and
    /// their error would not name the parent. An updated row may keep a parent that was deleted, or
    /// hidden from the principal, meanwhile.
    ///
    /// - Parameters:
    ///   - old: The row before an update; `nil` for a new row.
    ///   - earlier: Ids of rows of this table that the same call stores before this one.
    ///   - onlyLive: Whether a deleted parent counts as absent.
    /// - Returns: The principal's own role in the row's project.
    /// - Throws: `.notFound`.
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

    /// Checks that the principal may insert the row.
    ///
    /// - Parameter role: The principal's own role in the row's project.
    /// - Throws: `.permissionDenied`.
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
    /// - Throws: `.permissionDenied` when no project that the principal sees gives the right.
    private func bestRole(_ record: Record) throws -> ProjectRole? {
        guard case .every = table.projectLink.way, try transaction.authority() != nil else {
            return nil
        }
        let found = try transaction.rows(
            """
            SELECT \(transaction.projectRole(in: table, as: table.name)), \
            \(transaction.maintainsAny())
            """
        ) { (role: try $0.next(ProjectRole?.self), maintains: try $0.next(Bool.self)) }.first
        try transaction.require(.write, record, in: found?.role)
        guard found?.maintains == true else {
            throw StoreError(
                .permissionDenied,
                "The projects of the API key give no right to a \(Record.entityName).",
                entity: Record.entityName)
        }
        return found?.role
    }

    /// Checks that an organization is not deleted, for rows without another parent.
    ///
    /// A workspace of a deleted organization was refused before, and other rows find their parent
    /// deleted.
    ///
    /// - Throws: `.notFound`.
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
