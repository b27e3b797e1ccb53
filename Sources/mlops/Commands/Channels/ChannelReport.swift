import Foundation
import MLOpsCore
import MLOpsOperations

/// A channel with where it leads and the rules that use it, without its secrets.
struct ChannelReport: SwitchReport {
    let id: Identifier<NotificationChannel>
    let name: String
    let type: String
    let isActive: Bool
    let createdAt: Date
    let updatedAt: Date
    /// The names of the rules that send to it.
    let rules: [String]
    /// The host of the URL, or the recipients; `nil` when the configuration cannot be used.
    private(set) var target: String?
    /// Why the configuration cannot be used.
    private(set) var problem: String?
    /// The SMTP server of an e-mail channel.
    private(set) var server: String?
    /// The sender of an e-mail channel.
    private(set) var from: String?
    /// The number of secrets that sign, of a webhook.
    private(set) var signingSecrets: Int?
    /// A secret that the command has made, which is shown once.
    var secret: String?

    init(_ channel: NotificationChannel, in tx: any Transaction) throws {
        id = channel.id
        name = channel.name
        type = channel.channelType.rawValue
        isActive = channel.isActive
        createdAt = channel.createdAt
        updatedAt = channel.updatedAt
        rules = try tx.notificationRules.of(channel: channel.id).map(\.name)
        do {
            let opened = try tx.notificationChannels.openedConfig(of: channel.id)
            describe(try ChannelConfig(type: channel.channelType, json: opened))
        } catch let error as StoreError
            where [.missingKey, .permissionDenied, .corrupt, .invalidValue].contains(error.code)
        {
            problem = error.message
        }
    }

    private mutating func describe(_ config: ChannelConfig) {
        func host(_ url: Secret<String>) -> String? { URLComponents(string: url.reveal())?.host }
        switch config {
        case .slack(let chat), .teams(let chat): target = host(chat.url)
        case .pagerDuty(let service): target = host(service.url)
        case .webhook(let hook):
            target = host(hook.url)
            signingSecrets = hook.keys.reveal().count
        case .email(let mail):
            target = mail.to.joined(separator: ", ")
            server = "\(mail.host):\(mail.port), security \(mail.security.rawValue)"
            from = mail.from
        }
    }

    /// Whether notifications are sent to it, in one word.
    var state: String { isActive ? "on" : "off" }

    /// Writes what a command has done to the channel, and the secret that it has made.
    func write(_ done: String, json: Bool) throws {
        if json { try Output.json(self) } else { writeLines(done) }
        if secret != nil {
            Output.error("The secret is shown this once: give it to the receiver.")
        }
    }

    func summary(at now: Date) -> String {
        let place = target.map { " to \($0)" } ?? ""
        return "\(name): \(type)\(place), \(state)"
    }

    private func writeLines(_ done: String) {
        Output.line("\(done) \(summary(at: .distantPast))")
        if let secret { Output.line("secret: \(secret)") }
    }
}
