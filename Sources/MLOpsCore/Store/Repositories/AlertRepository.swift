public import Foundation

/// The alerts of an organization.
public protocol AlertRepository: MutableRepository where Record == Alert {
    /// The alerts that nobody has taken on, newest first.
    func open() throws -> [Alert]

    /// The alerts that are open or acknowledged, newest first.
    func unresolved() throws -> [Alert]

    /// The alerts of a deployment, newest first.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func of(deployment: Identifier<Deployment>) throws -> [Alert]

    /// Stores an alert, or counts up the unresolved alert of the same fingerprint: that one is then
    /// as grave as the graver of the two, and was last seen when the new one was.
    ///
    /// - Throws: What ``Repository/insert(_:)`` throws.
    @discardableResult
    func raise(_ alert: Alert) throws -> Alert

    /// Notes that the acting user has taken an alert on; one that is acknowledged already stays as
    /// it is.
    ///
    /// - Throws: `.notFound`; `.conflict` when it is resolved; `.permissionDenied` under system
    ///   access.
    @discardableResult
    func acknowledge(_ id: Identifier<Alert>) throws -> Alert

    /// Notes that the acting user has resolved an alert.
    ///
    /// - Throws: `.notFound`; `.conflict` when it is resolved already; `.permissionDenied` under
    ///   system access.
    @discardableResult
    func resolve(_ id: Identifier<Alert>) throws -> Alert
}

extension Alert {
    /// The columns of `alerts`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<Alert, Identifier<Alert>>("id")
        /// The deployment it is about.
        public let deploymentID = Column<Alert, Identifier<Deployment>?>("deployment_id")
        /// What it is about.
        public let alertType = Column<Alert, AlertType>("alert_type")
        /// How grave it is, by name; names do not sort by gravity.
        public let severity = Column<Alert, AlertSeverity>("severity")
        /// What happened, in one line.
        public let title = Column<Alert, String>("title")
        /// What happened, in full.
        public let message = Column<Alert, String>("message")
        /// How far the answer has come.
        public let status = Column<Alert, AlertStatus>("status")
        /// What makes two alerts the same.
        public let fingerprint = Column<Alert, String>("fingerprint")
        /// How often it was raised.
        public let occurrences = Column<Alert, Int>("occurrences")
        /// What raised it.
        public let context = JSONColumn<Alert>("context")
        /// When it was first raised.
        public let triggeredAt = Column<Alert, Date>("triggered_at")
        /// When it was last raised.
        public let lastSeenAt = Column<Alert, Date>("last_seen_at")
        /// Who took it on.
        public let acknowledgedBy = Column<Alert, Identifier<User>?>("acknowledged_by")
        /// When it was taken on.
        public let acknowledgedAt = Column<Alert, Date?>("acknowledged_at")
        /// Who resolved it.
        public let resolvedBy = Column<Alert, Identifier<User>?>("resolved_by")
        /// When it was resolved.
        public let resolvedAt = Column<Alert, Date?>("resolved_at")
        /// When it was made.
        public let createdAt = Column<Alert, Date>("created_at")
        /// When it last changed.
        public let updatedAt = Column<Alert, Date>("updated_at")
    }

    /// The columns of `alerts`.
    public static let columns = Columns()
}
