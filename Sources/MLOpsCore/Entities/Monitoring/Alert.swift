import Crypto
public import Foundation

/// The kind of problem or event that an alert is about.
public enum AlertType: String, TextEnumeration {
    /// The model's predictions are worse than before.
    case performanceDegradation = "performance_degradation"
    /// The data differs from the training data.
    case dataDrift = "data_drift"
    /// Responses take too long.
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

/// The severity of an alert, in ascending order.
public enum AlertSeverity: String, TextEnumeration, Comparable {
    /// For information.
    case info
    /// May wait.
    case low
    /// Needs attention soon.
    case medium
    /// Needs attention now.
    case high
    /// Needs attention at any hour.
    case critical

    /// Whether the left severity is lower.
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

/// The state of an alert.
public enum AlertStatus: String, TextEnumeration {
    /// Not acknowledged yet.
    case open
    /// Acknowledged by a user.
    case acknowledged
    /// Resolved; the problem is over.
    case resolved
}

/// A problem or an event that needs a person's attention.
///
/// A project has at most one unresolved alert for each fingerprint; raising it again increments
/// `occurrences`. Status, comments, times and users of its handling change only through the
/// repository's own methods; an update ignores them.
public struct Alert: TenantOwned, Mutable {
    /// The name of a row in messages.
    public static let entityName = "alert"

    /// The key.
    public package(set) var id: Identifier<Alert>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The project it belongs to, that of its deployment if it has one; `nil` for none.
    public package(set) var projectID: Identifier<Project>?
    /// The deployment it is about.
    public package(set) var deploymentID: Identifier<Deployment>?
    /// The kind of problem or event.
    public package(set) var alertType: AlertType
    /// Its severity.
    public var severity: AlertSeverity
    /// What happened, in one line.
    public var title: String
    /// What happened, in full.
    public var message: String
    /// Its state.
    public package(set) var status: AlertStatus = .open
    /// The text that identifies alerts of the same problem.
    public package(set) var fingerprint: String
    /// How often it was raised, at least 1.
    public package(set) var occurrences: Int = 1
    /// Details of the cause, as a JSON object.
    public var context: JSONValue
    /// What people wrote about it, oldest first.
    public package(set) var comments: [AlertComment] = []
    /// The messages about it: all that are due, and the last ones that are not.
    ///
    /// Their errors are read with ``AlertRepository/deliveries(of:)`` alone.
    public package(set) var deliveries: [AlertDelivery] = []
    /// Who raised it first; `nil` for system access.
    public package(set) var raisedBy: Identifier<User>?
    /// Whether only programs raised it, which may resolve it again.
    public package(set) var isAutomatic: Bool
    /// When it was first raised.
    public package(set) var triggeredAt: Date
    /// When it was last raised.
    public package(set) var lastSeenAt: Date
    /// Until when it is quiet, unless something graver happens.
    public package(set) var snoozedUntil: Date?
    /// When a message about it is due, or its snooze ends.
    public package(set) var nextDeliveryAt: Date?
    /// Who acknowledged it.
    public package(set) var acknowledgedBy: Identifier<User>?
    /// When it was acknowledged.
    public package(set) var acknowledgedAt: Date?
    /// Who resolved it.
    public package(set) var resolvedBy: Identifier<User>?
    /// When it was resolved.
    public package(set) var resolvedAt: Date?
    /// When the row was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// The revision: 1 after the insert, one more after each change.
    public package(set) var revision: Int = 1

    /// Makes an open alert that is not stored yet.
    ///
    /// The default fingerprint consists of type, deployment and title; of a title over 512 bytes,
    /// its SHA-256. An alert about a deployment belongs to its project, which need not be given.
    ///
    /// With `isAutomatic` a program raises it, which may resolve it with
    /// `resolveAutomatic(_:in:)`.
    public init(
        id: Identifier<Alert> = Identifier(),
        project: Identifier<Project>? = nil,
        deployment: Identifier<Deployment>? = nil,
        alertType: AlertType,
        severity: AlertSeverity = .medium,
        title: String,
        message: String = "",
        fingerprint: String? = nil,
        context: JSONValue = [:],
        isAutomatic: Bool = false,
        triggeredAt: Date = .whenStored,
        createdAt: Date = .now
    ) {
        self.id = id
        projectID = project
        deploymentID = deployment
        self.alertType = alertType
        self.severity = severity
        self.title = title
        self.message = message
        self.fingerprint =
            fingerprint ?? Self.fingerprint(of: alertType, deployment, title)
        self.context = context
        self.isAutomatic = isAutomatic
        self.triggeredAt = triggeredAt.roundedToMicroseconds
        lastSeenAt = self.triggeredAt
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}

extension Alert {
    private static func fingerprint(
        of type: AlertType, _ deployment: Identifier<Deployment>?, _ title: String
    ) -> String {
        let isShort = title.utf8.count <= 512
        let text = isShort ? title : SHA256.hash(data: Data(title.utf8)).hexadecimal
        return "\(type.rawValue):\(deployment?.description ?? ""):\(text)"
    }

    /// Whether it is quiet at a time.
    public func isSnoozed(at time: Date) -> Bool { snoozedUntil.map { $0 > time } ?? false }
}
