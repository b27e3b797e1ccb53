/// The rows of one entity, each call a transaction of its own:
/// `try await workspace.models.find(id)`.
///
/// It has the calls of the entity's repository, but for those that make sense inside a transaction
/// only: bodies that see row after row, and `nextVersion(of:)`.
public struct Records<Record: Entity>: Sendable {
    let workspace: Workspace

    init(_ workspace: Workspace) { self.workspace = workspace }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Repository<Record>) throws -> Value
    ) async throws -> Value {
        try await workspace.read { try body($0.repository(of: Record.self)) }
    }

    private func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Repository<Record>) throws -> Value
    ) async throws -> Value {
        try await workspace.write { try body($0.repository(of: Record.self)) }
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
    public func page(_ query: Query<Record>) async throws -> Page<Record> {
        try await read { try $0.page(query) }
    }

    /// The first page of the rows that match.
    public func page(
        where filter: ((Record.Columns) -> any FilterExpression<Record>)? = nil,
        order: ((Record.Columns) -> [Order<Record>])? = nil,
        limit: Int = 100
    ) async throws -> Page<Record> {
        try await page(Query(where: filter, order: order, limit: limit))
    }

    /// Every row that matches, in memory.
    public func all(
        where filter: ((Record.Columns) -> any FilterExpression<Record>)? = nil,
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
        where filter: ((Record.Columns) -> any FilterExpression<Record>)? = nil,
        order: ((Record.Columns) -> [Order<Record>])? = nil
    ) async throws -> Record? {
        try await page(Query(where: filter, order: order, limit: 1)).first
    }

    /// See ``Repository/count(_:)``.
    public func count(_ query: Query<Record>) async throws -> Int {
        try await read { try $0.count(query) }
    }

    /// How many live rows match.
    public func count(
        where filter: ((Record.Columns) -> any FilterExpression<Record>)? = nil
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
        try await workspace.write { try $0.repository(of: Record.self).update(record) }
    }
}

extension Records where Record: SoftDeletable {
    /// See ``SoftDeletableRepository/delete(_:)``.
    @discardableResult
    public func delete(_ id: Identifier<Record>) async throws -> Deletion {
        try await workspace.write { try $0.repository(of: Record.self).delete(id) }
    }

    /// See ``SoftDeletableRepository/restore(_:)``.
    @discardableResult
    public func restore(_ id: Identifier<Record>) async throws -> Record {
        try await workspace.write { try $0.repository(of: Record.self).restore(id) }
    }

    /// See ``SoftDeletableRepository/purgePreview(_:)``.
    public func purgePreview(_ id: Identifier<Record>) async throws -> PurgePreview {
        try await workspace.read { try $0.repository(of: Record.self).purgePreview(id) }
    }

    /// See ``SoftDeletableRepository/purge(_:)``.
    @discardableResult
    public func purge(_ id: Identifier<Record>) async throws -> PurgePreview {
        try await workspace.write { try $0.repository(of: Record.self).purge(id) }
    }
}
