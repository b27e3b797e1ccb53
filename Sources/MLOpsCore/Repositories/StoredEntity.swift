/// An entity with rules that need a transaction to be checked.
protocol StoredEntity: TableMapped {
    /// Checks a row before it is stored, and fills in fields that need the transaction.
    ///
    /// - Parameter source: Who provides a new row; `nil` for an update.
    func prepared(from source: InsertSource?, in transaction: SQLTransaction) throws -> Self

    /// Fills in what new rows get from the store together, before they are prepared one by one.
    static func prepareInserts(
        _ rows: inout [Self], from source: InsertSource, in transaction: SQLTransaction) throws

    /// The row to store in place of the current one, with what the engine has written meanwhile.
    func replacing(_ current: Self) -> Self

    /// Checks a change of the stored row, or its deletion if `new` is `nil`.
    func checkChange(to new: Self?, in transaction: SQLTransaction) throws

    /// Checks and changes that need the inserted row.
    func finishInsert(from source: InsertSource, in transaction: SQLTransaction) throws

    /// What follows from rows that a caller has inserted in one call.
    static func finishInserts(_ rows: [Self], in transaction: SQLTransaction) throws

    /// Changes that follow from the deletion of the row.
    func finishDelete(in transaction: SQLTransaction) throws

    /// Changes that follow from the purge of the row.
    func finishPurge(in transaction: SQLTransaction) throws

    /// Checks that need the restored row, and what came back with it.
    func finishRestore(in transaction: SQLTransaction) throws
}

/// A stored entity that can be changed.
protocol StoredMutable: StoredEntity, MutableMapped {}

/// A stored entity that can be deleted and restored.
protocol StoredSoftDeletable: StoredMutable, SoftDeletableMapped {}

extension StoredEntity {
    func prepared(from source: InsertSource?, in transaction: SQLTransaction) throws -> Self {
        self
    }
    static func prepareInserts(
        _ rows: inout [Self], from source: InsertSource, in transaction: SQLTransaction
    ) throws {}
    func replacing(_ current: Self) -> Self { self }
    func checkChange(to new: Self?, in transaction: SQLTransaction) throws {}
    func finishInsert(from source: InsertSource, in transaction: SQLTransaction) throws {}
    static func finishInserts(_ rows: [Self], in transaction: SQLTransaction) throws {}
    func finishDelete(in transaction: SQLTransaction) throws {}
    func finishPurge(in transaction: SQLTransaction) throws {}
    func finishRestore(in transaction: SQLTransaction) throws {}

    /// See ``Entity/repository(in:)``.
    public static func repository(in transaction: any Transaction) throws -> any Repository<Self> {
        SQLRepository<Self>(try transaction.engine)
    }
}

extension StoredMutable {
    /// See ``Mutable/mutableRepository(in:)``.
    public static func mutableRepository(
        in transaction: any Transaction
    ) throws -> any MutableRepository<Self> { SQLRepository<Self>(try transaction.engine) }
}

extension StoredSoftDeletable {
    /// See ``SoftDeletable/softDeletableRepository(in:)``.
    public static func softDeletableRepository(
        in transaction: any Transaction
    ) throws -> any SoftDeletableRepository<Self> { SQLRepository<Self>(try transaction.engine) }
}
