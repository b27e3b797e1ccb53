/// A foreign key, and what happens to the row when its parent is purged.
package struct Reference: Sendable {
    package enum Rule: Sendable { case cascade, restrict, clear }

    package let column: String
    package let rule: Rule
    /// Whether the user must be a member of the row's organization.
    let isMember: Bool
    /// Whether the engine alone sets the column.
    let isManaged: Bool
    /// Whether the column may be null.
    let isOptional: Bool
    let parentEntity: String
    /// Whether the parent is a user.
    let isUser: Bool
    /// Evaluated lazily, because the tables of runs and versions refer to each other.
    private let readParentTable: @Sendable () -> Table

    package var parentTable: Table { readParentTable() }
    package var parent: String { parentTable.name }

    /// The table and the column to look up a live parent of an organization by its id.
    var liveParent: (table: String, column: String) {
        isUser
            ? (OrganizationMembership.table.name, OrganizationMembership.columns.userID.name)
            : (parent, CommonColumn.id)
    }

    package init<Record, Parent: TableMapped>(
        _ column: Column<Record, Identifier<Parent>>, onPurge rule: Rule, isMember: Bool = false
    ) {
        self.init(column, to: Parent.self, onPurge: rule, isMember: isMember)
    }

    package init<Record, Parent: TableMapped>(
        _ column: Column<Record, Identifier<Parent>?>, onPurge rule: Rule, isMember: Bool = false,
        isManaged: Bool = false
    ) {
        self.init(
            column, to: Parent.self, onPurge: rule, isMember: isMember, isManaged: isManaged,
            isOptional: true)
    }

    private init<Parent: TableMapped>(
        _ column: some NamedColumn, to parent: Parent.Type, onPurge rule: Rule, isMember: Bool,
        isManaged: Bool = false, isOptional: Bool = false
    ) {
        self.column = column.name
        self.rule = rule
        self.isMember = isMember
        self.isManaged = isManaged
        self.isOptional = isOptional
        isUser = Parent.self == User.self
        parentEntity = Parent.entityName
        readParentTable = { Parent.table }
    }
}
