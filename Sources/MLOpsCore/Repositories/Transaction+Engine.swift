extension Transaction {
    /// The engine that every store of the library shares, for what its protocols do not tell.
    ///
    /// - Throws: `.invalidValue` for a transaction of another store.
    var engine: SQLTransaction {
        get throws {
            guard let engine = self as? SQLTransaction else {
                throw StoreError(.invalidValue, "Only stores of this library can do this.")
            }
            return engine
        }
    }
}
