public import Foundation

/// A message that a dispatcher has claimed, and what it needs to send it.
public struct ClaimedDelivery: Sendable, Hashable {
    /// The alert that it tells, as it is now.
    public let alert: Alert
    /// The message.
    public let delivery: AlertDelivery
    /// The first message about the alert to the same channel.
    public let firstDeliveryID: Identifier<AlertDelivery>
    /// The channel, its secrets sealed; see ``SystemAccess/openedConfig(of:)``.
    public let channel: NotificationChannel
    /// The name of the alert's project.
    public let projectName: String?
    /// The name of the alert's deployment.
    public let deploymentName: String?
    /// The first of the other alerts that it tells, if it is a digest.
    public let others: [DigestedAlert]

    /// How many alerts it tells; more than 1 for a digest.
    public var alertCount: Int { 1 + delivery.digested.count }

    /// The most ``others``.
    public static let maximumOthers = 20
}

/// An alert that a digest tells besides its own.
public struct DigestedAlert: Sendable, Hashable {
    /// The alert.
    public let alert: Alert
    /// What is told of it.
    public let event: AlertEvent
    /// The name of its project.
    public let projectName: String?
    /// The name of its deployment.
    public let deploymentName: String?
}

/// Messages that a dispatcher has claimed.
public struct ClaimedDeliveries: Sendable, Hashable {
    /// The messages.
    public let deliveries: [ClaimedDelivery]
    /// Whether more may be due.
    public let hasMore: Bool
}

/// What came of an attempt to send a message.
public struct DeliveryResult: Sendable, Hashable {
    /// What happens next.
    public enum Outcome: Sendable, Hashable {
        /// The channel has it.
        case delivered
        /// It is tried again at this time.
        case retry(at: Date)
        /// It was not tried; it is at this time.
        case postponed(until: Date)
        /// It is given up.
        case failed
        /// The receiver is gone: it is given up, and the channel is switched off.
        case gone
    }

    /// The organization of the alert, in which alone its id names it.
    public let organizationID: Identifier<Organization>
    /// The alert.
    public let alertID: Identifier<Alert>
    /// The message.
    public let deliveryID: Identifier<AlertDelivery>
    /// The number of the attempt; the result of a later one decides.
    public let attempt: Int
    /// The end of its lease, which tells it from an attempt with the same number.
    let leaseEnd: Date?
    /// What happens next.
    public let outcome: Outcome
    /// The error that the maintainers of the alert's project may read.
    public let error: String?

    /// The longest error, in UTF-8 bytes.
    public static let maximumErrorBytes = 1000

    /// Describes the result of a claimed message; a longer error is cut.
    public init(_ claim: ClaimedDelivery, _ outcome: Outcome, error: String? = nil) {
        self.init(
            alert: claim.alert, delivery: claim.delivery, outcome, error: error)
    }

    init(
        alert: Alert, delivery: AlertDelivery, _ outcome: Outcome, error: String?
    ) {
        (organizationID, alertID) = (alert.organizationID, alert.id)
        deliveryID = delivery.id
        attempt = delivery.attempts
        leaseEnd = delivery.nextAttemptAt
        self.outcome = outcome
        self.error = error.map {
            String(decoding: $0.utf8.prefix(Self.maximumErrorBytes), as: UTF8.self)
        }
    }
}

/// The message that tells others as a digest.
public struct DeliveryDigest: Sendable, Hashable {
    let organizationID: Identifier<Organization>
    let alertID: Identifier<Alert>
    /// The message.
    public let deliveryID: Identifier<AlertDelivery>
    /// The number of its attempts; it is closed when somebody has claimed it.
    var attempts: Int

    /// The most alerts of one digest.
    public static let maximumAlerts = 5000
}

/// The alerts that the silence of deployments has raised.
public struct RaisedSilences: Sendable, Hashable {
    /// The alerts; one may have been raised for each metric of a deployment, or none.
    public let alerts: [Alert]
    /// Whether more deployments may be due.
    public let hasMore: Bool
}
