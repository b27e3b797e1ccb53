extension Transaction {
    /// The transaction as the engine implements it, for functions outside of the protocol.
    ///
    /// - Throws: `.invalidValue` for a transaction of another store.
    package var engine: SQLTransaction {
        get throws {
            guard let engine = self as? SQLTransaction else {
                throw StoreError(.invalidValue, "Only stores of this library can do this.")
            }
            return engine
        }
    }
}

extension SystemAccess {
    /// Runs a body in one transaction of the engine.
    func engine<Value: Sendable>(
        writing: Bool, _ body: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        if writing { return try await write { try body($0.engine) } }
        return try await read { try body($0.engine) }
    }
}
