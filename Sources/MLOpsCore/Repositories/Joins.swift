extension Table {
    /// The columns in the table's order, qualified by an alias, for the select list of a join.
    func columns(of alias: String) -> Fragment {
        let list = columns.map { "\(alias).\($0)" }.joined(separator: ", ")
        return "\(raw: list)"
    }
}
