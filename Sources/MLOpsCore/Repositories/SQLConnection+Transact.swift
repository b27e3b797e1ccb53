package import Foundation

extension SQLConnection {
    /// Runs a body in one transaction of this connection.
    package func transact<Value>(
        _ kind: TransactionKind, as access: Access, at now: Date, interruption: Interruption,
        keys: StoreKeys, locksReads: Bool = false,
        _ body: (SQLTransaction) throws -> Value
    ) throws -> Value {
        try begin(kind, in: access.organizationID)
        let transaction = SQLTransaction(
            self, access: access, kind: kind, now: now, keys: keys, locksReads: locksReads)
        defer { transaction.close() }
        do {
            try transaction.authorize()
            let value = try body(transaction)
            try interruption.check()
            try transaction.checkUnbroken()
            try transaction.writeTrail()
            try commit()
            return value
        } catch {
            // The database may have rolled back by itself (a full disk); the first error is the one
            // to report.
            try? rollback()
            throw error
        }
    }
}
