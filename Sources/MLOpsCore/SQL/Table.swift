/// An entity that is mapped to its table by hand and by position.
package protocol TableMapped: Entity {
    static var table: Table { get }

    init(from row: inout RowDecoder) throws
    func encode(into row: inout RowEncoder) throws

    /// Checks that only the transaction can make, and fields that only it can fill in.
    func prepared(forInsert: Bool, in transaction: SQLTransaction) throws -> Self

    /// Checks before the stored row is replaced by another form of it, or deleted for `nil`.
    func checkChange(to new: Self?, in transaction: SQLTransaction) throws

    /// Checks that only the inserted row makes possible, and what else it brings about.
    func finishInsert(in transaction: SQLTransaction) throws

    /// What else ends with the row that was deleted.
    func finishDelete(in transaction: SQLTransaction) throws

    /// What it takes to do this to the row; the rules are in `Permissions/Requirements.swift`.
    func requirement(to action: PermissionAction, by user: Identifier<User>) -> Requirement
}

extension TableMapped {
    package func prepared(forInsert: Bool, in transaction: SQLTransaction) throws -> Self { self }
    package func checkChange(to new: Self?, in transaction: SQLTransaction) throws {}
    package func finishInsert(in transaction: SQLTransaction) throws {}
    package func finishDelete(in transaction: SQLTransaction) throws {}
}

