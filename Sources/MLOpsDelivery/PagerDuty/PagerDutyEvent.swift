import MLOpsCore
import MLOpsOperations

/// An event of PagerDuty's Events API v2.
enum PagerDutyEvent {
    static let limit = 512_000
    static let summaryLimit = 1024

    static func text(_ notification: AlertNotification, routingKey: String) throws -> String {
        var event: [String: JSONValue] = [
            "routing_key": .string(routingKey),
            "event_action": notification.event == .resolved ? "resolve" : "trigger",
            // Not the fingerprint: an alert that is raised anew is a new incident.
            "dedup_key": .string("mlops:\(notification.alertID)"),
        ]
        guard notification.event != .resolved else {
            return try JSONValue.object(event).canonicalText()
        }
        let text = NotificationText(notification)
        event["client"] = "swift-mlops"
        if let link = text.link {
            event["client_url"] = .string(link)
            event["links"] = [["href": .string(link), "text": "Open the alert"]]
        }
        var payload: [String: JSONValue] = [
            "summary": .string(text.headline.cut(toUnits: summaryLimit)),
            "source": .string(source(notification)),
            "severity": severity(notification.severity),
            "timestamp": notification.triggeredAt.timestamp,
            "class": .string(notification.alertType.rawValue),
            "custom_details": details(notification, text),
        ]
        payload["component"] = notification.deployment.map { .string(line($0)) }
        payload["group"] = notification.project.map { .string(line($0)) }
        event["payload"] = .object(payload)
        if let whole = try? JSONValue.object(event).canonicalText(), whole.utf8.count <= limit {
            return whole
        }
        payload["custom_details"] = [
            "note": "The details are left out: the event was larger than 512 KB.",
            "message": .string(text.message.cut(toBytes: 10_000)),
        ]
        event["payload"] = .object(payload)
        return try JSONValue.object(event).canonicalText()
    }

    static func severity(_ severity: AlertSeverity) -> JSONValue {
        switch severity {
        case .info, .low: "info"
        case .medium: "warning"
        case .high: "error"
        case .critical: "critical"
        }
    }

    private static func source(_ notification: AlertNotification) -> String {
        let name = [notification.deployment, notification.project].compactMap { $0.map(line) }
            .first { !$0.isEmpty }
        return name ?? "swift-mlops"
    }

    private static func line(_ text: String) -> String {
        text.prefix(scalars: 1000).cleaned(isOneLine: true).cut(toUnits: 255)
    }

    private static func details(
        _ notification: AlertNotification, _ text: NotificationText
    ) -> JSONValue {
        let details: JSONValue = [
            "alert_id": .string("\(notification.alertID)"),
            "event": .string(notification.event.rawValue),
            "message": .string(text.message),
            "occurrences": .int(Int64(notification.occurrences)),
            "labels": .object(notification.labels.mapValues { .string($0) }),
            "context": notification.context,
        ]
        return details.withoutNUL
    }

    /// What an answer means; a limit of calls without a time passes in half a minute.
    @Sendable static func judge(_ answer: HTTPAnswer) -> DeliveryOutcome {
        if answer.isSuccess { return answer.outcome(.delivered) }
        if answer.status == 429 {
            return answer.outcome(.retry(after: answer.retryAfter ?? .seconds(30)))
        }
        return answer.outcome(answer.standardVerdict)
    }
}
