/// What can be done with the rows of every entity.
///
/// A repository belongs to a transaction and sees what its workspace may see: rows of another
/// organization do not exist. Every method throws `.closed` after the transaction's end.
public protocol Repository<Record> {
    /// The entity whose rows these are.
    associatedtype Record: Entity

    /// Stores a new row and returns it as stored, with organization, author and times filled in.
    ///
    /// What only the store writes (a stage, a status, what was counted) takes its start state.
    ///
    /// - Throws: `.alreadyExists`, `.notFound` for a parent that is absent or deleted,
    ///   `.checkViolation`, `.invalidValue`, `.quotaExceeded`.
    @discardableResult
    func insert(_ record: Record) throws -> Record

    /// Stores many new rows, all or none, and returns them as stored.
    @discardableResult
    func insert(contentsOf records: [Record]) throws -> [Record]

    /// Stores rows of the past, all or none; several leave one entry in the audit trail.
    ///
    /// Ids, times, revisions, deletions, states and performers are stored as given; parents may be
    /// deleted. Only under system access, where ``Transaction/scoped(to:as:)`` says whose rows they
    /// are, and whose work where a row names nobody.
    ///
    /// - Throws: `.permissionDenied` inside a workspace; `.invalidValue` for entries of the audit
    ///   trail; what ``insert(_:)`` throws.
    @discardableResult
    func insert(history rows: [Historical<Record>]) throws -> [Record]

    /// The live row with this id, or `nil`.
    func findIfExists(_ id: Identifier<Record>) throws -> Record?

    /// One page of a query.
    ///
    /// - Throws: `.invalidValue` for a limit outside 1...10,000 or a cursor of another query.
    func page(_ query: Query<Record>) throws -> Page<Record>

    /// How many rows a query's filter matches, whatever its limit and cursor.
    func count(_ query: Query<Record>) throws -> Int

    /// Hands every row of the query to the body, in order, one at a time; limit and cursor do not
    /// apply. The body returns `false` to stop. It must not write.
    ///
    /// In the default order, or one that an index serves, memory is bounded whatever the number of
    /// rows. For another order the database sorts first: on a disk, beyond 16 MiB on SQLite and
    /// `work_mem` on PostgreSQL.
    func forEach(_ query: Query<Record>, _ body: (Record) throws -> Bool) throws
}

/// A repository whose rows can be changed.
public protocol MutableRepository<Record>: Repository where Record: Mutable {
    /// Stores the changed fields of a row and returns it with its next revision.
    ///
    /// - Throws: `.conflict` when the row has changed since it was read, `.notFound`, and what
    ///   ``Repository/insert(_:)`` throws.
    @discardableResult
    func update(_ record: Record) throws -> Record
}

/// A repository whose deletions can be taken back.
public protocol SoftDeletableRepository<Record>: MutableRepository where Record: SoftDeletable {
    /// Deletes a row and everything below it, under one deletion id.
    ///
    /// - Throws: `.notFound`; `.foreignKeyViolation` when live rows outside still need it.
    @discardableResult
    func delete(_ id: Identifier<Record>) throws -> Deletion

    /// Brings back a deleted row and exactly what its deletion took along.
    ///
    /// - Throws: `.notFound`; `.conflict` when it was deleted together with its parent (restore
    ///   that) or its parent is deleted; `.alreadyExists` when a live row has taken its name.
    @discardableResult
    func restore(_ id: Identifier<Record>) throws -> Record

    /// What ``purge(_:)`` would remove, without removing it.
    func purgePreview(_ id: Identifier<Record>) throws -> PurgePreview

    /// Removes a deleted row and everything below it for good.
    ///
    /// ``Store/scrub()`` removes what the files still hold of it.
    ///
    /// - Throws: `.notFound`; `.conflict` when the row is live; `.foreignKeyViolation` when rows
    ///   outside still need it.
    @discardableResult
    func purge(_ id: Identifier<Record>) throws -> PurgePreview
}

/// What a purge removes, and what stands in its way.
public struct PurgePreview: Sendable, Hashable, Codable {
    /// How many rows of each table it removes, by table name.
    public let counts: [String: Int]

    /// The references from rows outside that forbid it, by `table.column`, with their number.
    public let blockers: [String: Int]

    /// How many rows it removes in all.
    public var total: Int { counts.values.reduce(0, +) }
}

extension Repository {
    /// The live row with this id.
    ///
    /// - Throws: `.notFound`.
    public func find(_ id: Identifier<Record>) throws -> Record {
        guard let record = try findIfExists(id) else {
            throw StoreError.notFound(Record.self, id)
        }
        return record
    }

    /// The first page of the rows that match.
    public func page(
        where filter: ((Record.Columns) -> any FilterExpression<Record>)? = nil,
        order: ((Record.Columns) -> [Order<Record>])? = nil,
        limit: Int = 100
    ) throws -> Page<Record> {
        try page(Query(where: filter, order: order, limit: limit))
    }

    /// Every row that matches, in memory.
    public func all(
        where filter: ((Record.Columns) -> any FilterExpression<Record>)? = nil,
        order: ((Record.Columns) -> [Order<Record>])? = nil
    ) throws -> [Record] {
        var records: [Record] = []
        try forEach(Query(where: filter, order: order)) {
            records.append($0)
            return true
        }
        return records
    }

    /// The first row that matches, or `nil`.
    public func first(
        where filter: ((Record.Columns) -> any FilterExpression<Record>)? = nil,
        order: ((Record.Columns) -> [Order<Record>])? = nil
    ) throws -> Record? {
        try page(Query(where: filter, order: order, limit: 1)).first
    }

    /// How many live rows match.
    public func count(where filter: ((Record.Columns) -> any FilterExpression<Record>)? = nil)
        throws -> Int
    {
        try count(Query(where: filter))
    }
}

extension StoreError {
    /// The error of an id that names no live row of the workspace.
    package static func notFound<Record: Entity>(
        _ type: Record.Type, _ id: Identifier<Record>
    ) -> StoreError {
        let entity = Record.entityName
        return StoreError(
            .notFound, "There is no \(entity) \(id) in this organization.", entity: entity)
    }
}
