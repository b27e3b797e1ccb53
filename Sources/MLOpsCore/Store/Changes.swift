/// Tables of the schema, a bit for each.
package struct TableSet: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    static let all = TableSet(rawValue: .max)
}

/// Which tables a commit has changed, for each organization.
package struct Changes: Sendable, Hashable {
    /// The key `nil` holds changes to rows without an organization, and changes by statements
    /// without one.
    package private(set) var tables: [Identifier<Organization>?: TableSet] = [:]

    package init() {}

    /// Everything may have changed.
    package static var everything: Changes {
        var changes = Changes()
        changes.insert(.all, of: nil)
        return changes
    }

    package var isEmpty: Bool { tables.isEmpty }

    package mutating func insert(_ set: TableSet, of organization: Identifier<Organization>?) {
        tables[organization, default: []].formUnion(set)
    }

    mutating func formUnion(_ other: Changes) { tables.merge(other.tables) { $0.union($1) } }

    /// What has changed for who sees one organization, or all of them (`nil`).
    func tables(for organization: Identifier<Organization>?) -> TableSet {
        guard let organization else { return tables.values.reduce([]) { $0.union($1) } }
        return tables[organization, default: []].union(tables[nil, default: []])
    }
}
