extension SQLConnection {
    /// Runs a body in one transaction of this connection.
    ///
    /// What it has changed is told to those who observe the store.
    package func transact<Value>(
        _ kind: TransactionKind, as access: Access, in store: some StoreBackend,
        interruption: Interruption, locksReads: Bool = false,
        _ body: (SQLTransaction) throws -> Value
    ) throws -> Value {
        try begin(kind, in: access.organizationID)
        let transaction = SQLTransaction(
            self, access: access, kind: kind, now: store.clock(), keys: store.keys,
            locksReads: locksReads)
        defer { transaction.close() }
        do {
            try transaction.authorize()
            let value = try store.lifecycle.running { try body(transaction) }
            try interruption.check()
            try transaction.checkUnbroken()
            try transaction.writeTrail()
            try commit(announcing: transaction.changes)
            store.lifecycle.changes.publish(transaction.changes)
            return value
        } catch {
            // The database may have rolled back by itself (a full disk); the first error is the one
            // to report.
            try? rollback()
            if (error as? StoreError)?.code == .commitUnknown {
                store.lifecycle.changes.doubt(transaction.changes)
            }
            throw error
        }
    }
}
