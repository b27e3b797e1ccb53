/// A table: its columns in order, how its rows relate to others, and what sets it apart.
///
/// A class, because every statement looks at it, and a copy of so many fields costs more than the
/// look.
package final class Table: Sendable {
    package let name: String
    /// What one row is called in the audit trail.
    package let resource: String
    /// What one row is called in messages.
    let entityName: String
    package let columns: [String]
    package let kinds: [ColumnKind]
    package let references: [Reference]
    /// The references to what has to be live in the row's organization.
    let tenantReferences: [Reference]

    /// Which rows a workspace sees.
    package let tenancy: Tenancy
    /// How a row belongs to a project.
    let projectLink: ProjectLink
    /// The column of the person whose row it is; other people's rows are for admins.
    let personColumn: String?
    /// How changes are audited.
    let trail: Trail
    /// The minimum roles, unless a row decides otherwise.
    let permissions: Permissions
    /// The limit of the organization that the table's live rows count against.
    let quota: String?
    /// The reference that leads to the row's project.
    let projectReference: Reference?
    /// The reference whose index leads to the rows, where none begins with the organization.
    let indexedReference: Reference?
    /// The columns of the default order, of all rows; by id alone where there are none.
    private let orderOfAll: [String]
    /// The columns of the default order within one organization.
    private let orderInOrganization: [String]

    let organizationPosition: Int?
    let idPosition: Int
    let createdByPosition: Int?
    /// Positions that are filled with the acting user when they are unassigned.
    let performerPositions: [Int]
    /// Positions that an update writes.
    let updatedPositions: [Int]
    /// What the database decides of a new row, wherever its value comes from.
    let freshValues: [(position: Int, value: StoredValue)]
    let isMutable: Bool
    let isSoftDeletable: Bool
    /// Positions whose changes the audit trail shows.
    let auditedPositions: [Int]
    /// Positions of which the audit trail says only that they changed.
    let redactedPositions: Set<Int>

    /// Where new rows go.
    package let insertion: Insertion
    /// The columns as a select list.
    var selectList: String { insertion.list }
    /// The select of all columns, up to the condition.
    let selection: Fragment
    /// The update of all columns that an update writes, up to the condition: of their values, and
    /// of the time.
    let update: String

    package enum Tenancy: Sendable {
        /// Rows carry their organization.
        case organizationColumn
        /// A row is an organization.
        case organizationItself
        /// A row belongs to every organization that it has a membership in.
        case memberOfOrganization
    }

    /// How changes of rows are audited.
    package enum Trail: Sendable {
        /// One entry a row.
        case rows
        /// Rows are inserted in bulk and never change: one entry a batch.
        case batches
        /// The rows are the audit trail; each holds the hash of the one before.
        case itself
    }

    /// The way from a row to its project.
    package struct ProjectLink: Sendable {
        enum Way: Sendable { case itself, column(String), parent(String), every, none }

        let way: Way

        /// A row is a project.
        package static let itself = ProjectLink(way: .itself)
        /// A row serves every project.
        package static let every = ProjectLink(way: .every)
        /// A row belongs to the organization, or to a person.
        package static let none = ProjectLink(way: .none)
        /// A row names its project.
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
            case .itself, .every, .none: nil
            }
        }
    }

    /// The order of pages that ask for none: that of an index, then by id.
    package enum DefaultOrder: Sendable {
        case byID
        /// By a parent's id, then by further columns. No index begins with the organization.
        case byParent([any NamedColumn])
        /// Within an organization, by these columns.
        case inOrganization([any NamedColumn])
    }

    package init<Record: TableMapped>(
        of type: Record.Type, _ name: String, resource: String,
        tenancy: Tenancy = .organizationColumn, project: ProjectLink,
        person: (any NamedColumn)? = nil, trail: Trail = .rows,
        permissions: Permissions = .organization(.owner),
        quota: Column<Organization, Int?>? = nil,
        fixed: [any NamedColumn] = [], managed: [any NamedColumn] = [],
        performer: [any NamedColumn] = [], redacted: [any NamedColumn] = [],
        order: DefaultOrder = .byID, references: [Reference] = []
    ) {
        var collector = ColumnCollector()
        var record = Record.blank
        // The collector throws nothing.
        try? record.map(&collector)
        let columns = collector.names
        self.name = name
        self.resource = resource
        entityName = Record.entityName
        self.columns = columns
        kinds = collector.kinds
        self.references = references
        tenantReferences = references.filter { !$0.isUser || $0.isMember }
        self.tenancy = tenancy
        projectLink = project
        personColumn = person?.name
        self.trail = trail
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
        performerPositions = positions(performer.map(\.name))
        let fresh: [(String, StoredValue)] = [
            (CommonColumn.deletedAt, .null), (CommonColumn.deletionID, .null),
            (CommonColumn.revision, .integer(1)),
        ]
        freshValues = fresh.compactMap { column, value in
            columns.firstIndex(of: column).map { ($0, value) }
        }
        isMutable = columns.contains(CommonColumn.revision)
        isSoftDeletable = columns.contains(CommonColumn.deletionID)
        insertion = Insertion(into: name, columns: columns)
        selection = "SELECT \(raw: insertion.list) FROM \(raw: name) WHERE "
        auditedPositions = columns.indices.filter { !Self.kept.contains(columns[$0]) }
        redactedPositions = Set(positions(redacted.map(\.name)))
        let kept = Self.kept.union((fixed + managed).map(\.name))
        let updatedPositions = columns.indices.filter { !kept.contains(columns[$0]) }
        self.updatedPositions = updatedPositions
        let assignments = updatedPositions.map { columns[$0] + " = ?, " }.joined()
        update =
            "UPDATE \(name) SET \(assignments)updated_at = ?, revision = revision + 1 WHERE "
    }

    /// Columns that the engine writes, or nobody.
    private static let kept: Set<String> = [
        CommonColumn.id, CommonColumn.organizationID, CommonColumn.createdBy,
        CommonColumn.createdAt, CommonColumn.updatedAt, CommonColumn.deletedAt,
        CommonColumn.deletionID, CommonColumn.revision,
    ]
}

extension Table {
    /// The columns of the default order, by id alone where there are none.
    ///
    /// - Parameter inOrganization: Whether only rows of one organization are read.
    func defaultOrder(inOrganization: Bool) -> [String] {
        inOrganization ? orderInOrganization : orderOfAll
    }

    /// Whether every row carries an organization; entries of the audit trail may be the system's.
    package var isTenantOwned: Bool { tenancy == .organizationColumn && trail != .itself }

    /// Whether rows are projects, or belong to them.
    package var belongsToProjects: Bool {
        switch projectLink.way {
        case .itself, .column, .parent: true
        case .every, .none: false
        }
    }

    /// Whether a row may belong to no project.
    var hasRowsOutsideProjects: Bool { projectReference?.isOptional ?? false }

    /// The position of a column.
    func position(of column: some NamedColumn) -> Int? { columns.firstIndex(of: column.name) }

    /// The condition of an organization's rows, through an index.
    ///
    /// - Parameter condition: What the parents have to meet, where the way leads through them.
    func rows(ofOrganization id: Fragment, where condition: Fragment = "TRUE") -> Fragment {
        guard let reference = indexedReference else { return "organization_id = \(id)" }
        return """
            \(raw: reference.column) IN \
            (SELECT id FROM \(raw: reference.parent) WHERE organization_id = \(id) AND \(condition))
            """
    }
}
