/// An entity with the rules that take a transaction to check.
protocol StoredEntity: TableMapped {
    /// Checks that only the transaction can make, and fields that only it can fill in.
    func prepared(forInsert: Bool, in transaction: SQLTransaction) throws -> Self

    /// Checks before the stored row is replaced by another form of it, or deleted for `nil`.
    func checkChange(to new: Self?, in transaction: SQLTransaction) throws

    /// Checks that only the inserted row makes possible, and what else it brings about.
    func finishInsert(in transaction: SQLTransaction) throws

    /// What else ends with the row that was deleted.
    func finishDelete(in transaction: SQLTransaction) throws
}

/// A stored entity that can be changed.
protocol StoredMutable: StoredEntity, MutableMapped {}

/// A stored entity whose deletion can be taken back.
protocol StoredSoftDeletable: StoredMutable, SoftDeletableMapped {}

extension StoredEntity {
    func prepared(forInsert: Bool, in transaction: SQLTransaction) throws -> Self { self }
    func checkChange(to new: Self?, in transaction: SQLTransaction) throws {}
    func finishInsert(in transaction: SQLTransaction) throws {}
    func finishDelete(in transaction: SQLTransaction) throws {}

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
