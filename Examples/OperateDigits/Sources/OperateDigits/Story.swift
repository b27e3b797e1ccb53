import Digits
import Foundation
import Logging
import MLOpsCore
import MLOpsDelivery
import MLOpsOperations
import ServiceLifecycle

/// A version that fails in production, from its deployment to the message that all is well again.
struct Story: Sendable {
    let store: any Store
    let train: DigitImages
    let heldOut: DigitImages

    private let narrator = Narrator()
    /// How long the whole story may take; a message that has not come by then does not come.
    private static let deadline = Duration.seconds(60)

    init(store: any Store, train: DigitImages, heldOut: DigitImages) {
        self.store = store
        self.train = train
        self.heldOut = heldOut
    }

    /// - Throws: ``StoryError`` when something did not happen; what the dispatcher throws.
    func tell() async throws {
        let receiver = try WebhookReceiver()
        receiver.start()
        defer { receiver.stop() }
        // What the operator decides, and no organization: which network messages may reach.
        let sender = DeliverySender(
            DeliveryOptions(
                addresses: AddressPolicy(allowing: [try AddressRange("127.0.0.0/8")])))
        let dispatcher = NotificationDispatcher(store: store, sender: sender)
        let services = ServiceGroup(
            services: [dispatcher], logger: Logger(label: "operate-digits"))
        let alerts = try await withThrowingTaskGroup(of: [Alert]?.self) { tasks in
            tasks.addTask {
                try await services.run()
                return nil
            }
            tasks.addTask {
                try await Task.sleep(for: Self.deadline)
                throw StoryError(expected: "the story ends within \(Self.deadline)")
            }
            tasks.addTask { try await play(receiver, sender) }
            // The first that ends tells: an error of the dispatcher is not hidden by the messages
            // that do not come because of it.
            guard case let alerts?? = try await tasks.next() else {
                throw StoryError(expected: "the dispatcher runs until the end of the story")
            }
            // Attempts under way are awaited and recorded.
            await services.triggerGracefulShutdown()
            _ = try await tasks.next()
            tasks.cancelAll()
            return alerts
        }
        try await end(alerts)
    }

    private func play(
        _ receiver: WebhookReceiver, _ sender: DeliverySender
    ) async throws -> [Alert] {
        let workspace = try await store.localWorkspace()
        let production = Production(workspace: workspace)
        let live = try await production.live()
        let watching = Watching(workspace: workspace, deployment: live.deployment.id)
        var traffic = try Traffic(
            to: live.deployment.id, in: workspace, images: heldOut,
            reference: try await workspace.referenceProfile(ofVersion: live.lineage.version.id))
        try await begin(live, watching, receiver, sender)
        try await playGood(live, &traffic, watching)
        let worst = try await playBad(live, &traffic, production)
        let alerts = try await beTold(watching, receiver, worst)
        narrator.begin("Back to what worked")
        let person = try await watching.acknowledge(
            alerts, saying: "The new scanner; back to \(live.lineage.version.version).")
        narrator.say("\(person) acknowledges the alerts.")
        try await production.rollBack(live.deployment, reason: "The new scanner drifts")
        let back = try await production.live()
        try narrator.expect(
            back.lineage.version.id == live.lineage.version.id,
            "\(back.deployment.name) serves version \(back.lineage.version.version) again.")
        for _ in 0..<3 {
            narrator.say(try await traffic.play(back.model, through: Scanner()).text)
        }
        try await hear("alert.resolved", about: alerts, from: receiver)
        return alerts
    }

    private func begin(
        _ live: Production.Live, _ watching: Watching, _ receiver: WebhookReceiver,
        _ sender: DeliverySender
    ) async throws {
        narrator.begin("Taking over \(live.deployment.name)")
        let run = live.lineage.run?.runName ?? "unknown"
        narrator.say(
            "Version \(live.lineage.version.version) is live: \(run).")
        narrator.say(
            "Its artifact has \(live.artifact.sizeBytes) bytes and the version's SHA-256, "
                + "\(live.artifact.sha256.prefix(8))...")
        narrator.say(
            "Its run has kept a reference of the training images: "
                + (Features.names + ["digit"]).joined(separator: ", "))
        try await watching.begin(telling: receiver)
        narrator.say(
            "Watched: accuracy, 0.9 at least; p95 of latency, 30 ms at most; drift.")
        let forged = AlertNotification(
            deliveryID: UUID(), event: .triggered, occurredAt: .now, alertID: Identifier(),
            alertType: .custom, severity: .critical, title: "Forged", triggeredAt: .now)
        let outcome = await sender.send(
            forged, through: .webhook,
            config: Secret([
                "url": .string(receiver.url), "secret": .string(WebhookVerifier().secret),
            ]))
        try narrator.expect(
            outcome.verdict != .delivered && receiver.refusals == [.wrongSignature],
            "The receiver refuses a message that is signed with another secret.")
    }

