/// A table: its columns in order, its references, its permissions and its audit rules.
///
/// It is a class, because every statement uses it and copying so many fields would cost more.
package final class Table: Sendable {
    package let name: String
    /// The name for one row in the audit trail.
    package let resource: String
    /// The name for one row in messages.
    let entityName: String
    package let columns: [String]
    package let kinds: [ColumnKind]
    package let references: [Reference]
    /// The references whose parents must be live in the row's organization, and visible.
    let tenantReferences: [Reference]

    /// How rows belong to organizations.
    package let tenancy: Tenancy
    /// How a row belongs to a project.
    let projectLink: ProjectLink
    /// The column of the user who owns the row; only admins see the rows of other users.
    let personColumn: String?
    /// How changes are audited.
    let trail: Trail
    /// The minimum roles, unless the entity's own `requirement(to:by:)` overrides them.
    let permissions: Permissions
    /// The limit of the organization that the table's live rows count against.
    let quota: String?
    /// The reference that leads to the row's project.
    let projectReference: Reference?
    /// The reference whose index finds the rows, if no index begins with the organization.
    let indexedReference: Reference?
    /// What a query assumes unless its filter names the column.
    private let assumed: Condition?
    /// The columns of the default order across organizations; if empty, rows are ordered by id.
    private let orderOfAll: [String]
    /// The columns of the default order within one organization.
    private let orderInOrganization: [String]

    let organizationPosition: Int?
    let idPosition: Int
    let createdByPosition: Int?
    let deletedAtPosition: Int?
    /// Positions of the user who performed the action that the row records.
    let performerPositions: [Int]
    /// Positions of the times at which the action was performed.
    let performedAtPositions: [Int]
    /// Positions that an update writes.
    let updatedPositions: [Int]
    /// The values of a new row that do not come from its record: it is live, at revision 1.
    let freshValues: [(position: Int, value: StoredValue)]
    /// The initial values of the managed columns, which only the engine writes.
    let startValues: [(position: Int, value: StoredValue)]
    /// Positions of names, which indexes hold and whose length is limited.
    private let namePositions: [Int]
    let isMutable: Bool
    let isSoftDeletable: Bool
    /// Positions whose changes the audit trail shows.
    let auditedPositions: [Int]
    /// Positions whose changes the audit trail shows without values.
    let redactedPositions: Set<Int>

    /// The table and the columns of an insert.
    package let insertion: Insertion
    /// The columns as a select list.
    var selectList: String { insertion.list }
    /// The SELECT of all columns, up to the condition after WHERE.
    let selection: Fragment
    /// The UPDATE of the columns at `updatedPositions`, up to the condition after WHERE.
    ///
    /// Its parameters are their values and the value of `updated_at`.
    let update: String

    package enum Tenancy: Sendable {
        /// Each row has an `organization_id`.
        case organizationColumn
        /// A row is an organization.
        case organizationItself
        /// A row belongs to every organization that it has a membership in.
        case memberOfOrganization
    }

    /// How changes of rows are audited.
    package enum Trail: Sendable {
        /// One entry for each row.
        case rows
        /// One entry for each batch: rows are inserted in bulk and never change.
        case batches
        /// The rows are the audit trail; each holds the hash of the previous one.
        case itself
    }

    /// The way from a row to its project.
    package struct ProjectLink: Sendable {
        enum Way: Sendable {
            case itself, column(String), parent(String), every, person(String), none
        }

        let way: Way

        /// A row is a project.
        package static let itself = ProjectLink(way: .itself)
        /// A row serves every project.
        package static let every = ProjectLink(way: .every)
        /// A row is a person in the organization, whom the column names.
        package static func person(_ column: some NamedColumn) -> ProjectLink {
            ProjectLink(way: .person(column.name))
        }
        /// A row belongs to the organization, or to a person.
        package static let none = ProjectLink(way: .none)
        /// The column holds the id of the row's project.
        package static func column(_ column: some NamedColumn) -> ProjectLink {
            ProjectLink(way: .column(column.name))
        }
        /// A row belongs to the project of its parent.
        package static func parent(_ column: some NamedColumn) -> ProjectLink {
            ProjectLink(way: .parent(column.name))
        }

        /// The column that leads to the project.
        var columnName: String? {
            switch way {
            case .column(let name), .parent(let name): name
            case .itself, .every, .person, .none: nil
            }
        }
    }

    /// The order of a query that sets none: the order of an index, then by id.
    package enum DefaultOrder: Sendable {
        case byID
        /// By a parent's id, then by further columns. No index begins with the organization.
        case byParent([any NamedColumn])
        /// Within an organization, by these columns.
        case inOrganization([any NamedColumn])
    }

    /// Describes a table.
    ///
    /// - Parameters:
    ///   - fixed: Columns that are set for a new row; an update never changes them.
    ///   - managed: Columns that only the engine writes; a new row has the values of `blank`.
    ///   - performer: Columns of the user who performed the action that the row records.
    ///   - performedAt: Columns of the times at which the action was performed.
    ///   - redacted: Columns whose changes the audit trail shows without values.
    ///   - unaudited: Columns whose changes the audit trail does not show.
    ///   - assumed: The condition of one column that holds unless a query's filter names it.
    package init<Record: TableMapped>(
        of type: Record.Type, _ name: String, resource: String,
        tenancy: Tenancy = .organizationColumn, project: ProjectLink,
        person: (any NamedColumn)? = nil, trail: Trail = .rows,
        permissions: Permissions = .organization(.owner),
        quota: Column<Organization, Int?>? = nil,
        fixed: [any NamedColumn] = [], managed: [any NamedColumn] = [],
        performer: [any NamedColumn] = [], performedAt: [any NamedColumn] = [],
        redacted: [any NamedColumn] = [], unaudited: [any NamedColumn] = [],
        order: DefaultOrder = .byID, references: [Reference] = [],
        assuming assumed: Filter<Record>? = nil
    ) {
        var collector = ColumnCollector()
        var record = Record.blank
        var encoder = RowEncoder(capacity: 32)
        // The collector never throws, and every value of `blank` can be stored.
        try? record.map(&collector)
        try? record.map(&encoder)
        let columns = collector.names
        let blank = encoder.values
        self.name = name
        self.resource = resource
        entityName = Record.entityName
        self.columns = columns
        kinds = collector.kinds
        self.references = references
        tenantReferences = references.filter { (!$0.isUser || $0.isMember) && !$0.isManaged }
        self.tenancy = tenancy
        projectLink = project
        personColumn = person?.name
        self.trail = trail
        self.assumed = assumed?.condition
        self.permissions = permissions
        self.quota = quota?.name
        projectReference = references.first { $0.column == project.columnName }
        orderOfAll = if case .byParent(let columns) = order { columns.map(\.name) } else { [] }
        let parentColumn = orderOfAll.first
        indexedReference = references.first { $0.column == parentColumn }
        orderInOrganization =
            if case .inOrganization(let columns) = order {
                columns.map(\.name)
            } else {
                orderOfAll
            }
        func positions(_ list: [String]) -> [Int] { list.compactMap(columns.firstIndex) }
        organizationPosition = columns.firstIndex(of: CommonColumn.organizationID)
        idPosition = columns.firstIndex(of: CommonColumn.id) ?? 0
        createdByPosition = columns.firstIndex(of: CommonColumn.createdBy)
        deletedAtPosition = columns.firstIndex(of: CommonColumn.deletedAt)
        performerPositions = positions(performer.map(\.name))
        performedAtPositions = positions(
            performedAt.map(\.name) + [CommonColumn.createdAt, CommonColumn.updatedAt])
        let fresh: [(String, StoredValue)] = [
            (CommonColumn.deletedAt, .null), (CommonColumn.deletionID, .null),
            (CommonColumn.revision, .integer(1)),
        ]
        freshValues = fresh.compactMap { column, value in
            columns.firstIndex(of: column).map { ($0, value) }
        }
        startValues = positions(managed.map(\.name)).map { ($0, blank[$0]) }
        namePositions = positions(collector.columnsOfNames)
        isMutable = columns.contains(CommonColumn.revision)
        isSoftDeletable = columns.contains(CommonColumn.deletionID)
        insertion = Insertion(into: name, columns: columns)
        selection = "SELECT \(raw: insertion.list) FROM \(raw: name) WHERE "
        let unaudited = Self.kept.union(unaudited.map(\.name))
        auditedPositions = columns.indices.filter { !unaudited.contains(columns[$0]) }
        redactedPositions = Set(positions(redacted.map(\.name)))
        let kept = Self.kept.union((fixed + managed).map(\.name))
        let updatedPositions = columns.indices.filter { !kept.contains(columns[$0]) }
        self.updatedPositions = updatedPositions
        let assignments = updatedPositions.map { columns[$0] + " = ?, " }.joined()
        update =
            "UPDATE \(name) SET \(assignments)updated_at = ?, revision = revision + 1 WHERE "
    }

    /// Columns that an update by a caller never writes; only the engine writes some of them.
    private static let kept: Set<String> = [
        CommonColumn.id, CommonColumn.organizationID, CommonColumn.createdBy,
        CommonColumn.createdAt, CommonColumn.updatedAt, CommonColumn.deletedAt,
        CommonColumn.deletionID, CommonColumn.revision,
    ]
}

