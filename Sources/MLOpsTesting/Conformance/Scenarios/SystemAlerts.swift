import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Alerts and silences under system access.
    static let systemAlerts: [Scenario] = [
        Scenario("AlertRepository.raise: under system access it finds those of its organization") {
            context in
            let other = try await context.otherWorkspace()
            let mine = try await context.workspace.alerts.insert(
                Fixtures.alert(1, fingerprint: "same"))
            let theirs = other.organizationID
            var alert = Alert(
                alertType: .custom, severity: .critical, title: "theirs", fingerprint: "same")
            await expectError(.invalidValue) { [alert] in
                try await context.system { try $0.alerts.raise(alert) }
            }
            alert.organizationID = theirs
            let raised = try await context.system { [alert] tx in
                [try tx.alerts.raise(alert), try tx.alerts.raise(alert)]
            }
            #expect(raised.allSatisfy { $0.organizationID == theirs && $0.title == "theirs" })
            #expect(raised.map(\.occurrences) == [1, 2])
            #expect(try await context.workspace.alerts.find(mine.id) == mine)
            await expectError(.permissionDenied) {
                try await context.system { try $0.alerts.resolveAutomatic("same", in: nil) }
            }
        },
        Scenario("AlertRepository.raise: nobody resolves the alert of a deleted deployment") {
            context in
            let tree = try await context.tree()
            let organization = context.workspace.organizationID
            var raised = Alert(
                deployment: tree.deployment.id, alertType: .custom, severity: .low,
                title: "hidden", fingerprint: "by nobody")
            raised.organizationID = organization
            let byNobody = try await context.system { [raised] in try $0.alerts.raise(raised) }
            #expect(byNobody.raisedBy == nil)
            let hidden = [tree.alert, byNobody]
            try await context.workspace.deployments.delete(tree.deployment.id)
            for alert in hidden {
                var next = Alert(
                    project: tree.project.id, alertType: .custom, severity: .low, title: "next",
                    fingerprint: alert.fingerprint)
                next.organizationID = organization
                let stored = try await context.system { [next] in try $0.alerts.raise(next) }
                #expect(stored.id != alert.id && stored.status == .open)
            }
            try await context.workspace.deployments.restore(tree.deployment.id)
            for alert in hidden {
                let resolved = try await context.workspace.alerts.find(alert.id)
                #expect(resolved.status == .resolved)
                #expect(resolved.resolvedBy == alert.raisedBy ?? tree.deployment.createdBy)
            }
        },
        Scenario("AlertRepository.deliveries: only admins read which alerts a digest tells") {
            context in
            let site = try await OutboxSite(context)
            let leader = try await site.raise("f", at: 0)
            try await site.raise("g", at: 0)
            let claims = try await site.claim(at: 1)
            _ = try await context.system {
                try $0.engine.at(site.date(2))
                    .digestDeliveries(claims, in: nil, at: site.date(60)).left.count
            }
            let first = try #require(claims.first?.alert.id)
            #expect(first == leader.id || first == claims.last?.alert.id)
            let shown = try await context.read { try $0.alerts.deliveries(of: first) }
            #expect(shown.map(\.digested.count) == [1])
            let maintainer = try await context.openMember(50, role: .member)
            try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(
                    50, of: maintainer.principal.userID, in: site.tree.project.id,
                    role: .maintainer))
            let own = try await maintainer.read { try $0.alerts.deliveries(of: first) }
            #expect(own.map(\.digested) == [[]] && own.map(\.id) == shown.map(\.id))
            // What is told of is kept.
            try await site.end(try await site.claim(at: 61), at: 62)
            for claim in claims {
                let states = try await site.deliveries(of: claim.alert).map(\.state)
                #expect(states == [.delivered])
            }
        },
        Scenario("SystemAccess.raiseSilences says whether more deployments may be due") { context in
            for number in 1...3 {
                let id = try await context.tree(number).deployment.id
                try await context.write { tx in
                    _ = try tx.deployments.setMonitoringPolicy(
                        MonitoringPolicy(metrics: ["x": MetricPolicy(silenceSeconds: 1)]),
                        of: id)
                    // One that does not serve is looked at, and raises nothing.
                    _ = try tx.deployments.mark(id, as: .inactive)
                }
            }
            try await Task.sleep(for: .milliseconds(1100))
            try await context.store.withSystemAccess(reason: "silences") { access in
                var more: [Bool] = []
                for _ in 0..<2 {
                    let raised = try await access.raiseSilences(limit: 2)
                    #expect(raised.alerts.isEmpty)
                    more.append(raised.hasMore)
                }
                #expect(more == [true, false])
                await expectError(.invalidValue) { try await access.raiseSilences(limit: 0) }
            }
        },
        Scenario("Monitoring: a policy that was undone with a savepoint decides nothing") {
            context in
            let tree = try await context.tree()
            let id = tree.deployment.id
            let row = try await context.write { tx in
                do {
                    try tx.savepoint {
                        _ = try tx.deployments.setMonitoringPolicy(
                            MonitoringPolicy(metrics: ["x": MetricPolicy(maximum: 1)]), of: id)
                        try tx.monitoring.insert(
                            ModelMonitoring(deployment: id, metricName: "x", value: 2))
                        throw CancellationError()
                    }
                } catch is CancellationError {}
                return try tx.monitoring.insert(
                    ModelMonitoring(deployment: id, metricName: "x", value: 3))
            }
            #expect(!row.isAnomaly && row.thresholdMax == nil)
            #expect(try await context.workspace.alerts.all() == [tree.alert])
        },
    ]
}
