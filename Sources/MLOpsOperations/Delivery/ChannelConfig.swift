public import MLOpsCore

/// The configuration of a notification channel, read and checked.
public enum ChannelConfig: Sendable, Hashable {
    /// Of an incoming webhook of Slack.
    case slack(ChatConfig)
    /// Of a workflow of Microsoft Teams.
    case teams(ChatConfig)
    /// Of a PagerDuty service.
    case pagerDuty(PagerDutyConfig)
    /// Of an HTTP endpoint.
    case webhook(WebhookConfig)
    /// Of an e-mail.
    case email(EmailConfig)

    /// Reads the JSON object of a channel; members that it does not know are ignored.
    ///
    /// - Throws: `StoreError` with `.invalidValue`, the name of the wrong member as `field`, and
    ///   what it has to be; never its value.
    public init(type: NotificationChannelType, json: Secret<JSONValue>) throws {
        let members = ConfigMembers(json.reveal())
        self =
            switch type {
            case .slack: .slack(try ChatConfig(members))
            case .teams: .teams(try ChatConfig(members))
            case .pagerDuty: .pagerDuty(try PagerDutyConfig(members))
            case .webhook: .webhook(try WebhookConfig(members))
            case .email: .email(try EmailConfig(members))
            }
    }
}

/// The configuration of a Slack or Teams channel.
///
/// | member | |
/// | --- | --- |
/// | `url` or `webhook_url` | the URL that the service gave; whoever knows it can post |
public struct ChatConfig: Sendable, Hashable {
    /// The URL of the incoming webhook or the workflow.
    public let url: Secret<String>

    init(_ members: ConfigMembers) throws { url = try members.url("url", or: "webhook_url") }
}

/// The configuration of a PagerDuty channel.
///
/// | member | |
/// | --- | --- |
/// | `routing_key` | the integration key of the service, 32 characters |
/// | `region` | `us` (default) or `eu` |
/// | `url` | another endpoint, only at an address that the operator allows |
public struct PagerDutyConfig: Sendable, Hashable {
    /// The integration key.
    public let routingKey: Secret<String>
    /// The URL of the Events API.
    public let url: Secret<String>

    init(_ members: ConfigMembers) throws {
        let key = try members.text("routing_key")
        guard key.utf8.count == 32, key.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else { throw members.error("routing_key", "has to be 32 letters and digits") }
        routingKey = Secret(key)
        if members.has("url") {
            url = try members.url("url")
            return
        }
        switch try members.optionalText("region") ?? "us" {
        case "us": url = Secret("https://events.pagerduty.com/v2/enqueue")
        case "eu": url = Secret("https://events.eu.pagerduty.com/v2/enqueue")
        default: throw members.error("region", "has to be us or eu")
        }
    }
}
