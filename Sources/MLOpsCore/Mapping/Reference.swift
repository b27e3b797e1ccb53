/// A foreign key, and what becomes of the row when its parent goes.
package struct Reference: Sendable {
    package enum Rule: Sendable { case cascade, restrict, clear }

    package let column: String
    package let rule: Rule
    /// Whether a user has to belong to the row's organization.
    let isMember: Bool
    /// Whether the row can do without a parent.
    let isOptional: Bool
    let parentEntity: String
    /// Whether the parent is a user.
    let isUser: Bool
    /// Read late, because a run and a version refer to each other.
    private let readParentTable: @Sendable () -> Table

    package var parentTable: Table { readParentTable() }
    package var parent: String { parentTable.name }

    /// Where a live parent of an organization is found by its id.
    var liveParent: (table: String, column: String) {
        isUser
            ? (OrganizationMembership.table.name, OrganizationMembership.columns.userID.name)
            : (parent, CommonColumn.id)
    }

    package init<Record, Parent: TableMapped>(
        _ column: Column<Record, Identifier<Parent>>, onPurge rule: Rule, isMember: Bool = false
    ) {
        self.init(column, to: Parent.self, onPurge: rule, isMember: isMember, isOptional: false)
    }

    package init<Record, Parent: TableMapped>(
        _ column: Column<Record, Identifier<Parent>?>, onPurge rule: Rule, isMember: Bool = false
    ) {
        self.init(column, to: Parent.self, onPurge: rule, isMember: isMember, isOptional: true)
    }

    private init<Parent: TableMapped>(
        _ column: some NamedColumn, to parent: Parent.Type, onPurge rule: Rule, isMember: Bool,
        isOptional: Bool
    ) {
        self.column = column.name
        self.rule = rule
        self.isMember = isMember
        self.isOptional = isOptional
        isUser = Parent.self == User.self
        parentEntity = Parent.entityName
        readParentTable = { Parent.table }
    }
}
