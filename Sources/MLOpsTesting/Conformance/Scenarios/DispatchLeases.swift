import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// What becomes of messages whose dispatchers end, and who may dispatch.
    static let dispatchLeases: [Scenario] = [
        Scenario("SystemAccess.claimDeliveries: attempts that are lost are not failures") {
            context in
            let site = try await OutboxSite(context)
            let alert = try await site.raise(at: 0)
            var time = 0.0
            for loss in 1...12 {
                let claims = try await site.claim(at: time)
                #expect(claims.map(\.delivery.attempts) == [loss])
                #expect(claims.map(\.delivery.failures) == [0])
                // Each loss makes the next one rarer, but never takes more than a day.
                let due = try #require(try await site.due(alert))
                let lease = due - time
                #expect((60.0...86_400).contains(lease) && lease >= min(80_000, 60 * Double(loss)))
                #expect(try await site.claim(at: due - 1).isEmpty)
                time = due + 1
            }
            #expect(time > 86_400)
            // Twelve dispatchers have ended while they were sending it.
            #expect(try await site.claim(at: time).isEmpty)
            let ended = try await site.deliveries(of: alert)
            #expect(ended.map(\.state) == [.failed])
            #expect(ended[0].lastError?.contains("12 times") == true)
            let told = try await context.workspace.alerts.all(where: { $0.severity == .high })
            #expect(told.contains { $0.title.contains("cannot be delivered") })
        },
        Scenario("SystemAccess.endDeliveries counts the attempts that had an outcome") { context in
            let site = try await OutboxSite(context)
            let alert = try await site.raise(at: 0)
            // Lost, failed, given back, and failed.
            _ = try await site.claim(at: 0)
            let day = 86_400.0
            try await site.end(
                try await site.claim(at: day), at: day, .retry(at: site.date(2 * day)))
            try await site.end(
                try await site.claim(at: 2 * day), at: 2 * day,
                .postponed(until: site.date(3 * day)))
            let claims = try await site.claim(at: 3 * day)
            #expect(claims.map(\.delivery.attempts) == [3])
            #expect(claims.map(\.delivery.failures) == [1])
            try await site.end(claims, at: 3 * day, .retry(at: site.date(4 * day)))
            let stored = try await site.deliveries(of: alert)
            #expect(stored.map(\.failures) == [2] && stored.map(\.attempts) == [3])
        },
        Scenario("SystemAccess.endDeliveries: an attempt given back twice disturbs no other") {
            context in
            let site = try await OutboxSite(context)
            let alert = try await site.raise(at: 0)
            let first = try await site.claim(at: 0)
            try await site.end(first, at: 1, .postponed(until: site.date(2)))
            // Another dispatcher sends it, with the same number.
            let second = try await site.claim(at: 2)
            #expect(second.map(\.delivery.attempts) == first.map(\.delivery.attempts))
            try await site.end(first, at: 3, .postponed(until: site.date(3)))
            try await site.end(first, at: 3, .failed)
            #expect(try await site.claim(at: 4).isEmpty)
            try await site.end(second, at: 5)
            #expect(try await site.deliveries(of: alert).map(\.state) == [.delivered])
        },
        Scenario("SystemAccess.digestDeliveries leaves alone what another dispatcher has claimed") {
            context in
            let site = try await OutboxSite(context)
            let alerts = [try await site.raise("f", at: 0), try await site.raise("g", at: 0)]
            let stale = try await site.claim(at: 0)
            // The leases are over, and another dispatcher has them: one is told, one under way.
            let current = try await site.claim(at: 200).sorted { a, _ in a.alert.id == alerts[0].id
            }
            #expect(current.map(\.alert.id) == alerts.map(\.id))
            try await site.end([current[0]], at: 201)
            let digest = try await context.system {
                try $0.engine.at(site.date(202)).digestDeliveries(
                    stale, in: nil, at: site.date(203)
                ).digest
            }
            #expect(digest == nil)
            let open = try await site.deliveries(of: alerts[1])
            #expect(open.map(\.digestID) == [nil] && open.map(\.attempts) == [2])
            try await site.end([current[1]], at: 204)
            for alert in alerts {
                #expect(try await site.deliveries(of: alert).map(\.state) == [.delivered])
            }
        },
        Scenario("SystemAccess.claimDeliveries claims no more messages than its limit") { context in
            let site = try await OutboxSite(context)
            for number in 41..<50 {
                let channel = try await context.workspace.notificationChannels.insert(
                    Fixtures.channel(number, name: "channel-\(number)"))
                try await site.addRule(number, to: channel)
            }
            try await site.raise("f", at: 0)
            try await site.raise("g", at: 0)
            var channels: [ClaimedDelivery] = []
            for _ in 0..<5 {
                let some = try await site.claim(at: 1, limit: 4)
                #expect(some.count == 4)
                channels += some
            }
            #expect(Set(channels.map(\.delivery.id)).count == 20)
            #expect(try await site.claim(at: 1, limit: 4).isEmpty)
        },
        Scenario("SystemAccess: nobody claims, ends or digests messages in a workspace") {
            context in
            let site = try await OutboxSite(context)
            let alert = try await site.raise(at: 0)
            let claims = try await site.claim(at: 0)
            var workspaces = [context.workspace]
            for (number, role) in [OrganizationRole.owner, .admin, .member, .viewer].enumerated() {
                workspaces.append(try await context.openMember(50 + number, role: role))
            }
            for workspace in workspaces {
                await expectError(.permissionDenied) {
                    try await workspace.write {
                        try $0.engine.claimDeliveries(limit: 1, lease: 60).deliveries.count
                    }
                }
                await expectError(.permissionDenied) {
                    try await workspace.write {
                        try $0.engine.endDeliveries(
                            claims.map { DeliveryResult($0, .delivered) }
                        ).count
                    }
                }
                await expectError(.permissionDenied) {
                    try await workspace.write {
                        try $0.engine.digestDeliveries(claims, in: nil, at: site.start).left.count
                    }
                }
            }
            #expect(try await site.deliveries(of: alert).map(\.state) == [.pending])
            // Under system access it is done, and in the trail once.
            for _ in 0..<2 { try await site.end(claims, at: 1) }
            let trail = try await context.read {
                try $0.auditLogs.of(resource: "alert", id: alert.id.description)
            }
            #expect(trail.count { $0.action == "alert.deliver" } == 1)
        },
    ]
}
