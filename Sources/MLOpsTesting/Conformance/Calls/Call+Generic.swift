import MLOpsCore

/// The audit entries of the calls that every entity has.
struct Trail: Sendable {
    /// The entity's name in actions.
    let entity: String
    /// The fields of a new row; `nil` if no row can be inserted.
    var created: String?
    /// The details of the entry for a batch; `nil` if there is one entry for each row.
    var batch: String?
    /// The tables that a deletion changes; `nil` if the deletion is refused.
    var deleted: String?
    /// The table that `restore` and `purge` change; `nil` if they are refused.
    var restored: String?

    fileprivate func insert() -> [String] {
        created.map { ["\(entity).create of new: changes \($0)"] } ?? []
    }

    fileprivate func batched() -> [String] {
        batch.map { ["\(entity).create of many: count; \($0)"] } ?? insert()
    }

    fileprivate func change(_ action: String, of row: String, _ tables: String?) -> [String] {
        tables.map { ["\(entity).\(action) of \(row): rows \($0)"] } ?? []
    }
}

extension Call {
    /// The calls of a repository whose rows do not change.
    ///
    /// - Parameters:
    ///   - exemption: The reason why inserts below rows that the caller does not see are not
    ///     tested.
    ///   - trail: `nil` if no call leaves an entry.
    ///   - own: The calls that only this repository has.
    static func calls<Record: FixtureEntity>(
        of type: Record.Type, insert: Permission, exempt exemption: Exemption? = nil,
        read: Permission, trail: Trail?, own: [Call]
    ) -> [Call] {
        let inserts = [
            Call("insert", insert, exempt: exemption, entries: trail?.insert() ?? []) {
                try $0.repository(of: type).insert($1.new(type))
            },
            Call("insert(contentsOf:)", insert, exempt: exemption, entries: trail?.batched() ?? [])
            { try $0.repository(of: type).insert(contentsOf: [$1.new(type)]) },
            Call("insert(history:)", .nobody, exempt: .isTheSystems) {
                try $0.repository(of: type).insert(history: [Historical($1.new(type))])
            },
        ]
        let name =
            type == DeploymentHistoryEntry.self
            ? "DeploymentHistoryRepository" : "\(type)Repository"
        return (inserts + reads(type, read) + own).map { $0.of(name) }
    }

    private static func reads<Record: FixtureEntity>(
        _ type: Record.Type, _ permission: Permission
    ) -> [Call] {
        [
            Call("findIfExists", permission) {
                try $0.repository(of: type).findIfExists($1.row(type).id)
            },
            Call("page", permission) { tx, site in
                try tx.repository(of: type).page(Query(limit: 10_000))
                    .filter { $0.id == site.row(type).id }
            },
            Call("count", permission) { tx, site in
                let isRow = Column<Record, Identifier<Record>>("id") == site.row(type).id
                return try tx.repository(of: type).count(Query(where: { _ in isRow }))
            },
            Call("forEach", permission) { tx, site in
                var count = 0
                try tx.repository(of: type).forEach(Query()) {
                    if $0.id == site.row(type).id { count += 1 }
                    return true
                }
                return count
            },
        ]
    }

    /// The calls of a repository whose rows change.
    static func calls<Record: FixtureEntity & Mutable>(
        of type: Record.Type, insert: Permission, exempt exemption: Exemption? = nil,
        read: Permission, update: Permission, trail: Trail?, own: [Call]
    ) -> [Call] {
        let entries = trail.map { ["\($0.entity).update of row: changes"] } ?? []
        let call = Call("update", update, entries: entries) {
            try $0.repository(of: type).update($1.row(type))
        }
        return calls(
            of: type, insert: insert, exempt: exemption, read: read, trail: trail,
            own: [call] + own)
    }

    /// The calls of a repository whose rows can be deleted.
    static func calls<Record: FixtureEntity & SoftDeletable>(
        of type: Record.Type, insert: Permission, exempt exemption: Exemption? = nil,
        read: Permission, update: Permission, delete: Permission, purge: Permission,
        trail: Trail?, own: [Call]
    ) -> [Call] {
        func entries(_ action: String, of row: String, _ tables: String?) -> [String] {
            trail?.change(action, of: row, tables) ?? []
        }
        let deletions = [
            Call("delete", delete, entries: entries("delete", of: "row", trail?.deleted)) {
                try $0.repository(of: type).delete($1.row(type).id)
            },
            Call("restore", delete, entries: entries("restore", of: "gone", trail?.restored)) {
                try $0.repository(of: type).restore($1.gone(type))
            },
            Call("purgePreview", purge) { try $0.repository(of: type).purgePreview($1.gone(type)) },
            Call("purge", purge, entries: entries("purge", of: "gone", trail?.restored)) {
                try $0.repository(of: type).purge($1.gone(type))
            },
        ]
        return calls(
            of: type, insert: insert, exempt: exemption, read: read, update: update, trail: trail,
            own: deletions + own)
    }
}