/// A table: its columns in order, and how its rows hang on others.
///
/// A class, because every statement looks at it, and a copy of so many fields costs more than the
/// look.
package final class Table: Sendable {
    package let name: String
    /// What one row is called in the audit trail: `model_versions` holds each `model_version`.
    let resource: String
    package let columns: [String]
    package let references: [Reference]
    /// The references to what has to be live in the row's organization.
    let tenantReferences: [Reference]

    /// Which rows a workspace sees.
    let tenancy: Tenancy
    /// The limit of the organization that the table's live rows count against.
    let quota: String?
    /// The reference whose index leads to the rows, where none begins with the organization.
    let indexedReference: Reference?
    /// The columns of that index, in whose order pages are read; by id alone where there is none.
    let orderByParent: [String]
    /// The order of pages inside one organization, likewise.
    let orderInOrganization: [String]

    let organizationPosition: Int?
    let idPosition: Int
    let createdByPosition: Int?
    /// Positions that are filled with the acting user when they are unassigned.
    let actorPositions: [Int]
    /// Positions that an update writes.
    let updatedPositions: [Int]
    /// What the database decides of a new row, wherever its value comes from.
    let freshValues: [(position: Int, value: StoredValue)]
    let isMutable: Bool
    let isSoftDeletable: Bool
    /// Positions whose changes the audit trail shows, and those of which it only says that they
    /// changed.
    let auditedPositions: [Int]
    let redactedPositions: Set<Int>
    /// How a row hangs on its project.
    let projectLink: ProjectLink
    /// Rows that never change and stand alone are written many at once; entries of the audit trail
    /// each hold the hash of the one before.
    var isBulk: Bool { !isMutable && name != "audit_logs" }

    /// Where new rows go.
    package let insertion: Insertion
    /// The columns as a select list.
    var selectList: String { insertion.list }

    enum Tenancy { case organizationColumn, organizationItself, memberOfOrganization }

    /// The way from a row to its project.
    enum ProjectLink: Sendable {
        /// The row is one.
        case itself
        /// It names one, or none.
        case column
        /// It hangs on a row that has one.
        case parent(Reference)
        /// It serves every project.
        case any
        /// It belongs to the organization, or to a person.
        case none
    }

    package init(
        _ name: String, columns: [String], fixed: [String] = [], managed: [String] = [],
        actor: [String] = [], references: [Reference] = [], quota: String? = nil,
        redacted: [String] = [], isFoundByParent: Bool = false, orderedInParent: [String] = []
    ) {
        self.name = name
        resource = name.hasSuffix("s") ? String(name.dropLast()) : name
        self.columns = columns
        self.references = references
        tenantReferences = references.filter { !$0.isUser || $0.isMember }
        self.quota = quota
        indexedReference = isFoundByParent ? references.first : nil
        orderByParent = indexedReference.map { [$0.column] + orderedInParent } ?? []
        orderInOrganization = name == "audit_logs" ? ["sequence"] : orderByParent
        tenancy =
            name == "organizations"
            ? .organizationItself
            : name == "users" ? .memberOfOrganization : .organizationColumn
        organizationPosition = columns.firstIndex(of: "organization_id")
        idPosition = columns.firstIndex(of: "id") ?? 0
        createdByPosition = columns.firstIndex(of: "created_by")
        actorPositions = actor.compactMap { columns.firstIndex(of: $0) }
        freshValues = [("deleted_at", .null), ("deletion_id", .null), ("revision", .integer(1))]
            .compactMap { (column: String, value: StoredValue) in
                columns.firstIndex(of: column).map { ($0, value) }
            }
        isMutable = columns.contains("revision")
        isSoftDeletable = columns.contains("deletion_id")
        insertion = Insertion(into: name, columns: columns)
        auditedPositions = columns.indices.filter { !Self.kept.contains(columns[$0]) }
        redactedPositions = Set(redacted.compactMap { columns.firstIndex(of: $0) })
        projectLink = Self.projectLink(name, columns, references)
        let kept = Set(fixed + managed + Self.kept)
        updatedPositions = columns.indices.filter { !kept.contains(columns[$0]) }
    }

    /// Columns that the engine writes, or nobody.
    private static let kept = [
        "id", "organization_id", "created_by", "created_at", "updated_at", "deleted_at",
        "deletion_id", "revision",
    ]

    private static func projectLink(
        _ name: String, _ columns: [String], _ references: [Reference]
    ) -> ProjectLink {
        if name == "projects" { return .itself }
        if name == "notification_channels" { return .any }
        if columns.contains("project_id") { return .column }
        let parent = references.first { $0.rule == .cascade && !$0.isUser }
        return parent.map(ProjectLink.parent) ?? .none
    }

    /// Whether this reference is the way to the row's project.
    func isProjectLink(_ reference: Reference) -> Bool {
        switch projectLink {
        case .column: reference.column == "project_id"
        case .parent(let link): reference.column == link.column
        case .itself, .any, .none: false
        }
    }

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

/// A foreign key, and what becomes of the row when its parent goes.
package struct Reference: Sendable {
    package enum Rule: Sendable { case cascade, restrict, clear }

    package let column: String
    package let rule: Rule
    /// Whether a user has to belong to the row's organization.
    let isMember: Bool
    let parentEntity: String
    /// Whether the parent is a user.
    let isUser: Bool
    /// Read late, because a run and a version refer to each other.
    private let readParentTable: @Sendable () -> Table

    var parentTable: Table { readParentTable() }
    package var parent: String { parentTable.name }

    /// Where a live parent of an organization is found by its id.
    var liveParent: (table: String, column: String) {
        isUser ? ("organization_memberships", "user_id") : (parent, "id")
    }

    package init<Parent: TableMapped>(
        _ column: String, to parent: Parent.Type, onPurge rule: Rule, isMember: Bool = false
    ) {
        self.column = column
        self.rule = rule
        self.isMember = isMember
        isUser = Parent.self == User.self
        parentEntity = Parent.entityName
        readParentTable = { Parent.table }
    }
}

/// The 19 tables, parents before children.
package enum Schema {
    static let records: [any TableMapped.Type] = [
        User.self, Organization.self, OrganizationMembership.self, Project.self,
        ProjectMember.self, Model.self, Experiment.self, ExperimentRun.self, ModelVersion.self,
        RunMetric.self, Deployment.self, DeploymentHistoryEntry.self, ModelMonitoring.self,
        DataDriftReport.self, Alert.self, APIKey.self, NotificationChannel.self,
        NotificationRule.self, AuditLog.self,
    ]

    package static let tables: [Table] = records.map { $0.table }

    /// The tables below one, itself first, each with the references that lead there.
    static func reachable(from root: Table) -> [Table] {
        if root.name == "organizations" {
            return [root]
                + tables.filter { $0.organizationPosition != nil && $0.name != "audit_logs" }
        }
        var names: Set = [root.name]
        return tables.filter { table in
            let isBelow = table.references.contains {
                $0.rule == .cascade && names.contains($0.parent)
            }
            if isBelow { names.insert(table.name) }
            return isBelow || table.name == root.name
        }
    }
}
