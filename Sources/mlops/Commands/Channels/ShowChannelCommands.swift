import ArgumentParser
import MLOpsCore

/// The command `mlops channels list`.
struct ListChannelsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List channels with the host or the recipients they lead to.",
        discussion: """
            Without the encryption key, it is not known where channels lead: a dash stands there.

            EXAMPLE:
              mlops channels list
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var limit: LimitOptions

    func run() async throws {
        let query = Query<NotificationChannel>(
            order: { [$0.name.ascending, $0.id.ascending] }, limit: limit.limit)
        let (channels, hasMore) = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { tx in
                let page = try tx.notificationChannels.page(query)
                return (try page.map { try ChannelReport($0, in: tx) }, page.next != nil)
            }
        }
        guard !channels.isEmpty else { throw Failure.nothing("there are no channels") }
        if options.json { return try Output.json(channels) }
        write(channels)
        if hasMore { Output.line("there are more; raise --limit") }
    }

    private func write(_ channels: [ChannelReport]) {
        var table = TextTable([
            TextTable.Column("ID", dropOrder: 1), TextTable.Column("NAME", minimum: 12),
            TextTable.Column("TYPE"), TextTable.Column("STATE"),
            TextTable.Column("RULES", isRight: true), TextTable.Column("TO", minimum: 12),
        ])
        for channel in channels {
            table.add([
                ShortID.text(channel.id), channel.name, channel.type, channel.state,
                String(channel.rules.count), channel.target ?? Format.none,
            ])
        }
        table.write()
    }
}

/// The command `mlops channels show`.
struct ShowChannelCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a channel without its secrets, and the rules that send to it.",
        discussion: "EXAMPLE:\n  mlops channels show ml-alerts")

    @OptionGroup var target: RecordOptions<NotificationChannel>

    var options: GlobalOptions { target.options }

    func run() async throws {
        let report = try await Database(options).workspace(target.acting) { workspace in
            try await workspace.read { [target] in try ChannelReport(target.find(in: $0), in: $0) }
        }
        if options.json { return try Output.json(report) }
        Fields.write([
            "channel": report.name,
            "id": report.id.description,
            "type": report.type,
            "state": report.state,
            "to": report.target,
            "from": report.from,
            "server": report.server,
            "signed": report.signingSecrets.map { "with \(Format.count($0, "secret"))" },
            "problem": report.problem,
            "rules": report.rules.isEmpty ? nil : report.rules.joined(separator: ", "),
            "added": Format.time(report.createdAt),
            "changed": Format.time(report.updatedAt),
        ])
    }
}
