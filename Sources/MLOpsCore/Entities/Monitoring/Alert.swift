public import Foundation

/// What an alert is about.
public enum AlertType: String, TextEnumeration {
    /// The model answers worse than it did.
    case performanceDegradation = "performance_degradation"
    /// The data is no longer what the model was trained on.
    case dataDrift = "data_drift"
    /// Answers take too long.
    case highLatency = "high_latency"
    /// Too many requests fail.
    case errorRate = "error_rate"
    /// Something happened to a deployment.
    case deployment
    /// Something happened to a model.
    case modelUpdate = "model_update"
    /// Something happened to an experiment.
    case experiment
    /// Anything else.
    case custom
}

/// How grave an alert is, in ascending order.
public enum AlertSeverity: String, TextEnumeration, Comparable {
    /// Good to know.
    case info
    /// Can wait.
    case low
    /// To be looked at soon.
    case medium
    /// To be looked at now.
    case high
    /// Somebody has to get up.
    case critical

    /// Whether the left is less grave.
    public static func < (left: AlertSeverity, right: AlertSeverity) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .info: 0
        case .low: 1
        case .medium: 2
        case .high: 3
        case .critical: 4
        }
    }
}

/// How far the answer to an alert has come.
public enum AlertStatus: String, TextEnumeration {
    /// Not acknowledged yet.
    case open
    /// Acknowledged by a user.
    case acknowledged
    /// It is over.
    case resolved
}

/// Something a person should know.
///
/// There is one unresolved alert for each fingerprint; raising it again counts up `occurrences`.
/// The status and what goes with it change through the repository's own methods only; an update
/// leaves them alone.
public struct Alert: TenantOwned, Mutable {
    /// What one row is called in messages.
    public static let entityName = "alert"

    /// The key.
    public package(set) var id: Identifier<Alert>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization>
    /// The deployment it is about.
    public package(set) var deploymentID: Identifier<Deployment>?
    /// What it is about.
    public package(set) var alertType: AlertType
    /// How grave it is.
    public var severity: AlertSeverity
    /// What happened, in one line.
    public var title: String
    /// What happened, in full.
    public var message: String
    /// How far the answer has come.
    public package(set) var status: AlertStatus
    /// What makes two alerts the same.
    public package(set) var fingerprint: String
    /// How often it was raised, at least once.
    public package(set) var occurrences: Int
    /// What raised it, as a JSON object.
    public var context: JSONValue
    /// Whom it was sent to, and how that went.
    public package(set) var deliveries: [AlertDelivery]
    /// When it was first raised.
    public package(set) var triggeredAt: Date
    /// When it was last raised.
    public package(set) var lastSeenAt: Date
    /// Who took it on.
    public package(set) var acknowledgedBy: Identifier<User>?
    /// When it was taken on.
    public package(set) var acknowledgedAt: Date?
    /// Who resolved it.
    public package(set) var resolvedBy: Identifier<User>?
    /// When it was resolved.
    public package(set) var resolvedAt: Date?
    /// When the row was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// How often it was written.
    public package(set) var revision: Int

    /// Makes an open alert that is not stored yet.
    ///
    /// Without a fingerprint, alerts are the same when type, deployment and title are.
    public init(
        id: Identifier<Alert> = Identifier(),
        deployment: Identifier<Deployment>? = nil,
        alertType: AlertType,
        severity: AlertSeverity = .medium,
        title: String,
        message: String = "",
        fingerprint: String? = nil,
        context: JSONValue = [:],
        triggeredAt: Date = .now,
        createdAt: Date = .now
    ) {
        self.id = id
        organizationID = .unassigned
        deploymentID = deployment
        self.alertType = alertType
        self.severity = severity
        self.title = title
        self.message = message
        status = .open
        self.fingerprint =
            fingerprint ?? "\(alertType.rawValue):\(deployment?.description ?? ""):\(title)"
        occurrences = 1
        self.context = context
        deliveries = []
        self.triggeredAt = triggeredAt.roundedToMicroseconds
        lastSeenAt = self.triggeredAt
        acknowledgedBy = nil
        acknowledgedAt = nil
        resolvedBy = nil
        resolvedAt = nil
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
        revision = 1
    }
}
