import Foundation
import Logging
import MLOpsCore
import ServiceLifecycle
import Synchronization
import Testing

@testable import MLOpsOperations

@Suite struct DispatcherTests {
    @Test func whatIsDueIsSentOnce() async throws {
        let site = try await DispatchSite()
        let sender = RecordingSender()
        let alert = try await site.raise("latency")
        let dispatcher = site.dispatcher(sender)
        let summary = try await dispatcher.runOnce()
        #expect(summary.delivered == 1 && summary.failed == 0 && summary.retried == 0)
        let sent = try #require(sender.notifications.first)
        #expect(sender.notifications.count == 1)
        #expect(sent.alertID == alert.id && sent.title == "latency" && sent.event == .triggered)
        #expect(sent.deliveryID == alert.deliveries.first?.id.uuid)
        #expect(try await dispatcher.runOnce() == NotificationDispatcher.Summary())
        try await site.workspace.write { _ = try $0.alerts.resolve(alert.id) }
        try await dispatcher.runOnce()
        #expect(sender.notifications.map(\.event) == [.triggered, .resolved])
        #expect(sender.notifications[1].firstDeliveryID == sent.deliveryID)
        try await site.store.close()
    }

    /// A receiver that answers 500 for three days gets ten attempts, under one id.
    @Test func aReceiverThatFailsIsTriedByTheSchedule() async throws {
        let site = try await DispatchSite()
        let sender = RecordingSender { _, _ in
            DeliveryOutcome(.retry(after: nil), reason: "The receiver answered with status 500.")
        }
        let alert = try await site.raise("latency")
        let dispatcher = site.dispatcher(sender)
        var times: [Double] = []
        let start = site.clock.now
        for _ in 0..<9 {
            try await dispatcher.runOnce()
            let delivery = try #require(try await site.deliveries(of: alert).first)
            #expect(delivery.state == .pending && delivery.lastError?.contains("500") == true)
            let next = try #require(delivery.nextAttemptAt)
            times.append(next.timeIntervalSince(site.clock.now))
            site.clock.advance(by: next.timeIntervalSince(site.clock.now))
        }
        for (time, delay) in zip(times, RetrySchedule.delays) {
            #expect((delay...(delay * 1.1 + 0.001)).contains(time))
        }
        #expect(site.clock.now.timeIntervalSince(start) > 75 * 3600)
        #expect(try await dispatcher.runOnce().failed == 1)
        #expect(try await site.deliveries(of: alert).map(\.state) == [.failed])
        #expect(sender.notifications.count == 10)
        #expect(Set(sender.notifications.map(\.deliveryID)).count == 1)
        let told = try await site.workspace.alerts.all(where: { $0.severity == .high })
        #expect(told.map(\.title) == ["Messages cannot be delivered: channel"])
        try await site.store.close()
    }

    @Test func theReceiversWishIsRespected() async throws {
        let site = try await DispatchSite()
        let sender = RecordingSender { _, earlier in
            DeliveryOutcome(earlier == 0 ? .retry(after: .seconds(90)) : .delivered)
        }
        let alert = try await site.raise("latency")
        let dispatcher = site.dispatcher(sender)
        try await dispatcher.runOnce()
        site.clock.advance(by: 89)
        #expect(try await dispatcher.runOnce() == NotificationDispatcher.Summary())
        site.clock.advance(by: 11)
        #expect(try await dispatcher.runOnce().delivered == 1)
        #expect(try await site.deliveries(of: alert).map(\.attempts) == [2])
        try await site.store.close()
    }

    @Test func aReceiverThatIsGoneSwitchesItsChannelOff() async throws {
        let site = try await DispatchSite()
        let sender = RecordingSender { _, _ in DeliveryOutcome(.gone, reason: "410") }
        try await site.raise("latency")
        #expect(try await site.dispatcher(sender).runOnce().failed == 1)
        #expect(try await !site.workspace.notificationChannels.find(site.channel.id).isActive)
        try await site.store.close()
    }

    @Test func aStormIsOneDigest() async throws {
        let site = try await DispatchSite(.email)
        let sender = RecordingSender()
        for number in 0..<500 { try await site.raise("alert \(number)") }
        let options = DispatcherOptions(concurrency: 600, channelConcurrency: 30)
        let dispatcher = site.dispatcher(sender, options)
        // Of a receiver that is slow, as on a busy machine, more is put off or in a digest.
        for _ in 0..<100 where sender.notifications.reduce(0, { $0 + $1.alertCount }) < 500 {
            try await dispatcher.runOnce()
            site.clock.advance(by: 1)
        }
        let single = sender.notifications.filter { $0.alertCount == 1 }
        let digests = sender.notifications.filter { $0.alertCount > 1 }
        #expect(single.count <= 20 && digests.count <= 3)
        #expect(single.count + digests.reduce(0) { $0 + $1.alertCount } == 500)
        #expect(digests.first?.others.count == ClaimedDelivery.maximumOthers)
        let states = try await site.workspace.alerts.all().flatMap(\.deliveries).map(\.state)
        #expect(states.count == 500 && Set(states) == [.delivered])
        try await site.store.close()
    }

