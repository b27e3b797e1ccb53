import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Alerts, from open to resolved.
    static let alerts: [Scenario] = [
        Scenario("AlertRepository.raise counts up the unresolved alert of the fingerprint") {
            context in
            let first = try await context.write {
                try $0.alerts.raise(
                    Fixtures.alert(1, severity: .medium, fingerprint: "f"))
            }
            #expect(first.occurrences == 1)
            let later = Fixtures.date.addingTimeInterval(60)
            let second = try await context.write {
                try $0.alerts.raise(
                    Fixtures.alert(2, severity: .critical, fingerprint: "f", triggeredAt: later))
            }
            #expect(second.id == first.id && second.occurrences == 2)
            #expect(second.severity == .critical && second.lastSeenAt == later)
            #expect(second.triggeredAt == first.triggeredAt)
            let third = try await context.write {
                try $0.alerts.raise(
                    Fixtures.alert(
                        3, severity: .low, fingerprint: "f",
                        triggeredAt: Fixtures.date.addingTimeInterval(-60)))
            }
            #expect(third.severity == .critical && third.lastSeenAt == later)
            try await context.write { try $0.alerts.resolve(first.id) }
            let fourth = try await context.write {
                try $0.alerts.raise(Fixtures.alert(4, fingerprint: "f"))
            }
            #expect(fourth.id != first.id && fourth.occurrences == 1)
            #expect(try await context.workspace.alerts.count() == 2)
        },
        Scenario("AlertRepository.raise at once makes one alert") { context in
            try await withThrowingTaskGroup { group in
                for number in 1...32 {
                    group.addTask {
                        try await context.write {
                            try $0.alerts.raise(Fixtures.alert(number, fingerprint: "f"))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await context.workspace.alerts.all().map(\.occurrences) == [32])
        },
        Scenario("AlertRepository.insert of an unresolved fingerprint is refused") { context in
            try await context.workspace.alerts.insert(Fixtures.alert(1, fingerprint: "f"))
            await expectError(.alreadyExists) {
                try await context.workspace.alerts.insert(Fixtures.alert(2, fingerprint: "f"))
            }
        },
        Scenario("AlertRepository.acknowledge and resolve note who and when") { context in
            let alert = try await context.workspace.alerts.insert(Fixtures.alert(1))
            let taken = try await context.write { try $0.alerts.acknowledge(alert.id) }
            let user = context.workspace.principal.userID
            #expect(taken.status == .acknowledged && taken.acknowledgedBy == user)
            #expect(taken.acknowledgedAt != nil && taken.resolvedAt == nil)
            let again = try await context.write { try $0.alerts.acknowledge(alert.id) }
            #expect(again == taken)
            let over = try await context.write { try $0.alerts.resolve(alert.id) }
            #expect(over.status == .resolved && over.resolvedBy == user && over.resolvedAt != nil)
            await expectError(.conflict) {
                try await context.write { try $0.alerts.acknowledge(alert.id) }
            }
            await expectError(.conflict) {
                try await context.write { try $0.alerts.resolve(alert.id) }
            }
            let second = try await context.workspace.alerts.insert(Fixtures.alert(2))
            await expectError(.permissionDenied, "nobody acts") {
                try await context.system { try $0.alerts.acknowledge(second.id) }
            }
        },
        Scenario("AlertRepository.open, unresolved and of(deployment:), newest first") { context in
            let tree = try await context.tree()
            for number in 2...5 {
                try await context.workspace.alerts.insert(
                    Fixtures.alert(
                        number, deployment: number % 2 == 0 ? tree.deployment.id : nil,
                        triggeredAt: Fixtures.date.addingTimeInterval(Double(number))))
            }
            func id(_ number: Int) -> Identifier<Alert> { Fixtures.id(Alert.self, number) }
            try await context.write { [two = id(2), three = id(3)] tx in
                try tx.alerts.acknowledge(three)
                try tx.alerts.resolve(two)
            }
            let found = try await context.read { tx in
                (
                    open: try tx.alerts.open(), unresolved: try tx.alerts.unresolved(),
                    deployment: try tx.alerts.of(deployment: tree.deployment.id)
                )
            }
            #expect(found.open.map(\.id) == [id(5), id(4), id(1)])
            #expect(found.unresolved.map(\.id) == [id(5), id(4), id(3), id(1)])
            #expect(found.deployment.map(\.id) == [id(4), id(2), id(1)])
        },
        Scenario("AlertRepository.update keeps the status and the deliveries") { context in
            let tree = try await context.tree()
            var alert = Fixtures.alert(2, deployment: tree.deployment.id)
            alert.deliveries = [
                AlertDelivery(
                    rule: tree.rule.id, channel: tree.channel.id, state: .failed, attempts: 3,
                    createdAt: Fixtures.date, endedAt: Fixtures.date, lastError: "timeout")
            ]
            alert = try await context.history(alert)
            let deliveries = alert.deliveries
            alert.title = "renamed"
            alert.deliveries = []
            let updated = try await context.workspace.alerts.update(alert)
            #expect(
                updated.title == "renamed" && updated.deliveries.map(\.id) == deliveries.map(\.id))
            #expect(updated.status == .open)
            #expect(try await context.workspace.alerts.find(alert.id) == updated)
        },
        Scenario("AlertRepository.raise: a fingerprint is apart per project") { context in
            let (tree, other) = (try await context.tree(), try await context.tree(2))
            let none = try await context.write {
                try $0.alerts.raise(Fixtures.alert(11, fingerprint: "latency"))
            }
            let alerts = try await context.write { tx in
                try [tree, other, tree].enumerated().map { number, tree in
                    try tx.alerts.raise(
                        Fixtures.alert(
                            12 + number, deployment: tree.deployment.id, fingerprint: "latency"))
                }
            }
            #expect(none.projectID == nil && none.occurrences == 1)
            #expect(
                alerts.map(\.projectID) == [tree.project.id, other.project.id, tree.project.id])
            #expect(alerts.map(\.occurrences) == [1, 1, 2] && alerts[0].id == alerts[2].id)
            // Another deployment of the same project shares it.
            let second = try await context.write { tx in
                let deployment = try tx.deployments.insert(
                    Fixtures.deployment(9, in: tree.project.id, version: tree.version.id))
                return try tx.alerts.raise(
                    Fixtures.alert(16, deployment: deployment.id, fingerprint: "latency"))
            }
            #expect(second.id == alerts[0].id && second.occurrences == 3)
            await expectError(.alreadyExists) {
                try await context.workspace.alerts.insert(
                    Fixtures.alert(17, deployment: tree.deployment.id, fingerprint: "latency"))
            }
            await expectError(.invalidValue) {
                try await context.workspace.alerts.insert(
                    Fixtures.alert(
                        18, project: other.project.id, deployment: tree.deployment.id))
            }
        },
        Scenario("AlertRepository.raise: a deleted deployment does not keep a fingerprint") {
            context in
            let tree = try await context.tree()
            let first = try await context.write {
                try $0.alerts.raise(
                    Fixtures.alert(2, deployment: tree.deployment.id, fingerprint: "latency"))
            }
            try await context.workspace.deployments.delete(tree.deployment.id)
            let second = try await context.write { tx in
                try tx.alerts.raise(
                    Fixtures.alert(3, project: tree.project.id, fingerprint: "latency"))
            }
            #expect(second.id != first.id && second.occurrences == 1)
            try await context.workspace.deployments.restore(tree.deployment.id)
            let resolved = try await context.workspace.alerts.find(first.id)
            #expect(resolved.status == .resolved)
            #expect(resolved.resolvedBy == context.workspace.principal.userID)
        },
        Scenario("Column: a severity and a role compare and sort by their own order") { context in
            for (number, severity) in AlertSeverity.allCases.enumerated() {
                try await context.workspace.alerts.insert(
                    Fixtures.alert(number + 1, severity: severity))
            }
            let alerts = context.workspace.alerts
            func severities(
                where filter: @escaping (Alert.Columns) -> Filter<Alert>
            ) async throws -> Set<AlertSeverity> {
                Set(try await alerts.all(where: filter).map(\.severity))
            }
            #expect(try await severities { $0.severity < .medium } == [.info, .low])
            #expect(try await severities { $0.severity <= .medium } == [.info, .low, .medium])
            #expect(try await severities { $0.severity > .medium } == [.high, .critical])
            #expect(try await severities { $0.severity >= .high } == [.high, .critical])
            #expect(try await severities { $0.severity > .critical } == [])
            let up = try await alerts.all(order: { [$0.severity.ascending] }).map(\.severity)
            #expect(up == AlertSeverity.allCases)
            var down: [AlertSeverity] = []
            var cursor: Cursor?
            repeat {
                let page = try await alerts.page(
                    Query(order: { [$0.severity.descending] }, limit: 2, after: cursor))
                down += page.map(\.severity)
                cursor = page.next
            } while cursor != nil
            #expect(down == up.reversed())
            _ = try await context.insertMember(2, role: .member)
            _ = try await context.insertMember(3, role: .admin)
            let strong = try await context.workspace.memberships.all(
                where: { $0.role >= .admin }, order: { [$0.role.descending] })
            #expect(strong.map(\.role) == [.owner, .admin])
        },
    ]
}
