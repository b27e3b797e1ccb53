extension Alert: TableMapped {
    package static let table = Table(
        "alerts",
        columns: [
            "id", "organization_id", "deployment_id", "alert_type", "severity", "title",
            "message", "status", "fingerprint", "occurrences", "context", "deliveries",
            "triggered_at", "last_seen_at", "acknowledged_by", "acknowledged_at", "resolved_by",
            "resolved_at", "created_at", "updated_at", "revision",
        ],
        fixed: ["deployment_id", "alert_type", "fingerprint", "triggered_at"],
        managed: [
            "status", "occurrences", "last_seen_at", "acknowledged_by", "acknowledged_at",
            "resolved_by", "resolved_at",
        ],
        references: [
            .init("deployment_id", to: Deployment.self, onPurge: .cascade),
            .init("acknowledged_by", to: User.self, onPurge: .restrict),
            .init("resolved_by", to: User.self, onPurge: .restrict),
        ])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        deploymentID = try row.next()
        alertType = try row.next()
        severity = try row.next()
        title = try row.next()
        message = try row.next()
        status = try row.next()
        fingerprint = try row.next()
        occurrences = try row.next()
        context = try row.next()
        deliveries = try row.nextJSON()
        triggeredAt = try row.next()
        lastSeenAt = try row.next()
        acknowledgedBy = try row.next()
        acknowledgedAt = try row.next()
        resolvedBy = try row.next()
        resolvedAt = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        revision = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(organizationID)
        try row.append(deploymentID)
        try row.append(alertType)
        try row.append(severity)
        try row.append(title)
        try row.append(message)
        try row.append(status)
        try row.append(fingerprint)
        try row.append(occurrences)
        try row.append(context)
        try row.append(json: deliveries)
        try row.append(triggeredAt)
        try row.append(lastSeenAt)
        try row.append(acknowledgedBy)
        try row.append(acknowledgedAt)
        try row.append(resolvedBy)
        try row.append(resolvedAt)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(revision)
    }
}
