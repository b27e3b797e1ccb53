/// The public hosts of the services, to which their channels are limited.
///
/// A host that starts with a dot stands for all hosts that end so.
public struct ServiceHosts: Sendable, Hashable {
    /// The hosts of Slack's incoming webhooks.
    public var slack = ["hooks.slack.com"]
    /// The hosts of Teams' workflows.
    public var teams = [".logic.azure.com", ".api.powerplatform.com"]
    /// The hosts of PagerDuty's Events API.
    public var pagerDuty = ["events.pagerduty.com", "events.eu.pagerduty.com"]

    /// The hosts of the services' public clouds; those of other clouds can be added.
    public init() {}

    static func contains(_ host: String, in hosts: [String]) -> Bool {
        hosts.contains { $0.hasPrefix(".") ? host.hasSuffix($0) : host == $0 }
    }
}
