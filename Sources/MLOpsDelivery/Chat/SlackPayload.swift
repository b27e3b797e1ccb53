import MLOpsCore

/// The message of a Slack incoming webhook.
///
/// All texts are of the kind `plain_text`, in which Slack knows no markup, and `&`, `<` and `>` are
/// escaped, so that no text mentions anybody. The total stays under the undocumented limit of about
/// 13,200 characters.
enum SlackPayload {
    static let headerLimit = 150
    static let sectionLimit = 3000
    static let fieldLimit = 400
    static let fieldsOfSection = 10

    static func json(_ text: NotificationText) -> JSONValue {
        var blocks: [JSONValue] = [
            ["type": "header", "text": plain(text.headline, headerLimit)]
        ]
        if !text.message.isEmpty {
            blocks.append(["type": "section", "text": plain(text.message, sectionLimit)])
        }
        let fields = text.facts.prefix(fieldsOfSection).map {
            plain("\($0.name)\n\($0.value)", fieldLimit)
        }
        if !fields.isEmpty { blocks.append(["type": "section", "fields": .array(fields)]) }
        if let link = text.link {
            let target = "<\(escaped(link, sectionLimit))|Open the alert>"
            blocks.append([
                "type": "context", "elements": [["type": "mrkdwn", "text": .string(target)]],
            ])
        }
        return ["text": .string(escaped(text.headline, 300)), "blocks": .array(blocks)]
    }

    private static func plain(_ text: String, _ limit: Int) -> JSONValue {
        ["type": "plain_text", "text": .string(escaped(text, limit)), "emoji": false]
    }

    /// Escapes what Slack reads as control characters; the limit holds for the escaped text.
    static func escaped(_ text: String, _ limit: Int) -> String {
        let short = text.cut(to: limit) { scalar in
            switch scalar {
            case "&": 5
            case "<", ">": 4
            default: UTF16.width(scalar)
            }
        }
        return short.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;")
    }
}