    @Test(.timeLimit(.minutes(1))) func aRunningDispatcherHearsOfNewAlerts() async throws {
        let site = try await DispatchSite()
        let (received, continuation) = AsyncStream<AlertNotification>.makeStream()
        let sender = RecordingSender { notification, _ in
            continuation.yield(notification)
            return DeliveryOutcome(.delivered)
        }
        let group = ServiceGroup(
            services: [site.dispatcher(sender)], logger: Logger(label: "test"))
        let running = Task { try await group.run() }
        var iterator = received.makeAsyncIterator()
        for number in 0..<5 {
            let alert = try await site.raise("alert \(number)")
            #expect(await iterator.next()?.alertID == alert.id)
        }
        await group.triggerGracefulShutdown()
        try await running.value
        // What was under way at the end is recorded.
        let states = try await site.workspace.alerts.all().flatMap(\.deliveries).map(\.state)
        #expect(states == Array(repeating: .delivered, count: 5))
        try await site.store.close()
    }

    /// A poll finds nothing due, and must not forget what is due a second later.
    @Test(.timeLimit(.minutes(1))) func whatIsDueLaterIsSentThen() async throws {
        let store = try await SQLiteStore.inMemory()
        let workspace = try await store.localWorkspace()
        let channel = try await workspace.notificationChannels.insert(
            NotificationChannel(name: "c", channelType: .webhook))
        try await workspace.notificationRules.insert(
            NotificationRule(
                channel: channel.id, name: "r", triggerType: .alert, cooldownSeconds: 1))
        let (received, continuation) = AsyncStream<AlertNotification>.makeStream()
        let sender = RecordingSender { notification, _ in
            continuation.yield(notification)
            return DeliveryOutcome(.delivered)
        }
        let dispatcher = NotificationDispatcher(
            store: store, sender: sender, options: DispatcherOptions(poll: .seconds(3600)))
        let raise: @Sendable () async throws -> Alert = {
            try await workspace.write { try $0.alerts.raise(Alert(alertType: .custom, title: "t")) }
        }
        let first = try await raise()
        try await dispatcher.runOnce()
        try await workspace.write { _ = try $0.alerts.resolve(first.id) }
        try await dispatcher.runOnce()
        let second = try await raise()
        let running = Task { try await dispatcher.run() }
        var iterator = received.makeAsyncIterator()
        for _ in 0..<2 { _ = await iterator.next() }
        #expect(await iterator.next()?.alertID == second.id)
        running.cancel()
        _ = await running.result
        try await store.close()
    }

    @Test(.timeLimit(.minutes(1))) func itEndsWithTheStoreAndByCancellation() async throws {
        let site = try await DispatchSite()
        let first = Task { try await site.dispatcher(RecordingSender()).run() }
        let second = Task { try await site.dispatcher(RecordingSender()).run() }
        try await Task.sleep(for: .milliseconds(50))
        second.cancel()
        _ = await second.result
        try await site.store.close()
        _ = await first.result
    }

    @Test func aMissingKeyPostponesAndDropsNothing() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).db")
        var configuration = SQLiteConfiguration()
        let key = Data(repeating: 7, count: 32).base64EncodedString()
        configuration.keys = StoreKeys(
            encryption: try KeyRing(parsing: "k1=\(key)", name: "test"))
        let store = try await SQLiteStore.open(file.path, configuration: configuration)
        let workspace = try await store.localWorkspace()
        let channel = try await workspace.notificationChannels.insert(
            NotificationChannel(
                name: "c", channelType: .webhook, config: ["url": "https://example.com/x"]))
        try await workspace.notificationRules.insert(
            NotificationRule(channel: channel.id, name: "r", triggerType: .alert))
        let alert = try await workspace.alerts.insert(Alert(alertType: .custom, title: "t"))
        configuration.keys = StoreKeys()
        let clock = TestClock()
        clock.advance(by: Date.now.timeIntervalSince(clock.now) + 1)
        configuration.clock = { clock.now }
        let other = try await SQLiteStore.open(file.path, configuration: configuration)
        let sender = RecordingSender()
        for _ in 0..<20 {
            let summary = try await NotificationDispatcher(store: other, sender: sender).runOnce()
            #expect(summary.retried == 1 && summary.failed == 0)
            clock.advance(by: 301)
        }
        let waiting = try await workspace.read { try $0.alerts.deliveries(of: alert.id) }
        #expect(waiting.map(\.state) == [.pending] && sender.notifications.isEmpty)
        #expect(waiting.first?.lastError?.contains("key") == true)
        // With the key again it goes out.
        configuration.keys = StoreKeys(
            encryption: try KeyRing(parsing: "k1=\(key)", name: "test"))
        let third = try await SQLiteStore.open(file.path, configuration: configuration)
        let summary = try await NotificationDispatcher(store: third, sender: sender).runOnce()
        #expect(summary.delivered == 1)
        for store in [store, other, third] { try await store.close() }
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: file.path + suffix)
        }
    }
}

