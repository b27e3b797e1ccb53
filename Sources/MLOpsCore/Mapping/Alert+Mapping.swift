public import Foundation

extension Alert {
    /// The columns of `alerts`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = Alert
        /// The project.
        public let projectID = Column<Alert, Identifier<Project>?>("project_id")
        /// The deployment it is about.
        public let deploymentID = Column<Alert, Identifier<Deployment>?>("deployment_id")
        /// The type of the alert.
        public let alertType = Column<Alert, AlertType>("alert_type")
        /// The severity by name; names do not sort by severity.
        public let severity = Column<Alert, AlertSeverity>("severity")
        /// What happened, in one line.
        public let title = Column<Alert, String>("title")
        /// What happened, in full.
        public let message = Column<Alert, String>("message")
        /// The status: open, acknowledged or resolved.
        public let status = Column<Alert, AlertStatus>("status")
        /// The fingerprint, which is equal for alerts about the same thing.
        public let fingerprint = Column<Alert, String>("fingerprint", holdsNames: true)
        /// How often it was raised.
        public let occurrences = Column<Alert, Int>("occurrences")
        /// Details of the cause.
        public let context = JSONColumn<Alert>("context")
        /// What people wrote.
        public let comments = JSONColumn<Alert>("comments")
        /// The deliveries to notification channels.
        public let deliveries = JSONColumn<Alert>("deliveries")
        /// Who raised it first.
        public let raisedBy = Column<Alert, Identifier<User>?>("raised_by")
        /// Whether only programs raised it.
        public let isAutomatic = Column<Alert, Bool>("is_automatic")
        /// When it was first raised.
        public let triggeredAt = Column<Alert, Date>("triggered_at")
        /// When it was last raised.
        public let lastSeenAt = Column<Alert, Date>("last_seen_at")
        /// Until when it is quiet.
        public let snoozedUntil = Column<Alert, Date?>("snoozed_until")
        /// When a message about it is due.
        public let nextDeliveryAt = Column<Alert, Date?>("next_delivery_at")
        /// Who acknowledged it.
        public let acknowledgedBy = Column<Alert, Identifier<User>?>("acknowledged_by")
        /// When it was acknowledged.
        public let acknowledgedAt = Column<Alert, Date?>("acknowledged_at")
        /// Who resolved it.
        public let resolvedBy = Column<Alert, Identifier<User>?>("resolved_by")
        /// When it was resolved.
        public let resolvedAt = Column<Alert, Date?>("resolved_at")
    }

    /// The columns of `alerts`.
    public static let columns = Columns()
}

extension Alert: MutableMapped {
    package static let table = Table(
        of: Self.self, "alerts", resource: "alert",
        project: .column(columns.projectID),
        permissions: .project(write: .contributor, delete: .owner, purge: .owner),
        fixed: [
            columns.projectID, columns.deploymentID, columns.alertType, columns.fingerprint,
            columns.raisedBy, columns.isAutomatic, columns.triggeredAt, columns.lastSeenAt,
            columns.deliveries, columns.nextDeliveryAt,
        ],
        managed: [
            columns.status, columns.occurrences, columns.comments, columns.snoozedUntil,
            columns.acknowledgedBy, columns.acknowledgedAt,
            columns.resolvedBy, columns.resolvedAt,
        ],
        unaudited: [columns.deliveries, columns.nextDeliveryAt],
        references: [
            // Checked in this order: the project of a deleted deployment must not be named.
            Reference(columns.deploymentID, onPurge: .cascade),
            Reference(columns.projectID, onPurge: .cascade),
            Reference(columns.raisedBy, onPurge: .restrict),
            Reference(columns.acknowledgedBy, onPurge: .restrict),
            Reference(columns.resolvedBy, onPurge: .restrict),
        ])

    package static let blank = Alert(alertType: .custom, title: "")

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.projectID, &projectID)
        try row.column(Self.columns.deploymentID, &deploymentID)
        try row.column(Self.columns.alertType, &alertType)
        try row.column(Self.columns.severity, &severity)
        try row.column(Self.columns.title, &title)
        try row.column(Self.columns.message, &message)
        try row.column(Self.columns.status, &status)
        try row.column(Self.columns.fingerprint, &fingerprint)
        try row.column(Self.columns.occurrences, &occurrences)
        try row.column(Self.columns.context, &context)
        try row.document(Self.columns.comments, &comments)
        try row.document(Self.columns.deliveries, &deliveries)
        if row.hidesSecrets { deliveries = deliveries.map(\.withoutError) }
        try row.column(Self.columns.raisedBy, &raisedBy)
        try row.column(Self.columns.isAutomatic, &isAutomatic)
        try row.column(Self.columns.triggeredAt, &triggeredAt)
        try row.column(Self.columns.lastSeenAt, &lastSeenAt)
        try row.column(Self.columns.snoozedUntil, &snoozedUntil)
        try row.column(Self.columns.nextDeliveryAt, &nextDeliveryAt)
        try row.column(Self.columns.acknowledgedBy, &acknowledgedBy)
        try row.column(Self.columns.acknowledgedAt, &acknowledgedAt)
        try row.column(Self.columns.resolvedBy, &resolvedBy)
        try row.column(Self.columns.resolvedAt, &resolvedAt)
        try row.stamps(&self)
    }

    /// An alert without a project belongs to the organization.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        projectID == nil ? .outsideProjects(action) : Self.table.permissions[action]
    }
}
