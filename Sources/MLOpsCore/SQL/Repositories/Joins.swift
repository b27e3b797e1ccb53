extension Table {
    /// The columns, in order and named by an alias of the table, for the select list of a join.
    func columns(of alias: String) -> Fragment {
        let list = columns.map { "\(alias).\($0)" }.joined(separator: ", ")
        return "\(raw: list)"
    }
}

extension SQLTransaction {
    /// The condition that a table, named by an alias, shows only rows of the workspace's
    /// organization; always true under system access.
    func scope(of alias: String) -> Fragment {
        guard let organizationID else { return "TRUE" }
        return "\(raw: alias).organization_id = \(organizationID)"
    }
}
