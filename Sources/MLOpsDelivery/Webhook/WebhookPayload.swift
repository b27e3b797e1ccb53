import MLOpsCore
import MLOpsOperations

/// The body of a webhook, the same in every attempt, at most 20 kB.
enum WebhookPayload {
    static let limit = 20_000

    static func text(_ notification: AlertNotification) throws -> String {
        if let whole = try? json(notification).canonicalText(), whole.utf8.count <= limit {
            return whole
        }
        var short = notification
        short.context = [:]
        short.others = notification.others.map { other in
            var other = other
            other.title = other.title.cut(toBytes: 100)
            return other
        }
        for (message, name) in [(8000, 500), (4000, 200), (2000, 100)] {
            short.message = notification.message.cut(toBytes: message)
            short.title = notification.title.cut(toBytes: name)
            short.project = notification.project?.cut(toBytes: name)
            short.deployment = notification.deployment?.cut(toBytes: name)
            let text = try? json(short, isTruncated: true).canonicalText()
            if let text, text.utf8.count <= limit { return text }
        }
        short.labels = [:]
        return try json(short, isTruncated: true).canonicalText()
    }

    private static func json(
        _ notification: AlertNotification, isTruncated: Bool = false
    ) -> JSONValue {
        var data: [String: JSONValue] = [
            "alert_id": .string("\(notification.alertID)"),
            "alert_type": .string(notification.alertType.rawValue),
            "severity": .string(notification.severity.rawValue),
            "title": .string(notification.title),
            "message": .string(notification.message),
            "labels": .object(notification.labels.mapValues { .string($0) }),
            "context": notification.context,
            "occurrences": .int(Int64(notification.occurrences)),
            "triggered_at": notification.triggeredAt.timestamp,
        ]
        data["project"] = notification.project.map { .string($0) }
        data["deployment"] = notification.deployment.map { .string($0) }
        data["resolved_at"] = notification.resolvedAt?.timestamp
        data["link"] = notification.safeLink.map { .string($0) }
        // Receivers can fetch the rest by the alert's id.
        if isTruncated { data["truncated"] = true }
        if notification.raises > 1 { data["raises"] = .int(Int64(notification.raises)) }
        if notification.alertCount > 1 {
            data["alert_count"] = .int(Int64(notification.alertCount))
            data["others"] = .array(notification.others.map(digested))
        }
        let type = notification.alertCount > 1 ? "digest" : notification.event.rawValue
        return [
            "type": .string("alert.\(type)"),
            "timestamp": notification.occurredAt.timestamp,
            "data": JSONValue.object(data).withoutNUL,
        ]
    }

    private static func digested(_ alert: AlertNotification) -> JSONValue {
        [
            "alert_id": .string("\(alert.alertID)"), "title": .string(alert.title),
            "event": .string(alert.event.rawValue), "severity": .string(alert.severity.rawValue),
        ]
    }

    /// What an answer means: by the standard only 410 is final.
    @Sendable static func judge(_ answer: HTTPAnswer) -> DeliveryOutcome {
        if answer.isSuccess { return answer.outcome(.delivered) }
        return answer.outcome(answer.status == 410 ? .gone : .retry(after: answer.retryAfter))
    }
}