@Suite struct ChannelTrafficTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func slackGetsOneMessageASecondAndThenADigest() {
        var traffic = ChannelTraffic(.slack, DispatcherOptions())
        for second in 0..<20 {
            let time = now + Double(second)
            #expect(traffic.plan(isDigest: false, now: time) == .send)
            traffic.end(after: 0.1)
            guard second < 19 else { break }
            #expect(traffic.plan(isDigest: false, now: time + 0.9) == .wait)
        }
        #expect(traffic.plan(isDigest: false, now: now + 20) == .digest(at: now + 60))
        #expect(traffic.plan(isDigest: true, now: now + 20) == .send)
        traffic.end(after: 0.1)
        #expect(traffic.plan(isDigest: false, now: now + 60) == .send)
        // A burst is a digest at once, though the first of it go out one after another.
        #expect(traffic.plan(isDigest: false, waiting: 18, now: now + 60) == .wait)
        #expect(traffic.plan(isDigest: false, waiting: 19, now: now + 60) == .digest(at: now + 120))
    }

    /// What is put off comes back at the pace of the service, and is sent then.
    @Test func pagerDutyGetsEachButNotAllAtOnce() {
        var traffic = ChannelTraffic(.pagerDuty, DispatcherOptions())
        var queue: [Date] = Array(repeating: now, count: 200)
        var (sent, putOff, time) = (0, 0, now)
        while !queue.isEmpty, time < now + 200 {
            var (left, waiting): ([Date], Int) = ([], 0)
            for due in queue {
                if due > time {
                    left.append(due)
                    continue
                }
                switch traffic.plan(isDigest: false, waiting: waiting, now: time) {
                case .send:
                    sent += 1
                    traffic.end(after: 0.1)
                case .wait:
                    waiting += 1
                    left.append(due)
                case .postpone(let turn):
                    putOff += 1
                    left.append(turn)
                case .digest: Issue.record("PagerDuty gets no digest.")
                }
            }
            queue = left
            time += 0.25
        }
        #expect(sent == 200 && putOff < 1000)
        #expect(time.timeIntervalSince(now) < 130)
    }

    @Test func aSlowReceiverHoldsUpNoOther() {
        var traffic = ChannelTraffic(.webhook, DispatcherOptions(channelConcurrency: 8))
        for _ in 0..<2 { #expect(traffic.plan(isDigest: false, now: now) == .send) }
        #expect(traffic.plan(isDigest: false, now: now) == .wait)
        for _ in 0..<2 { traffic.end(after: 0.1) }
        // It has answered in time, and gets all.
        for _ in 0..<8 { #expect(traffic.plan(isDigest: false, now: now) == .send) }
        #expect(traffic.plan(isDigest: false, waiting: 3, now: now) == .wait)
        for _ in 0..<8 { traffic.end(after: 15) }
        for _ in 0..<2 { #expect(traffic.plan(isDigest: false, now: now) == .send) }
        // Now it is known to take seconds: the store keeps what would wait, over five minutes.
        var times: [Date] = []
        for waiting in 0..<1000 {
            let plan = traffic.plan(isDigest: false, waiting: waiting, now: now)
            guard case .postpone(let time) = plan else {
                Issue.record("It is kept: \(plan)")
                return
            }
            times.append(time)
        }
        #expect(times.allSatisfy { $0 >= now + 1 && $0 <= now + 300 })
        #expect(times.count { $0 <= now + 150 } < 700)
        // People are told in a digest what is too much for a slow receiver.
        var mail = ChannelTraffic(.email, DispatcherOptions())
        mail.hangs = true
        for _ in 0..<4 { #expect(mail.plan(isDigest: false, now: now) == .send) }
        #expect(mail.plan(isDigest: false, now: now) == .digest(at: now + 60))
    }

    @Test func whatHasNoRoomGoesBack() {
        var traffic = ChannelTraffic(.webhook, DispatcherOptions())
        #expect(
            traffic.plan(isDigest: false, room: .none, now: now) == .postpone(until: now + 1))
        #expect(traffic.plan(isDigest: false, room: .full, now: now) == .wait)
        #expect(traffic.plan(isDigest: false, room: .free, now: now) == .send)
    }

    @Test func aClockThatIsSetBackBlocksNothing() {
        var traffic = ChannelTraffic(.slack, DispatcherOptions())
        for _ in 0..<30 {
            _ = traffic.plan(isDigest: false, now: now)
            traffic.end(after: 0.1)
        }
        let earlier = now - 86_400
        #expect(traffic.plan(isDigest: false, now: earlier) == .send)
    }
}
