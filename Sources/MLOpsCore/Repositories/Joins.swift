extension Table {
    /// The columns, in order and named by an alias of the table, for the select list of a join.
    func columns(of alias: String) -> Fragment {
        let list = columns.map { "\(alias).\($0)" }.joined(separator: ", ")
        return "\(raw: list)"
    }
}
