import Foundation
import MLOpsCore
import MLOpsDelivery
import MLOpsOperations
import MLOpsPostgres
import Testing

/// Dispatchers that are killed while alerts are raised: every message arrives, and one that comes
/// twice has the same id.
///
/// `MLOPS_KILLS` sets the number of kills; 10 alerts are raised for each.
@Suite struct DispatcherKillTests {
    private static let kills =
        ProcessInfo.processInfo.environment["MLOPS_KILLS"].flatMap(Int.init) ?? 10

    @Test(.timeLimit(.minutes(30))) func onAFile() async throws {
        let tool = try Tool()
        try await tool.store { _ in }
        try await campaign(tool, environment: keys) { clock in
            var configuration = SQLiteConfiguration()
            configuration.keys = try storeKeys
            if let clock { configuration.clock = clock }
            return try await SQLiteStore.open(tool.database, configuration: configuration)
        }
    }

    @Test(.withServer, .timeLimit(.minutes(30))) func onAServer() async throws {
        try await ServerDatabase.with { server in
            let url = try server.url(as: "postgres")
            var environment = keys
            environment["MLOPS_DATABASE"] = url
            try await campaign(server.tool, environment: environment) { clock in
                var configuration = PostgresConfiguration()
                configuration.keys = try storeKeys
                if let clock { configuration.clock = clock }
                return try await PostgresStore.open(url, configuration: configuration)
            }
        }
    }

    private let keys = [
        "MLOPS_ENCRYPTION_KEYS": "k1=\(Data(repeating: 7, count: 32).base64EncodedString())"
    ]

    private var storeKeys: StoreKeys {
        get throws {
            StoreKeys(
                encryption: try KeyRing(parsing: keys["MLOPS_ENCRYPTION_KEYS"] ?? "", name: "test"))
        }
    }

    private func campaign(
        _ tool: Tool, environment: [String: String],
        _ open: ((@Sendable () -> Date)?) async throws -> any Store
    ) async throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SplitMix64(seed: seed)
        let receiver = try WebhookReceiver(in: tool.directory)
        let store = try await open(nil)
        let workspace = try await store.localWorkspace()
        let channel = try await workspace.notificationChannels.insert(
            NotificationChannel(
                name: "hook", channelType: .webhook,
                config: [
                    "url": .string(receiver.url),
                    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                ]))
        try await workspace.notificationRules.insert(
            NotificationRule(channel: channel.id, name: "all", triggerType: .alert))
        let raising = Task {
            for number in 0..<(Self.kills * 10) {
                try await workspace.write {
                    _ = try $0.alerts.raise(
                        Alert(alertType: .custom, severity: .high, title: "alert \(number)"))
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        for kill in 0..<Self.kills {
            // Two at once, of which one is killed.
            var dispatchers: [Process] = []
            for _ in 0..<2 { dispatchers.append(try await start(tool, environment)) }
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...250, using: &generator)))
            for dispatcher in kill % 2 == 0 ? dispatchers : dispatchers.reversed() {
                Foundation.kill(dispatcher.processIdentifier, SIGKILL)
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...50, using: &generator)))
            }
        }
        try await raising.value
        // The leases of those that were killed are over some time later, the longest after a day.
        let later = try await open { .now.addingTimeInterval(100_000) }
        let allowed = AddressPolicy(allowing: [try AddressRange("127.0.0.0/8")])
        let dispatcher = NotificationDispatcher(
            store: later, sender: DeliverySender(DeliveryOptions(addresses: allowed)))
        try await dispatcher.runOnce()
        let messages = try receiver.messages
        let alerts = try await workspace.alerts.all()
        #expect(alerts.count == Self.kills * 10, "seed \(seed)")
        let ids = Dictionary(grouping: messages, by: \.alert).mapValues { Set($0.map(\.id)) }
        for alert in alerts {
            let delivery = try #require(alert.deliveries.first)
            #expect(alert.deliveries.count == 1 && delivery.state == .delivered, "seed \(seed)")
            #expect(ids[alert.id.description] == [delivery.id.description], "seed \(seed)")
        }
        let repeated = messages.count - alerts.count
        let losses = alerts.flatMap(\.deliveries).map { $0.attempts - 1 }.max() ?? 0
        print(
            "\(Self.kills * 2) dispatchers killed, \(alerts.count) messages, "
                + "\(repeated) of them came twice, \(losses) attempts of one were lost at most "
                + "(seed \(seed))")
        try await later.close()
        try await store.close()
    }

    /// Starts a dispatcher, which has opened its store when this returns.
    private func start(
        _ tool: Tool, _ environment: [String: String]
    ) async throws -> Process {
        let process = Process()
        process.executableURL = Tool.executable
        process.arguments = ["notify", "run", "--allow-address", "127.0.0.0/8"]
        var variables = ["PATH": "/usr/bin:/bin", "MLOPS_DATABASE": tool.database]
        variables.merge(environment) { $1 }
        process.environment = variables
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // Its first line comes when it begins; on a busy machine that takes seconds.
        let line = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: output.fileHandleForReading.availableData)
            }
        }
        #expect(String(decoding: line, as: UTF8.self).contains("sending"))
        return process
    }
}
