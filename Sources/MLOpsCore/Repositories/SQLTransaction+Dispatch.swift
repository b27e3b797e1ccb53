package import Foundation

extension SQLTransaction {
    /// See ``SystemAccess/claimDeliveries(limit:lease:)``.
    package func claimDeliveries(limit: Int, lease: TimeInterval) throws -> ClaimedDeliveries {
        try checkDispatch()
        guard (1...10_000).contains(limit), (1...86_400).contains(lease) else {
            throw StoreError(
                .invalidValue, "The limit is 1 to 10,000, and the lease 1 to 86,400 seconds.",
                entity: Alert.entityName, field: "limit")
        }
        return try AlertDispatch(transaction: self).claim(limit: limit, lease: lease)
    }

    /// See ``SystemAccess/endDeliveries(_:)``.
    @discardableResult
    package func endDeliveries(_ results: [DeliveryResult]) throws -> [DeliveryResult] {
        try checkDispatch()
        return try AlertDispatch(transaction: self).end(results)
    }

    /// See ``SystemAccess/digestDeliveries(_:in:at:)``.
    package func digestDeliveries(
        _ claims: [ClaimedDelivery], in digest: DeliveryDigest?, at time: Date
    ) throws -> (digest: DeliveryDigest?, left: [ClaimedDelivery]) {
        try checkDispatch()
        return try AlertDispatch(transaction: self).digest(claims, in: digest, at: time)
    }

    /// The messages of all organizations are the system's, whatever a workspace's role.
    private func checkDispatch() throws {
        try checkWritable()
        guard access.isTrusted, organizationID == nil else {
            throw StoreError(
                .permissionDenied,
                "Messages are claimed and ended under `store.withSystemAccess(reason:)`.",
                entity: Alert.entityName)
        }
    }
}
