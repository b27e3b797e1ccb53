import MLOpsCore
import MLOpsOperations

/// The message of a Teams workflow: an Adaptive Card 1.2 of at most 28 KB.
enum TeamsPayload {
    static let limit = 28_000

    static func text(_ notification: AlertNotification) throws -> String {
        let text = NotificationText(notification)
        let color = color(notification.event, notification.severity)
        for (message, facts) in [(20_000, 30), (10_000, 20), (4000, 10)] {
            let body = try json(
                text, color: color, messageLimit: message, factLimit: facts
            ).canonicalText()
            if body.utf8.count <= limit { return body }
        }
        return try json(text, color: color, messageLimit: 1000, factLimit: 0)
            .canonicalText()
    }

    private static func json(
        _ text: NotificationText, color: JSONValue, messageLimit: Int, factLimit: Int
    ) -> JSONValue {
        var body: [JSONValue] = [
            [
                "type": "TextBlock", "text": .string(inert(text.headline.cut(toBytes: 500))),
                "weight": "Bolder", "size": "Medium", "wrap": true, "style": "heading",
                "color": color,
            ]
        ]
        if !text.message.isEmpty {
            let message = inert(text.message.cut(toBytes: messageLimit))
            body.append(["type": "TextBlock", "text": .string(message), "wrap": true])
        }
        let facts = text.facts.prefix(factLimit).map { fact -> JSONValue in
            [
                "title": .string(inert(fact.name.cut(toBytes: 100))),
                "value": .string(inert(fact.value.cut(toBytes: 500))),
            ]
        }
        if !facts.isEmpty { body.append(["type": "FactSet", "facts": .array(facts)]) }
        var card: [String: JSONValue] = [
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard", "version": "1.2", "body": .array(body),
            "msteams": ["width": "full"],
        ]
        if let link = text.link {
            card["actions"] = [
                ["type": "Action.OpenUrl", "title": "Open the alert", "url": .string(link)]
            ]
        }
        return [
            "type": "message",
            "attachments": [
                [
                    "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil,
                    "content": .object(card),
                ]
            ],
        ]
    }

    private static func color(
        _ event: AlertNotification.Event, _ severity: AlertSeverity
    ) -> JSONValue {
        if event == .resolved || severity == .info { return "Good" }
        return severity >= .high ? "Attention" : "Warning"
    }

    /// Breaks links of Markdown and mentions with a space of no width; the rest only emphasizes.
    static func inert(_ text: String) -> String {
        text.replacing("](", with: "]\u{200B}(").replacing("<", with: "<\u{200B}")
    }
}