    private func playGood(
        _ live: Production.Live, _ traffic: inout Traffic, _ watching: Watching
    ) async throws {
        narrator.begin("Good days")
        for _ in 0..<3 {
            narrator.say(try await traffic.play(live.model, through: Scanner()).text)
        }
        try narrator.expect(try await watching.alerts().isEmpty, "No alert is open.")
    }

    private func playBad(
        _ live: Production.Live, _ traffic: inout Traffic, _ production: Production
    ) async throws -> Traffic.Figures? {
        narrator.begin("A new scanner, and a version for it")
        let few = (0..<60).map { $0 * train.count / 60 }
        let (version, score) = try await production.train(
            Hyperparameters(
                kind: .perceptron, hiddenWidth: 16, learningRate: 0.1, epochs: 30, seed: 1),
            on: DigitImages(
                images: few.map { train.images[$0] }, labels: few.map { train.labels[$0] }),
            heldOut: heldOut, named: "for the new scanner", after: live)
        narrator.say(
            "Version \(version.version) is trained on \(few.count) images: accuracy "
                + "\(score.accuracy.formatted(digits: 3)); no gate stops it.")
        try await production.deploy(version, to: live, reason: "For the new scanner")
        let new = try await production.live()
        try narrator.expect(
            new.lineage.version.id == version.id,
            "\(new.deployment.name) serves version \(version.version).")
        var figures: Traffic.Figures?
        for noise in [0.1, 0.2, 0.3, 0.4] {
            let scanner = Scanner(shift: noise > 0.1 ? 1 : 0, noise: noise)
            figures = try await traffic.play(new.model, through: scanner)
            narrator.say(figures?.text ?? "")
        }
        return figures
    }

    private func beTold(
        _ watching: Watching, _ receiver: WebhookReceiver, _ worst: Traffic.Figures?
    ) async throws -> [Alert] {
        narrator.begin("Being told")
        let alerts = try await watching.alerts()
        let types = Set(alerts.map(\.alertType))
        try narrator.expect(
            types == [.dataDrift, .highLatency, .performanceDegradation],
            "Alerts are open for accuracy, latency and drift.")
        narrator.say("PSI, 0.2 at most: \(worst?.drift ?? "unknown")")
        let messages = try await hear("alert.triggered", about: alerts, from: receiver)
        let later = Date.now.addingTimeInterval(600)
        try narrator.expect(
            messages.allSatisfy { message in
                do throws(WebhookVerifier.Refusal) {
                    try receiver.verifier.verify(message.request, at: later)
                    return false
                } catch {
                    return error == .stale
                }
            }, "Ten minutes later it would refuse the same requests as stale.")
        return alerts
    }

    /// Waits for a message of a type about each alert.
    @discardableResult
    private func hear(
        _ type: String, about alerts: [Alert], from receiver: WebhookReceiver
    ) async throws -> [WebhookReceiver.Message] {
        var waiting = Set(alerts.map(\.id.description))
        var heard: [WebhookReceiver.Message] = []
        for await message in receiver.messages where message.type == type {
            guard waiting.remove(message.alert) != nil else { continue }
            narrator.say(
                "\(type), \(message.severity), verified: \(message.title)")
            heard.append(message)
            if waiting.isEmpty { return heard }
        }
        throw StoryError(expected: "\(alerts.count) messages \(type) arrive")
    }

    private func end(_ alerts: [Alert]) async throws {
        narrator.begin("The end")
        let workspace = try await store.localWorkspace()
        let ended = try await workspace.read { tx in
            try alerts.map { alert in
                (alert: try tx.alerts.find(alert.id), sent: try tx.alerts.deliveries(of: alert.id))
            }
        }
        let delivered = ended.flatMap(\.sent).filter { $0.state == .delivered }
        try narrator.expect(
            ended.allSatisfy { alert, sent in
                alert.status == .resolved
                    // What was not told before the acknowledgement is not told after it.
                    && sent.allSatisfy { [.delivered, .folded].contains($0.state) }
                    && sent.contains { $0.event == .triggered && $0.state == .delivered }
                    && sent.contains { $0.event == .resolved && $0.state == .delivered }
            }, "\(ended.count) alerts are resolved, and \(delivered.count) messages delivered.")
    }
}
