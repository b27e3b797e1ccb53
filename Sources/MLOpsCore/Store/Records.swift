/// The rows of one entity, each call a transaction of its own:
/// `try await workspace.models.find(id)`.
public struct Records<Record: Entity>: Sendable {
    private let workspace: Workspace
    private let repository: @Sendable (any Transaction) -> any Repository<Record>

    init(
        _ workspace: Workspace,
        _ repository: @escaping @Sendable (any Transaction) -> any Repository<Record>
    ) {
        self.workspace = workspace
        self.repository = repository
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Repository<Record>) throws -> Value
    ) async throws -> Value {
        try await workspace.read { [repository] in try body(repository($0)) }
    }

    private func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Repository<Record>) throws -> Value
    ) async throws -> Value {
        try await workspace.write { [repository] in try body(repository($0)) }
    }

    /// See ``Repository/find(_:)``.
    public func find(_ id: Identifier<Record>) async throws -> Record {
        try await read { try $0.find(id) }
    }

    /// See ``Repository/findIfExists(_:)``.
    public func findIfExists(_ id: Identifier<Record>) async throws -> Record? {
        try await read { try $0.findIfExists(id) }
    }

    /// See ``Repository/insert(_:)``.
    @discardableResult
    public func insert(_ record: Record) async throws -> Record {
        try await write { try $0.insert(record) }
    }

    /// See ``Repository/insert(contentsOf:)``.
    @discardableResult
    public func insert(contentsOf records: [Record]) async throws -> [Record] {
        try await write { try $0.insert(contentsOf: records) }
    }

    /// See ``Repository/page(_:)``.
    public func page(_ query: Query<Record> = Query()) async throws -> Page<Record> {
        try await read { try $0.page(query) }
    }

    /// Every row that matches, in memory.
    public func all(
        where filter: ((Record.Columns) -> Filter<Record>)? = nil,
        order: ((Record.Columns) -> [Order<Record>])? = nil
    ) async throws -> [Record] {
        let query = Query(where: filter, order: order)
        return try await read { repository in
            var records: [Record] = []
            try repository.forEach(query) {
                records.append($0)
                return true
            }
            return records
        }
    }

    /// The first row that matches, or `nil`.
    public func first(
        where filter: ((Record.Columns) -> Filter<Record>)? = nil,
        order: ((Record.Columns) -> [Order<Record>])? = nil
    ) async throws -> Record? {
        try await page(Query(where: filter, order: order, limit: 1)).first
    }

    /// How many live rows match.
    public func count(
        where filter: ((Record.Columns) -> Filter<Record>)? = nil
    ) async throws -> Int {
        let query = Query(where: filter)
        return try await read { try $0.count(query) }
    }

    /// All rows of a query as a sequence, read page by page: memory holds one page.
    ///
    /// In an order that no index serves, the database sorts the rows anew for each page; the
    /// default order is served.
    ///
    /// Each page is a transaction of its own, so a slow consumer holds no snapshot; rows written
    /// meanwhile appear if they lie ahead. The query's limit is the size of a page.
    public func stream(
        _ query: Query<Record> = Query(limit: 1000)
    ) -> AsyncThrowingStream<Record, any Error> {
        let state = StreamState(query)
        return AsyncThrowingStream { try await state.next { try await page($0) } }
    }
}

extension Repository {
    /// The repository without what only its own entity has; ``Transaction/repository(of:)`` gives
    /// it too, by a cast at run time that costs as much as a small statement.
    var generic: any Repository<Record> { self }
}

/// Where a stream of pages stands.
private actor StreamState<Record: Entity> {
    private var query: Query<Record>
    private var rows: ArraySlice<Record> = []
    private var isLast = false

    init(_ query: Query<Record>) { self.query = query }

    func next(
        _ load: @Sendable (Query<Record>) async throws -> Page<Record>
    ) async throws -> Record? {
        while rows.isEmpty && !isLast {
            let page = try await load(query)
            rows = page.records[...]
            query.cursor = page.next
            isLast = page.next == nil
        }
        return rows.popFirst()
    }
}

extension Records where Record: Mutable {
    /// See ``MutableRepository/update(_:)``.
    @discardableResult
    public func update(_ record: Record) async throws -> Record {
        try await write { try Self.mutable($0).update(record) }
    }

    private static func mutable(
        _ repository: any Repository<Record>
    ) throws -> any MutableRepository<Record> {
        guard let repository = repository as? any MutableRepository<Record> else {
            throw StoreError(.database, "The store cannot change a \(Record.entityName).")
        }
        return repository
    }
}

extension Records where Record: SoftDeletable {
    private static func deletable(
        _ repository: any Repository<Record>
    ) throws -> any SoftDeletableRepository<Record> {
        guard let repository = repository as? any SoftDeletableRepository<Record> else {
            throw StoreError(.database, "The store cannot delete a \(Record.entityName).")
        }
        return repository
    }

    /// See ``SoftDeletableRepository/delete(_:)``.
    @discardableResult
    public func delete(_ id: Identifier<Record>) async throws -> Deletion {
        try await write { try Self.deletable($0).delete(id) }
    }

    /// See ``SoftDeletableRepository/restore(_:)``.
    @discardableResult
    public func restore(_ id: Identifier<Record>) async throws -> Record {
        try await write { try Self.deletable($0).restore(id) }
    }

    /// See ``SoftDeletableRepository/purgePreview(_:)``.
    public func purgePreview(_ id: Identifier<Record>) async throws -> PurgePreview {
        try await read { try Self.deletable($0).purgePreview(id) }
    }

    /// See ``SoftDeletableRepository/purge(_:)``.
    @discardableResult
    public func purge(_ id: Identifier<Record>) async throws -> PurgePreview {
        try await write { try Self.deletable($0).purge(id) }
    }
}
