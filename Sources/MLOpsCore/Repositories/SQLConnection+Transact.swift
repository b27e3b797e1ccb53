extension SQLConnection {
    /// Runs a body in one transaction of this connection.
    ///
    /// Observers of the store learn of the changes after the commit, or when its outcome is
    /// unknown.
    package func transact<Value>(
        _ kind: TransactionKind, as access: Access, in store: some StoreBackend,
        interruption: Interruption, locksReads: Bool = false,
        _ body: (SQLTransaction) throws -> Value
    ) throws -> Value {
        try begin(kind, in: access.organizationID)
        let transaction = SQLTransaction(
            self, access: access, kind: kind, now: store.clock(), keys: store.keys,
            auditedAccess: store.auditedAccess, locksReads: locksReads,
            rules: store.lifecycle.rules)
        defer { transaction.close() }
        do {
            try transaction.authorize()
            let value = try body(transaction)
            try interruption.check()
            try transaction.checkUnbroken()
            try transaction.writeTrail()
            try commit(announcing: transaction.changes)
            store.lifecycle.changes.publish(transaction.changes)
            return value
        } catch {
            // An error of the rollback is ignored: the database may have rolled back by itself (a
            // full disk), and the first error is the one to report.
            try? rollback()
            if (error as? StoreError)?.code == .commitUnknown {
                store.lifecycle.changes.doubt(transaction.changes)
            }
            throw error
        }
    }
}