extension Table {
    /// The columns of the default order; if empty, rows are ordered by id.
    ///
    /// - Parameter inOrganization: Whether only rows of one organization are read.
    func defaultOrder(inOrganization: Bool) -> [String] {
        inOrganization ? orderInOrganization : orderOfAll
    }

    /// The condition to add to that of a query.
    func assumption(beside condition: Condition?) -> Condition? {
        guard let assumed, let condition else { return assumed }
        return condition.columns.isDisjoint(with: assumed.columns) ? assumed : nil
    }

    /// Whether every row has an organization; entries of the audit trail may have none.
    package var isTenantOwned: Bool { tenancy == .organizationColumn && trail != .itself }

    /// Whether rows are projects, or belong to them.
    package var belongsToProjects: Bool {
        switch projectLink.way {
        case .itself, .column, .parent: true
        case .every, .person, .none: false
        }
    }

    /// Whether a row may belong to no project.
    var hasRowsOutsideProjects: Bool { projectReference?.isOptional ?? false }

    /// Checks the length of the names in the values of a row.
    ///
    /// - Parameter old: The row before an update, whose names may stay; `nil` for a new row.
    /// - Throws: `.invalidValue`.
    func checkNames(_ values: [StoredValue], replacing old: [StoredValue]? = nil) throws {
        for position in namePositions where old?[position] != values[position] {
            guard case .text(let name) = values[position] else { continue }
            try name.checkNameLength(of: entityName, field: columns[position])
        }
    }

    /// The position of a column.
    func position(of column: some NamedColumn) -> Int? { columns.firstIndex(of: column.name) }

    /// The condition for an organization's rows, in a form that an index serves.
    ///
    /// - Parameter condition: A condition on the parents; used only if rows are found through them.
    func rows(ofOrganization id: Fragment, where condition: Fragment = "TRUE") -> Fragment {
        guard let reference = indexedReference else { return "organization_id = \(id)" }
        return """
            \(raw: reference.column) IN \
            (SELECT id FROM \(raw: reference.parent) WHERE organization_id = \(id) AND \(condition))
            """
    }
}
