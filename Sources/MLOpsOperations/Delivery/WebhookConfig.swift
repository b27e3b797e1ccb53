public import Foundation
public import MLOpsCore

/// The configuration of a webhook channel, by Standard Webhooks 1.0.0.
///
/// | member | |
/// | --- | --- |
/// | `url` or `webhook_url` | the endpoint |
/// | `secret` | `whsec_` and the base64 of 24 to 64 random bytes, which signs |
/// | `previous_secret` | the secret before a rotation, which signs as well until it is removed |
public struct WebhookConfig: Sendable, Hashable {
    /// The endpoint.
    public let url: Secret<String>
    /// The keys that sign, the current one first.
    public let keys: Secret<[Data]>

    init(_ members: ConfigMembers) throws {
        url = try members.url("url", or: "webhook_url")
        var keys = [try Self.key(members.text("secret"), of: "secret", in: members)]
        if let previous = try members.optionalText("previous_secret") {
            keys.append(try Self.key(previous, of: "previous_secret", in: members))
        }
        self.keys = Secret(keys)
    }

    private static func key(
        _ text: String, of member: String, in members: ConfigMembers
    ) throws -> Data {
        let prefix = "whsec_"
        guard text.hasPrefix(prefix),
            let key = Data(base64Encoded: String(text.dropFirst(prefix.count))),
            (24...64).contains(key.count)
        else {
            throw members.error(member, "has to be whsec_ and the base64 of 24 to 64 bytes")
        }
        return key
    }
}
