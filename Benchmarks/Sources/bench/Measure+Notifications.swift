import Foundation
import MLOpsCore
import MLOpsDelivery
import MLOpsOperations

/// The cases of alerts: what raising costs with many rules, and how soon and how many messages go
/// out.
extension Measure {
    private static func keys() throws -> StoreKeys {
        let key = Data(repeating: 7, count: 32).base64EncodedString()
        return StoreKeys(encryption: try KeyRing(parsing: "k1=\(key)", name: "benchmark"))
    }

    func openWithKeys() async throws -> SQLiteStore {
        var configuration = SQLiteConfiguration()
        configuration.keys = try Self.keys()
        return try await SQLiteStore.open(database, configuration: configuration)
    }

    /// A workspace with a webhook, a rule that fires, and others that do not.
    private func workspace(
        of store: some Store, rules: Int, port: Int = 9
    ) async throws -> Workspace {
        let workspace = try await store.localWorkspace()
        let channel = try await workspace.notificationChannels.insert(
            NotificationChannel(
                name: "hook", channelType: .webhook,
                config: [
                    "url": .string("http://127.0.0.1:\(port)/"),
                    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                ]))
        try await workspace.notificationRules.insert(
            contentsOf: (0..<rules).map { number in
                NotificationRule(
                    channel: channel.id, name: "rule \(number)", triggerType: .alert,
                    conditions: NotificationConditions(
                        metrics: number == 0 ? [] : ["metric_\(number)"]),
                    cooldownSeconds: 0)
            })
        return workspace
    }

    private func raise(_ number: Int, in workspace: Workspace) async throws -> String {
        try await workspace.write {
            try $0.alerts.raise(
                Alert(alertType: .custom, severity: .high, title: "alert \(number)")
            )
            .id.description
        }
    }

    /// Microseconds of a raise with one rule and with a thousand, in turns.
    func raising(_ store: some Store) async throws -> [String: Figure] {
        let many = try await workspace(of: store, rules: 1000)
        var configuration = SQLiteConfiguration()
        configuration.keys = try Self.keys()
        let other = try await SQLiteStore.open("\(database).one", configuration: configuration)
        let one = try await workspace(of: other, rules: 1)
        var times: [[Double]] = [[], []]
        for number in 0..<count {
            for (index, workspace) in [one, many].enumerated() {
                let start = ContinuousClock.now
                _ = try await raise(number, in: workspace)
                times[index].append((ContinuousClock.now - start) / .microseconds(1))
            }
        }
        let medians = times.map { $0.sorted()[$0.count / 2] }
        try await other.close()
        return [
            "raise, 1 rule": .number(medians[0]), "raise, 1000 rules": .number(medians[1]),
            "1000 rules / 1 rule": .number(medians[1] / medians[0]),
        ]
    }

    private func dispatcher(of store: some Store) throws -> NotificationDispatcher {
        let local = AddressPolicy(allowing: [try AddressRange("127.0.0.0/8")])
        return NotificationDispatcher(
            store: store, sender: DeliverySender(DeliveryOptions(addresses: local)))
    }

    /// Messages a second, and milliseconds from a commit to the receiver.
    func delivery(_ store: some Store) async throws -> [String: Figure] {
        let receiver = try HTTPReceiver()
        let workspace = try await workspace(of: store, rules: 1, port: receiver.port)
        for number in 0..<count { _ = try await raise(number, in: workspace) }
        let dispatcher = try dispatcher(of: store)
        let start = ContinuousClock.now
        let summary = try await dispatcher.runOnce()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard summary.delivered == count else {
            throw StoreError(.database, "\(summary.delivered) of \(count) were delivered.")
        }
        let running = Task { try await dispatcher.run() }
        let here = try await latency(workspace, receiver, from: count)
        running.cancel()
        _ = await running.result
        // The same from another process.
        let process = Process()
        process.executableURL = URL(filePath: CommandLine.arguments[0])
        process.arguments = ["measure", "dispatch", database]
        try process.run()
        try await Task.sleep(for: .seconds(1))
        let across = try await latency(workspace, receiver, from: 2 * count)
        kill(process.processIdentifier, SIGKILL)
        return [
            "deliveries": .number(Double(count) / seconds),
            "to receiver p50": .number(here.p50), "to receiver p99": .number(here.p99),
            "across processes p50": .number(across.p50),
            "across processes p99": .number(across.p99),
        ]
    }

    /// Sends until it is ended.
    func dispatch(_ store: some Store) async throws -> [String: Figure] {
        try await dispatcher(of: store).run()
        return [:]
    }

    private func latency(
        _ workspace: Workspace, _ receiver: HTTPReceiver, from first: Int
    ) async throws -> (p50: Double, p99: Double) {
        var commits: [String: Date] = [:]
        for number in first..<first + min(count, 500) {
            commits[try await raise(number, in: workspace)] = .now
            try await Task.sleep(for: .milliseconds(10))
        }
        for _ in 0..<500 where commits.keys.contains(where: { receiver.times[$0] == nil }) {
            try await Task.sleep(for: .milliseconds(10))
        }
        let times = receiver.times
        let waits = commits.compactMap { id, commit in
            times[id].map { max(0, $0.timeIntervalSince(commit)) * 1000 }
        }.sorted()
        guard waits.count == commits.count else {
            throw StoreError(.database, "\(waits.count) of \(commits.count) arrived.")
        }
        return (waits[waits.count / 2], waits[waits.count * 99 / 100])
    }
}
