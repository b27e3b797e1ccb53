import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// How messages are claimed, repeated and ended.
    static let dispatch: [Scenario] = [
        Scenario("SystemAccess.claimDeliveries: a lost message comes again under the same id") {
            context in
            let site = try await OutboxSite(context)
            let alert = try await site.raise(at: 0)
            let first = try await site.claim(at: 1, lease: 60)
            #expect(first.count == 1 && first[0].delivery.attempts == 1)
            #expect(try await site.claim(at: 60).isEmpty)
            let second = try await site.claim(at: 61)
            #expect(second.map(\.delivery.id) == first.map(\.delivery.id))
            #expect(second.map(\.delivery.attempts) == [2])
            // The result of the lost attempt decides nothing, unless it is that it arrived.
            try await site.end(first, at: 62, .failed, error: "late")
            #expect(try await site.deliveries(of: alert).map(\.state) == [.pending])
            try await site.end(first, at: 63)
            try await site.end(second, at: 64, .retry(at: site.date(70)), error: "late")
            let ended = try await site.deliveries(of: alert)
            #expect(ended.map(\.state) == [.delivered] && ended[0].endedAt == site.date(63))
            #expect(try await site.claim(at: 1000).isEmpty)
        },
        Scenario("SystemAccess.claimDeliveries: two dispatchers never claim the same message") {
            context in
            let site = try await OutboxSite(context)
            for number in 0..<20 { try await site.raise("f\(number)", at: 0) }
            var claims: [ClaimedDelivery] = []
            try await withThrowingTaskGroup(of: [ClaimedDelivery].self) { group in
                for _ in 0..<4 { group.addTask { try await site.claim(at: 1, limit: 8) } }
                for try await some in group { claims += some }
            }
            claims += try await site.claim(at: 1)
            #expect(claims.count == 20 && Set(claims.map(\.delivery.id)).count == 20)
        },
        Scenario("SystemAccess.endDeliveries: progress has no revision, the end one entry") {
            context in
            let site = try await OutboxSite(context)
            let alert = try await site.raise(at: 0)
            for attempt in 1...3 {
                let claims = try await site.claim(at: Double(attempt) * 100)
                let next = site.date(Double(attempt + 1) * 100)
                try await site.end(
                    claims, at: Double(attempt) * 100 + 1, .retry(at: next),
                    error: "The receiver answered with status 500.")
            }
            try await site.deliver(at: 400)
            let stored = try await context.workspace.alerts.find(alert.id)
            #expect(stored.revision == 1 && stored.updatedAt == alert.updatedAt)
            let trail = try await context.read {
                try $0.auditLogs.of(resource: "alert", id: alert.id.description)
            }
            #expect(trail.map(\.action).sorted() == ["alert.create", "alert.deliver"])
            let entry = try #require(trail.first { $0.action == "alert.deliver" })
            #expect(entry.details["outcome"] == "delivered" && entry.details["attempts"] == 4)
            #expect(entry.userID == nil && entry.organizationID == context.workspace.organizationID)
            let create = try #require(trail.first { $0.action == "alert.create" })
            #expect(create.details["changes"]?["deliveries"] == nil)
        },
        Scenario("AlertRepository.deliveries: errors are for maintainers and admins") { context in
            let site = try await OutboxSite(context)
            let alert = try await site.raise(at: 0)
            let long = String(repeating: "é", count: 600)
            try await site.end(
                try await site.claim(at: 0), at: 0, .retry(at: site.date(60)), error: long)
            #expect(
                try await context.workspace.alerts.find(alert.id).deliveries[0].lastError == nil)
            let shown = try await site.deliveries(of: alert)[0].lastError
            #expect(shown.map { $0.utf8.count <= DeliveryResult.maximumErrorBytes } == true)
            // What is written by who does not read it is kept.
            try await site.raise(at: 1, .critical)
            #expect(try await site.deliveries(of: alert)[0].lastError == shown)
            let viewer = try await context.openMember(50, role: .member)
            await expectError(.permissionDenied) {
                try await viewer.read { try $0.alerts.deliveries(of: alert.id) }
            }
        },
        Scenario("SystemAccess.claimDeliveries: rules decide at the raise, channels at the sending")
        { context in
            let site = try await OutboxSite(context)
            let off = try await context.workspace.notificationChannels.insert(
                Fixtures.channel(41, name: "off"))
            let gone = try await context.workspace.notificationChannels.insert(
                Fixtures.channel(42, name: "gone"))
            let rule = try await site.addRule(41, to: off)
            try await site.addRule(42, to: gone)
            let alert = try await site.raise(at: 0)
            #expect(alert.deliveries.count == 3)
            try await context.workspace.notificationRules.delete(rule.id)
            let own = try await context.read { try $0.notificationRules.named("own-rule-40") }
            try await context.workspace.notificationRules.delete(try #require(own).id)
            var changed = off
            (changed.isActive, changed.name) = (false, "renamed")
            try await context.workspace.notificationChannels.update(changed)
            try await context.workspace.notificationChannels.delete(gone.id)
            #expect(try await site.deliver(at: 1) == ["triggered 1"])
            let ended = try await site.deliveries(of: alert)
            #expect(
                Dictionary(uniqueKeysWithValues: ended.map { ($0.channelID, $0.state) }) == [
                    site.channel.id: .delivered, off.id: .failed, gone.id: .failed,
                ])
            // The rules are gone, and those who were told are told the end.
            try await site.resolve(alert, at: 2)
            #expect(try await site.deliver(at: 2) == ["resolved 0"])
        },
        Scenario("SystemAccess.endDeliveries: a channel that is gone is switched off, and told of")
        { try await channelFails(.gone, in: $0) },
        Scenario("SystemAccess.endDeliveries: a channel that fails is told of through another") {
            try await channelFails(.failed, in: $0)
        },
        Scenario("SystemAccess.claimDeliveries: a suspended organization waits") { context in
            let site = try await OutboxSite(context)
            let alert = try await site.raise(at: 0)
            let organization = context.workspace.organizationID
            func set(_ status: SubscriptionStatus) async throws {
                try await context.system { tx in
                    var row = try tx.organizations.find(organization)
                    row.subscriptionStatus = status
                    try tx.organizations.update(row)
                }
            }
            try await set(.suspended)
            #expect(try await site.claim(at: 1).isEmpty)
            try await set(.active)
            #expect(try await site.due(alert) == 3601)
            #expect(try await site.deliver(at: 3601) == ["triggered 1"])
        },
        Scenario("SystemAccess.claimDeliveries: clocks that jump lose nothing") { context in
            let site = try await OutboxSite(context, cooldown: 300)
            let alert = try await site.raise(at: 1_000_000)
            #expect(try await site.deliver(at: 0) == [])
            #expect(try await site.deliver(at: 1_000_000) == ["triggered 1"])
            // The clock was set back after the message: the cooldown counts from what is stored.
            try await site.raise(at: 10)
            #expect(try await site.deliver(at: 10) == [])
            try await site.resolve(alert, at: 11)
            #expect(try await site.deliver(at: 11) == ["resolved 0"])
        },
        Scenario("SystemAccess.digestDeliveries: many messages are one, with one end") { context in
            let site = try await OutboxSite(context)
            var alerts: [Alert] = []
            for number in 0..<30 { alerts.append(try await site.raise("f\(number)", at: 0)) }
            func digest(
                _ claims: [ClaimedDelivery], in digest: DeliveryDigest?, at seconds: Double
            ) async throws -> DeliveryDigest? {
                try await context.system {
                    try $0.engine.at(site.date(seconds)).digestDeliveries(
                        claims, in: digest, at: site.date(60)
                    ).digest
                }
            }
            let first = try await site.claim(at: 1, limit: 10)
            let made = try await digest(first, in: nil, at: 1)
            let second = try await site.claim(at: 2)
            #expect(second.count == 20)
            #expect(try await digest(second, in: made, at: 2) == made)
            #expect(try await site.claim(at: 59).isEmpty)
            let claims = try await site.claim(at: 60)
            #expect(claims.map(\.alertCount) == [30])
            #expect(claims[0].delivery.id == first[0].delivery.id)
            #expect(claims[0].others.count == ClaimedDelivery.maximumOthers)
            // Lost, and the same message with the same alerts again.
            let again = try await site.claim(at: 200)
            #expect(again.map(\.delivery.id) == claims.map(\.delivery.id))
            #expect(again[0].alertCount == 30)
            try await site.end(again, at: 201)
            for alert in alerts {
                #expect(try await site.deliveries(of: alert).map(\.state) == [.delivered])
            }
            // Each end is told, and a digest that is over takes nothing more.
            try await site.resolve(alerts[3], at: 202)
            let end = try await site.claim(at: 202)
            #expect(end.map(\.delivery.event) == [.resolved])
            let next = try await digest(end, in: made, at: 203)
            #expect(next != made && next != nil)
        },
        Scenario("AlertRepository: the outbox keeps what is due and the last 50 of the rest") {
            context in
            let site = try await OutboxSite(context)
            let alert = try await site.raise(at: 0)
            for seconds in 1...70 {
                try await site.deliver(at: Double(seconds))
                try await site.raise(at: Double(seconds))
            }
            let kept = try await site.deliveries(of: alert)
            #expect(kept.count == 50 && kept.last?.state == .pending)
            #expect(kept.first?.event == .reminder)
        },
    ]

    private static func channelFails(
        _ outcome: DeliveryResult.Outcome, in context: ConformanceContext
    ) async throws {
        let site = try await OutboxSite(context)
        let other = try await context.workspace.notificationChannels.insert(
            Fixtures.channel(41, name: "other"))
        try await site.addRule(41, to: other, NotificationConditions(minimumSeverity: .high))
        try await site.raise(at: 0)
        try await site.end(
            try await site.claim(at: 0), at: 0, outcome,
            error: "The receiver answered with status 410.")
        let channel = try await context.workspace.notificationChannels.find(site.channel.id)
        #expect(channel.isActive == (outcome == .failed))
        let claims = try await site.claim(at: 1)
        #expect(claims.map(\.channel.id) == [other.id])
        let told = try #require(claims.first?.alert)
        #expect(told.title.contains("told") && told.severity == .high)
        #expect(told.projectID == nil && told.raisedBy == nil && told.isAutomatic)
        let entries = try await context.read {
            try $0.auditLogs.of(
                resource: "notification_channel", id: site.channel.id.description)
        }
        let isAudited = entries.contains { $0.action == "notification_channel.gone" }
        #expect(isAudited == (outcome == .gone))
        // Nobody is told through the channel that fails, and it is one alert.
        try await site.end(claims, at: 1)
        try await site.raise("g", at: 2)
        try await site.end(try await site.claim(at: 2), at: 2, outcome)
        let again = try await context.workspace.alerts.find(told.id)
        #expect(again.occurrences == (outcome == .failed ? 2 : 1))
    }
}
