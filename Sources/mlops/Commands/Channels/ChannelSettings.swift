import ArgumentParser
import Crypto
import Foundation
import MLOpsCore

/// The options for the configuration of a channel.
struct ChannelSettings: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "slack, teams, webhook: the URL. A shell's history keeps it: see --url-file.",
            valueName: "URL"))
    var url: String?

    @Option(help: ArgumentHelp("A file with the URL; - is standard input.", valueName: "file"))
    var urlFile: String?

    @Option(
        help: ArgumentHelp(
            "webhook: a file with the secret that signs, whsec_ and base64.", valueName: "file"))
    var secretFile: String?

    @Option(
        help: ArgumentHelp(
            "pagerduty: a file with the service's integration key.", valueName: "file"))
    var routingKeyFile: String?

    @Option(help: ArgumentHelp("pagerduty: us (default) or eu.", valueName: "region"))
    var region: String?

    @Option(help: ArgumentHelp("email: the SMTP server.", valueName: "name"))
    var host: String?

    @Option(
        help: ArgumentHelp(
            "email: its port (default: 587, for tls 465, for none 25).", valueName: "port"))
    var port: Int?

    @Option(
        help: ArgumentHelp("email: starttls (default), tls or none.", valueName: "security"))
    var security: String?

    @Option(help: ArgumentHelp("email: the name to log in with.", valueName: "name"))
    var username: String?

    @Option(help: ArgumentHelp("email: a file with the password.", valueName: "file"))
    var passwordFile: String?

    @Option(help: ArgumentHelp("email: the sender.", valueName: "address"))
    var from: String?

    @Option(help: ArgumentHelp("email: a recipient; may be repeated.", valueName: "address"))
    var to: [String] = []

    func validate() throws {
        guard url == nil || urlFile == nil else {
            throw ValidationError("Give --url or --url-file, not both.")
        }
        let files = [urlFile, secretFile, routingKeyFile, passwordFile]
        guard files.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("Standard input holds one secret; give files for the others.")
        }
    }

    /// The members of a configuration that the options give.
    ///
    /// - Throws: `Failure` for an option that channels of the type do not have, and for a file
    ///   without a text.
    func members(for type: NotificationChannelType) throws -> [String: JSONValue] {
        func secret(_ file: String?, _ noun: String) throws -> JSONValue? {
            try file.map { .string(try SecretInput.line(of: $0, noun).reveal()) }
        }
        let given: [(option: String, member: String, value: JSONValue?)] = [
            ("--url", "url", url.map { .string($0) }),
            ("--url-file", "url", try secret(urlFile, "URL")),
            ("--secret-file", "secret", try secret(secretFile, "secret")),
            ("--routing-key-file", "routing_key", try secret(routingKeyFile, "integration key")),
            ("--region", "region", region.map { .string($0) }),
            ("--host", "host", host.map { .string($0) }),
            ("--port", "port", port.map { .int(Int64($0)) }),
            ("--security", "security", security.map { .string($0) }),
            ("--username", "username", username.map { .string($0) }),
            ("--password-file", "password", try secret(passwordFile, "password")),
            ("--from", "from", from.map { .string($0) }),
            ("--to", "to", to.isEmpty ? nil : .array(to.map { .string($0) })),
        ]
        var members: [String: JSONValue] = [:]
        for case (let option, let member, let value?) in given {
            guard Self.members(of: type).contains(member) else {
                throw Failure(.usage, "a channel of the type \(type.rawValue) takes no \(option)")
            }
            members[member] = value
        }
        return members
    }

    private static func members(of type: NotificationChannelType) -> Set<String> {
        switch type {
        case .slack, .teams: ["url"]
        case .webhook: ["url", "secret"]
        case .pagerDuty: ["url", "routing_key", "region"]
        case .email: ["host", "port", "security", "username", "password", "from", "to"]
        }
    }

    /// A new secret for the signatures of a webhook, by Standard Webhooks.
    static func newSecret() -> String {
        "whsec_" + SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
    }
}
