import ArgumentParser
import MLOpsCore
import MLOpsOperations

/// The command `mlops channels set`.
struct SetChannelCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change where a channel leads, and its secrets.",
        discussion: """
            What no option names stays. A new secret of a webhook, from --secret-file or \
            --new-secret, does not replace the old one: requests carry a signature with each \
            until --drop-old-secret, so that the receiver may change at any time between.

            EXAMPLES:
              mlops channels set ml-alerts --url-file -
              mlops channels set ci --new-secret
              mlops channels set ci --drop-old-secret
              mlops channels set team --to ada@example.com --to eve@example.com
            """)

    @OptionGroup var target: RecordOptions<NotificationChannel>
    @OptionGroup(title: "Settings") var settings: ChannelSettings

    @Flag(help: "webhook: make a new secret, and show it once.")
    var newSecret = false

    @Flag(help: "webhook: sign with the newest secret alone.")
    var dropOldSecret = false

    var options: GlobalOptions { target.options }

    func validate() throws {
        guard !newSecret || settings.secretFile == nil else {
            throw ValidationError("Give --secret-file or --new-secret, not both.")
        }
    }

    func run() async throws {
        let report = try await Database(options).workspace(target.acting) { workspace in
            let channel = try await workspace.read { [target] in try target.find(in: $0) }
            // Read before the transaction that writes: standard input may take its time.
            var given = try settings.members(for: channel.channelType)
            let secret = newSecret ? ChannelSettings.newSecret() : nil
            if let secret { given["secret"] = .string(secret) }
            try check(given, for: channel.channelType)
            var report = try await workspace.write { [self, given] tx in
                var changed = channel
                let opened = try tx.notificationChannels.openedConfig(of: channel.id)
                changed.config = .object(try merged(opened.reveal().object ?? [:], with: given))
                _ = try ChannelConfig(type: channel.channelType, json: Secret(changed.config))
                return try ChannelReport(tx.notificationChannels.update(changed), in: tx)
            }
            report.secret = secret
            return report
        }
        try report.write("changed", json: options.json)
    }

    private func check(
        _ given: [String: JSONValue], for type: NotificationChannelType
    ) throws {
        guard !given.isEmpty || dropOldSecret else {
            throw Failure(.usage, "there is nothing to change; see mlops channels set --help")
        }
        guard type == .webhook || !(newSecret || dropOldSecret) else {
            throw Failure(.usage, "only a webhook has a secret; this channel is \(type.rawValue)")
        }
    }

    private func merged(
        _ stored: [String: JSONValue], with given: [String: JSONValue]
    ) throws -> [String: JSONValue] {
        var members = stored.merging(given) { $1 }
        // The other name of the member.
        if given["url"] != nil { members["webhook_url"] = nil }
        if given["secret"] != nil { members["previous_secret"] = stored["secret"] }
        if dropOldSecret {
            guard members.removeValue(forKey: "previous_secret") != nil else {
                throw Failure(.negative, "the channel has no old secret")
            }
        }
        return members
    }
}
