extension SQLRepository {
    /// Records an action on a row, given as its stored values; audit entries are exempt.
    func note(_ verb: String, _ values: [StoredValue], _ details: [String: JSONValue]) throws {
        guard table.trail != .itself, case .uuid(let id) = values[table.idPosition] else {
            return
        }
        try transaction.note(verb, Record.self, Identifier(id), in: trail(of: values), details)
    }

    /// Records an action on a row.
    func note(_ verb: String, _ record: Record, _ details: [String: JSONValue]) throws {
        try note(verb, try record.storedValues(), details)
    }

    /// Records the changed fields of a row.
    ///
    /// - Parameters:
    ///   - before: The stored values before the change.
    ///   - details: What the entry tells beside the changes.
    func noteChange(
        _ verb: String, from before: [StoredValue], to after: Record,
        _ details: [String: JSONValue] = [:]
    ) throws {
        let values = try after.storedValues()
        var details = details
        details["changes"] = try table.changes(from: before, to: values)
        try note(verb, values, details)
    }

    /// Records the insert of many rows, as one entry for each organization.
    func noteBatch(_ rows: [[StoredValue]]) throws {
        let link = table.projectReference
        let position = link.flatMap { table.columns.firstIndex(of: $0.column) }
        for (organization, rows) in byTrail(rows) {
            var details: [String: JSONValue] = ["count": .int(Int64(rows.count))]
            if let link, let position {
                let parents = Self.ids(in: position, of: rows).prefix(Self.namedParents)
                details[link.column] = .array(parents.map(JSONValue.string))
            }
            try transaction.note("create", Record.self, nil, in: organization, details)
        }
    }

    /// The distinct ids in a column, sorted.
    private static func ids(in position: Int, of rows: [[StoredValue]]) -> [String] {
        var ids: Set<String> = []
        var last = StoredValue.null
        // Rows of the same parent are usually adjacent.
        for row in rows where row[position] != last {
            last = row[position]
            if case .uuid(let id) = last { ids.insert(id.lowercased) }
        }
        return ids.sorted()
    }

    /// The largest number of parents that the entry of a batch names.
    private static var namedParents: Int { 20 }

    /// Rows by the organization whose trail records them; in a workspace, its organization.
    func byTrail(_ rows: [[StoredValue]]) -> [Identifier<Organization>?: [[StoredValue]]] {
        if let organization = transaction.organizationID { return [organization: rows] }
        return Dictionary(grouping: rows, by: trail)
    }

    /// The organization whose trail records a row; `nil` for the system's own trail.
    func trail(of values: [StoredValue]) -> Identifier<Organization>? {
        if let organization = transaction.organizationID { return organization }
        let position =
            table.tenancy == .organizationItself ? table.idPosition : table.organizationPosition
        guard let position, case .uuid(let id) = values[position] else { return nil }
        return Identifier(id)
    }
}

extension SQLRepository where Record: SoftDeletable {
    /// The rows of each organization that go, or come back, with a row of no organization.
    ///
    /// - Parameter rows: The condition of the rows of a table.
    func rowsByOrganization(
        _ rows: (Table) -> Fragment
    ) throws -> [Identifier<Organization>: [String: Int]] {
        guard table.tenancy == .memberOfOrganization else { return [:] }
        var counts: [Identifier<Organization>: [String: Int]] = [:]
        for target in Schema.reachable(from: table) where target.isTenantOwned {
            let found = try transaction.rows(
                """
                SELECT organization_id, count(*) FROM \(raw: target.name) \
                WHERE \(rows(target)) GROUP BY organization_id
                """
            ) { (try $0.next(Identifier<Organization>.self), try $0.next(Int.self)) }
            for (organization, count) in found {
                counts[organization, default: [:]][target.name] = count
            }
        }
        return counts
    }

    /// Records a user's deletion, restore or purge in the trail of each organization concerned.
    func note(
        _ verb: String, _ id: Identifier<Record>,
        byOrganization counts: [Identifier<Organization>: [String: Int]]
    ) throws {
        for (organization, rows) in counts.sorted(by: { $0.key < $1.key }) {
            try transaction.note(
                verb, Record.self, id, in: organization, ["rows": .counts(rows)])
        }
    }
}

extension JSONValue {
    /// The numbers of rows by table, without tables that have none.
    static func counts(_ counts: [String: Int]) -> JSONValue {
        .object(counts.filter { $0.value > 0 }.mapValues { .int(Int64($0)) })
    }
}
