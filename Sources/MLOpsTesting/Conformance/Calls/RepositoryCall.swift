import MLOpsCore

/// One method of one repository, on rows that are there.
struct RepositoryCall: Sendable {
    /// The repository's protocol, a dot, and the method with what it is called on.
    let name: String
    let body: @Sendable (any Transaction) throws -> Any

    init(_ name: String, _ body: @escaping @Sendable (any Transaction) throws -> Any) {
        self.name = name
        self.body = body
    }

    /// Makes the call in a savepoint that is undone.
    ///
    /// - Parameter look: What is looked up before.
    func outcome<Found>(
        in tx: any Transaction, look: (any Transaction) throws -> Found
    ) -> (outcome: CallOutcome, found: Found?) {
        var found: Found?
        do {
            try tx.savepoint {
                let value = try body(tx)
                found = try look(tx)
                throw Undone(isEmpty: Self.isEmpty(value))
            }
        } catch let undone as Undone {
            return (undone.isEmpty ? .nothing : .something, found)
        } catch let error as StoreError where error.code == .permissionDenied {
            return (.denied, nil)
        } catch let error as StoreError where error.code == .notFound {
            return (.notFound, nil)
        } catch {
            return (.refused("\(error)"), nil)
        }
        return (.refused("nothing was thrown"), nil)
    }

    /// Makes the call in a savepoint that is undone.
    func outcome(in tx: any Transaction) -> CallOutcome { outcome(in: tx) { _ in }.outcome }

    private struct Undone: Error { let isEmpty: Bool }

    private static func isEmpty(_ value: Any) -> Bool {
        if let count = value as? Int { return count == 0 }
        let mirror = Mirror(reflecting: value)
        return switch mirror.displayStyle {
        case .optional, .collection: mirror.children.isEmpty
        default: false
        }
    }
}

/// What came of a call.
enum CallOutcome: Sendable, Equatable {
    /// A row, rows, or a change.
    case something
    /// `nil`, no rows, or zero.
    case nothing
    case notFound
    case denied
    /// An error that has nothing to do with who calls.
    case refused(String)
}

// MARK: - What every repository has

extension RepositoryCall {
    /// The protocol of an entity's repository.
    static func repository<Record: Entity>(of type: Record.Type) -> String {
        type == DeploymentHistoryEntry.self ? "DeploymentHistoryRepository" : "\(type)Repository"
    }

    /// The calls that every repository has.
    static func common<Record: Entity>(_ row: Record, new: Record) -> [RepositoryCall] {
        let name = repository(of: Record.self)
        let isRow = Column<Record, Identifier<Record>>("id") == row.id
        return [
            RepositoryCall("\(name).insert") {
                try $0.repository(of: Record.self).insert(new)
            },
            RepositoryCall("\(name).insert(contentsOf:)") {
                try $0.repository(of: Record.self).insert(contentsOf: [new])
            },
            RepositoryCall("\(name).findIfExists") {
                try $0.repository(of: Record.self).findIfExists(row.id) as Any
            },
            RepositoryCall("\(name).page") {
                try $0.repository(of: Record.self).page(Query(limit: 10_000))
                    .filter { $0.id == row.id }
            },
            RepositoryCall("\(name).count") {
                try $0.repository(of: Record.self).count(Query(where: { _ in isRow }))
            },
            RepositoryCall("\(name).forEach") { tx in
                var count = 0
                try tx.repository(of: Record.self).forEach(Query()) {
                    if $0.id == row.id { count += 1 }
                    return true
                }
                return count
            },
        ]
    }

    /// The calls that a repository has whose rows change.
    static func mutable<Record: Mutable>(_ row: Record, new: Record) -> [RepositoryCall] {
        common(row, new: new) + [
            RepositoryCall("\(repository(of: Record.self)).update") {
                try $0.repository(of: Record.self).update(row)
            }
        ]
    }

    /// The calls that a repository has whose rows can be deleted.
    ///
    /// - Parameter gone: A row that is deleted.
    static func deletable<Record: SoftDeletable>(
        _ row: Record, new: Record, gone: Identifier<Record>
    ) -> [RepositoryCall] {
        let name = repository(of: Record.self)
        return mutable(row, new: new) + [
            RepositoryCall("\(name).delete") { try $0.repository(of: Record.self).delete(row.id) },
            RepositoryCall("\(name).restore") { try $0.repository(of: Record.self).restore(gone) },
            RepositoryCall("\(name).purgePreview") {
                try $0.repository(of: Record.self).purgePreview(gone)
            },
            RepositoryCall("\(name).purge") { try $0.repository(of: Record.self).purge(gone) },
        ]
    }
}
