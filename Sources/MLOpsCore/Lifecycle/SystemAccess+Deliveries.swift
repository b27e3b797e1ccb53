public import Foundation

/// The calls of a dispatcher, which sends the messages of all organizations.
extension SystemAccess {
    /// Claims messages that are due, the earliest first.
    ///
    /// A message whose result does not come within the lease is claimed again, under the same id.
    /// Several dispatchers never claim the same message at once. Reminders and the ends of snoozes
    /// become messages here.
    ///
    /// The lease doubles with each attempt that was lost, up to a day, and a message that was lost
    /// twelve times is given up. Attempts that were lost are no ``AlertDelivery/failures``.
    ///
    /// - Parameters:
    ///   - limit: The most messages, and the most alerts to look at, 1 to 10,000.
    ///   - lease: In seconds, 1 to 86,400.
    /// - Throws: `.invalidValue`.
    public func claimDeliveries(
        limit: Int, lease: TimeInterval
    ) async throws -> ClaimedDeliveries {
        try await engine(writing: true) { try $0.claimDeliveries(limit: limit, lease: lease) }
    }

    /// Records what came of messages; a result that comes twice changes nothing.
    ///
    /// The audit trail has one entry for each message that was delivered or given up. A message
    /// that was given up raises an alert about its channel, which other channels are told of.
    ///
    /// - Returns: The results that were not recorded, because another transaction holds their
    ///   alert, or a row that has to be changed with it.
    @discardableResult
    public func endDeliveries(_ results: [DeliveryResult]) async throws -> [DeliveryResult] {
        if results.isEmpty { return [] }
        return try await engine(writing: true) { try $0.endDeliveries(results) }
    }

    /// Makes claimed messages to one channel one message, which is due at a time.
    ///
    /// - Parameters:
    ///   - claims: The messages.
    ///   - digest: An earlier result, to which the messages are added if it still waits; otherwise
    ///     the first message becomes the digest.
    ///   - time: When it is due.
    /// - Returns: The digest; `nil` when there is nothing to digest. And the messages that are left
    ///   as they were, because another transaction holds their alerts.
    public func digestDeliveries(
        _ claims: [ClaimedDelivery], in digest: DeliveryDigest?, at time: Date
    ) async throws -> (digest: DeliveryDigest?, left: [ClaimedDelivery]) {
        try await engine(writing: true) { try $0.digestDeliveries(claims, in: digest, at: time) }
    }

    /// Raises alerts for measurements that do not come, as
    /// ``DeploymentRepository/raiseSilences(limit:)`` does.
    ///
    /// - Parameter limit: The most deployments to look at, 1 to 10,000.
    /// - Throws: `.invalidValue`.
    public func raiseSilences(limit: Int) async throws -> RaisedSilences {
        try await engine(writing: true) {
            try SQLRepository<Deployment>($0).lookAtSilences(limit: limit)
        }
    }

    /// The configuration of the channel of a message with its secrets, for one call of a sender.
    ///
    /// - Throws: `.notFound`; `.missingKey` when the key that sealed a secret is not configured;
    ///   `.corrupt` when one was changed.
    public func openedConfig(
        of claim: ClaimedDelivery
    ) async throws -> Secret<JSONValue> {
        try await engine(writing: store.auditedAccess.contains(.openedSecrets)) {
            try $0.within(claim.channel.organizationID).notificationChannels
                .openedConfig(of: claim.channel.id)
        }
    }

    /// When a message, or a look at a silent deployment, is due next, now and after each change;
    /// `nil` while nothing is.
    public func observeDueWork() -> Observation<Date?> {
        observe { tx in try AlertDispatch(transaction: tx.engine).nextDue() }
    }
}
