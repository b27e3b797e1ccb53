extension SQLRepository: SoftDeletableRepository where Record: SoftDeletable {
    @discardableResult
    func delete(_ id: Identifier<Record>) throws -> Deletion {
        try transaction.checkWritable()
        if table.tenancy == .memberOfOrganization { try checkSystemAccess() }
        let record = try find(id, to: .delete)
        return try inside(record).delete(record)
    }

    private func delete(_ record: Record) throws -> Deletion {
        let id = record.id
        try record.checkChange(to: nil, in: transaction)
        let closure = try Closure(root: table, record: record)
        return try transaction.savepoint {
            let deletion = Identifier<Deletion>()
            guard try mark(table, deletion, where: row(id)) == 1 else {
                throw StoreError.notFound(Record.self, id)
            }
            var counts = [table.name: 1]
            for child in closure.tables where child.isSoftDeletable {
                counts[child.name, default: 0] += try markChildren(of: child, closure, deletion)
            }
            try checkCascade(.delete, from: record) { _ in "deletion_id = \(deletion)" }
            try checkNotNeeded(closure, deletion)
            try note("delete", record, ["rows": .counts(counts)])
            try note(
                "delete", id,
                byOrganization: rowsByOrganization { _ in "deletion_id = \(deletion)" })
            try record.finishDelete(in: transaction)
            return Deletion(
                id: deletion, date: transaction.now, counts: counts.filter { $0.value > 0 })
        }
    }

    private func mark(
        _ target: Table, _ deletion: Identifier<Deletion>, where condition: Fragment
    ) throws -> Int {
        try transaction.execute(
            """
            UPDATE \(raw: target.name) SET deleted_at = \(transaction.now), \
            deletion_id = \(deletion), updated_at = \(transaction.now), revision = revision + 1 \
            WHERE deleted_at IS NULL AND \(condition)
            """)
    }

    /// Marks the live rows of a table that have a marked parent; returns their number.
    ///
    /// Repeats until it finds no more, because the parent of a run may be a run.
    private func markChildren(
        of child: Table, _ closure: Closure, _ deletion: Identifier<Deletion>
    ) throws -> Int {
        if table.tenancy == .organizationItself {
            guard child.name != table.name else { return 0 }
            return try mark(child, deletion, where: closure.rows(of: child))
        }
        var total = 0
        var found: Int
        repeat {
            found = 0
            for reference in child.references where reference.rule == .cascade {
                guard closure.table(named: reference.parent) != nil else { continue }
                found += try mark(
                    child, deletion,
                    where: closure.condition(
                        of: reference, toThose: "deletion_id = \(deletion)"))
            }
            total += found
        } while found > 0 && child.references.contains { $0.parent == child.name }
        return total
    }

    /// Checks that no live row needs a marked one, as a deployment needs its version.
    ///
    /// - Throws: `.foreignKeyViolation`.
    private func checkNotNeeded(_ closure: Closure, _ deletion: Identifier<Deletion>) throws {
        for child in Schema.tables where child.isSoftDeletable {
            for reference in child.tenantReferences where reference.rule == .restrict {
                guard closure.table(named: reference.parent) != nil else { continue }
                let referring = closure.condition(
                    of: reference, toThose: "deletion_id = \(deletion)")
                let needed = try counts(
                    of: child, where: "\(referring) AND deleted_at IS NULL")
                guard needed.all == 0 else {
                    guard needed.seen > 0 else { throw neededOutside("deleted") }
                    throw StoreError(
                        .foreignKeyViolation,
                        "The \(Record.entityName) cannot be deleted: \(needed.seen) live rows of "
                            + "\(child.name) still need a \(reference.parentEntity) below it.",
                        entity: Record.entityName, field: "\(child.name).\(reference.column)")
                }
            }
        }
    }

    @discardableResult
    func restore(_ id: Identifier<Record>) throws -> Record {
        try transaction.checkWritable()
        if table.tenancy == .memberOfOrganization { try checkSystemAccess() }
        let record = try deletedRecord(id)
        return try inside(record).restore(record)
    }

    private func restore(_ record: Record) throws -> Record {
        let id = record.id
        guard let deletion = record.deletionID else { throw StoreError.notFound(Record.self, id) }
        try checkCascade(.delete, from: record) { _ in "deletion_id = \(deletion)" }
        try lockParents(of: deletion)
        try checkParentsAllowRestore(record, deletion)
        try checkOtherDeletions(deletion)
        return try transaction.savepoint {
            var counts: [String: Int] = [:]
            let concerned = try rowsByOrganization { _ in "deletion_id = \(deletion)" }
            for target in Schema.reachable(from: table) where target.isSoftDeletable {
                counts[target.name] = try transaction.execute(
                    """
                    UPDATE \(raw: target.name) SET deleted_at = NULL, deletion_id = NULL, \
                    updated_at = \(transaction.now), revision = revision + 1 \
                    WHERE deletion_id = \(deletion)
                    """)
            }
            try checkRestoredQuotas(record)
            let restored = try anyRecord(id)
            try note("restore", restored, ["rows": .counts(counts)])
            try note("restore", id, byOrganization: concerned)
            try restored.finishRestore(in: transaction)
            return try anyRecord(id)
        }
    }

    /// Gives each deleted row that matches a condition a deletion of its own.
    ///
    /// So it does not come back with the row that it was deleted with.
    func detachDeleted(_ condition: Fragment) throws {
        let found = try transaction.rows(
            """
            SELECT id, organization_id FROM \(raw: table.name) \
            WHERE deletion_id IS NOT NULL AND \(condition)
            """
        ) { (try $0.next(Identifier<Record>.self), try $0.next(Identifier<Organization>.self)) }
        for (id, organization) in found {
            try transaction.execute(
                """
                UPDATE \(raw: table.name) SET deletion_id = \(Identifier<Deletion>()) \
                WHERE organization_id = \(organization) AND id = \(id)
                """)
        }
    }

    private func deletedRecord(_ id: Identifier<Record>) throws -> Record {
        let found = try find(id, to: .delete, onlyLive: false)
        guard found.deletedAt != nil else {
            throw StoreError(
                .conflict, "The \(Record.entityName) \(id) is not deleted.",
                entity: Record.entityName)
        }
        return found
    }

    /// Locks what the restored rows need, so that nobody deletes it before the transaction ends.
    ///
    /// The organization first, as exclusively as the check of its limits locks it later.
    private func lockParents(of deletion: Identifier<Deletion>) throws {
        if dialect.lock(.shared).isEmpty { return }
        let targets = Schema.reachable(from: table).filter(\.isSoftDeletable)
        for target in targets where target.organizationPosition != nil {
            try lock(
                Organization.table, CommonColumn.organizationID, of: target, deletion, .exclusive)
        }
        for target in targets {
            for reference in target.references where reference.rule != .clear && !reference.isUser {
                try lock(reference.parentTable, reference.column, of: target, deletion, .shared)
            }
        }
    }

    private func lock(
        _ parent: Table, _ column: String, of target: Table, _ deletion: Identifier<Deletion>,
        _ lock: RowLock
    ) throws {
        let isOwned = parent.isTenantOwned
        _ = try transaction.rows(
            """
            SELECT id FROM \(raw: parent.name) \
            WHERE \(raw: isOwned ? "(organization_id, id)" : "id") IN (SELECT \
            \(raw: isOwned ? "organization_id, " : "")\(raw: column) \
            FROM \(raw: target.name) WHERE deletion_id = \(deletion)) \
            ORDER BY id \(dialect.lock(lock))
            """
        ) { _ in }
    }

    private func checkParentsAllowRestore(
        _ record: Record, _ deletion: Identifier<Deletion>
    ) throws {
        try checkOrganizationsAreLive(deletion)
        let columns = table.references.filter { $0.rule == .cascade }
        for reference in columns {
            let parent = try transaction.rows(
                """
                SELECT p.deletion_id FROM \(raw: reference.parent) p JOIN \(raw: table.name) c \
                ON c.\(raw: reference.column) = p.id \
                WHERE c.deletion_id = \(deletion) AND c.id = \(record.id) \
                AND \(reference.isInTenant) AND p.deleted_at IS NOT NULL
                """
            ) { try $0.next(Identifier<Deletion>.self) }.first
            guard let parent else { continue }
            let entity = reference.parentEntity
            throw StoreError(
                .conflict,
                parent == deletion
                    ? "The \(Record.entityName) was deleted together with its \(entity); "
                        + "restore the \(entity)."
                    : "Its \(entity) is deleted; restore the \(entity) first.",
                entity: Record.entityName, field: reference.column)
        }
    }

    /// Checks that the organizations of the restored rows are not deleted.
    ///
    /// An organization that is restored by the same call does not count as deleted. A user is
    /// restored with memberships, which may be in several organizations.
    ///
    /// - Throws: `.conflict`.
    private func checkOrganizationsAreLive(_ deletion: Identifier<Deletion>) throws {
        let names = [table.name, OrganizationMembership.table.name]
        for target in Schema.reachable(from: table)
        where target.organizationPosition != nil && names.contains(target.name) {
            let missing = try transaction.integer(
                """
                SELECT count(*) FROM \(raw: target.name) c JOIN organizations o \
                ON o.id = c.organization_id WHERE c.deletion_id = \(deletion) \
                AND o.deletion_id IS NOT NULL AND o.deletion_id <> \(deletion)
                """)
            guard missing == 0 else {
                throw StoreError(
                    .conflict, "Its organization is deleted; restore the organization first.",
                    entity: Record.entityName, field: "organization_id")
            }
        }
    }

    /// Checks that no restored row needs a row that another deletion has marked.
    ///
    /// A row may have two parents, one of them marked by another deletion, and the version of a
    /// deployment may have been deleted after it.
    ///
    /// - Throws: `.conflict`.
    private func checkOtherDeletions(_ deletion: Identifier<Deletion>) throws {
        for target in Schema.reachable(from: table) where target.isSoftDeletable {
            for reference in target.references
            where reference.rule == .cascade || reference.rule == .restrict && !reference.isUser {
                let missing = try transaction.integer(
                    """
                    SELECT count(*) FROM \(raw: target.name) c JOIN \(raw: reference.parent) p \
                    ON p.id = c.\(raw: reference.column) WHERE c.deletion_id = \(deletion) \
                    AND \(reference.isInTenant) \
                    AND p.deletion_id IS NOT NULL AND p.deletion_id <> \(deletion)
                    """)
                guard missing == 0 else {
                    let entity = reference.parentEntity
                    throw StoreError(
                        .conflict,
                        "\(missing) rows of \(target.name) would come back without their "
                            + "\(entity), which is deleted; restore the \(entity) first.",
                        entity: Record.entityName, field: "\(target.name).\(reference.column)")
                }
            }
        }
    }

    /// Checks that the restore keeps each organization within its limits.
    ///
    /// - Throws: `.quotaExceeded`.
    private func checkRestoredQuotas(_ record: Record) throws {
        for organization in try restoredOrganizations(record) {
            for target in Schema.reachable(from: table) {
                try transaction.checkQuota(of: organization, on: target, adding: 0)
            }
        }
    }

    /// The organizations whose limits a restore affects; with a user, those of the memberships.
    private func restoredOrganizations(_ record: Record) throws -> [Identifier<Organization>] {
        switch table.tenancy {
        case .organizationItself: []
        case .organizationColumn: [try trail(of: record.storedValues())].compactMap(\.self)
        case .memberOfOrganization:
            try SQLRepository<OrganizationMembership>(transaction)
                .of(user: Identifier(record.id.uuid)).map(\.organizationID)
        }
    }
}

extension Reference {
    /// The condition that a parent `p` is of the organization of the row `c`.
    fileprivate var isInTenant: Fragment {
        parentTable.isTenantOwned ? "p.organization_id = c.organization_id" : "TRUE"
    }
}
