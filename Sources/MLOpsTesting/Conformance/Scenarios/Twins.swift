import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Rows of two organizations with the same ids, where a store can hold them.
    static let twins: [Scenario] = [
        Scenario("Twins: messages, their ends and digests stay in their organization") { context in
            guard let twins = try await Twins(context) else { return }
            for (workspace, text) in twins.places { try await raise(text, in: workspace) }
            try await context.store.withSystemAccess(reason: "twins") { access in
                let claims = try await access.claimDeliveries(limit: 10, lease: 60).deliveries
                #expect(claims.map(\.alert.title).sorted() == ["one", "two"])
                for claim in claims {
                    #expect(claim.channel.name == claim.alert.title)
                    #expect(claim.channel.organizationID == claim.alert.organizationID)
                    let config = try await access.openedConfig(of: claim).reveal()
                    #expect(config["token"]?.string == claim.alert.title)
                }
                // One message tells no alerts of two organizations.
                let (digest, left) = try await access.digestDeliveries(claims, in: nil, at: .now)
                #expect(digest?.deliveryID == claims[0].delivery.id)
                #expect(left.map(\.delivery.id) == [claims[1].delivery.id])
                let again = try await access.claimDeliveries(limit: 10, lease: 60).deliveries
                #expect(again.map(\.delivery.id) == [claims[0].delivery.id])
                let results = (again + left).map {
                    DeliveryResult($0, $0.alert.title == "one" ? .delivered : .failed)
                }
                #expect(try await access.endDeliveries(results).isEmpty)
            }
            for (workspace, text) in twins.places {
                let alerts = try await workspace.alerts.all(where: { $0.status == .open })
                let told = try #require(alerts.first { $0.title == text })
                #expect(told.deliveries.map(\.state) == [text == "one" ? .delivered : .failed])
                let failures = alerts.filter { $0.title.hasPrefix("Messages cannot") }
                #expect(failures.count == (text == "one" ? 0 : 1))
            }
        },
        Scenario("Twins: silences are raised and end in their organization") { context in
            guard let twins = try await Twins(context) else { return }
            let id = twins.tree.deployment.id
            for (workspace, text) in twins.places {
                _ = try await workspace.write {
                    try $0.deployments.setMonitoringPolicy(
                        MonitoringPolicy(metrics: [
                            text: MetricPolicy(silenceSeconds: 60),
                            "both": MetricPolicy(silenceSeconds: 90),
                        ]), of: id)
                }
            }
            func raise(after seconds: Double) async throws -> [String] {
                try await context.system { tx in
                    try tx.engine.at(.now + seconds).deployments.raiseSilences(limit: 10)
                        .map(\.title).sorted()
                }
            }
            #expect(try await raise(after: 61) == ["one is silent", "two is silent"])
            #expect(try await raise(after: 62) == [])
            #expect(try await raise(after: 91) == ["both is silent", "both is silent"])
            // What one measures does not end the silence of the other.
            try await context.workspace.monitoring.insert(
                ModelMonitoring(deployment: id, metricName: "both", value: 1))
            for (workspace, text) in twins.places {
                let open = try await workspace.alerts.all(where: { $0.status == .open })
                let silent = open.map(\.title).filter { $0.hasSuffix("is silent") }
                #expect(
                    silent.sorted()
                        == (text == "one"
                            ? ["one is silent"] : ["both is silent", "two is silent"])
                )
            }
        },
        Scenario("Twins: deletions and purges take rows of one organization") { context in
            guard let twins = try await Twins(context) else { return }
            let (tree, other) = (twins.tree, twins.other)
            let before = try await rows(context.workspace)
            // Under system access, an id that two organizations have names no row.
            for refused: @Sendable (any Transaction) throws -> Void in [
                { _ = try $0.experiments.find(tree.experiment.id) },
                { _ = try $0.experiments.findIfExists(tree.experiment.id) },
                { try $0.experiments.delete(tree.experiment.id) },
                { _ = try $0.apiKeys.revoke(tree.apiKey.id) },
                { _ = try $0.metrics.names(of: tree.run.id) },
                { _ = try $0.alerts.snooze(tree.alert.id, until: .distantFuture) },
            ] {
                await expectError(.conflict) { try await context.system(refused) }
            }
            let theirs = other.organizationID
            try await context.system { tx in
                let tx = try tx.scoped(to: theirs)
                try tx.experiments.delete(tree.experiment.id)
                try tx.experiments.restore(tree.experiment.id)
                try tx.experiments.delete(tree.experiment.id)
            }
            await expectError(.conflict) {
                try await context.system { try $0.experiments.purge(tree.experiment.id) }
            }
            try await context.system {
                let purged = try $0.scoped(to: theirs).experiments.purge(tree.experiment.id)
                #expect(purged.counts["experiment_runs"] == 1)
            }
            #expect(try await rows(context.workspace) == before)
            // A row that was read names its organization.
            try await context.system { tx in
                var model = tree.model
                model.description = "changed"
                try tx.models.update(model)
            }
            let described = try await context.workspace.models.find(tree.model.id).description
            #expect(described == "changed")
            #expect(try await other.models.find(tree.model.id).description != "changed")
            // All of the other organization, and those who were only in it.
            let user = other.principal.userID
            try await context.system { tx in
                try tx.organizations.delete(theirs)
                try tx.organizations.restore(theirs)
                try tx.organizations.delete(theirs)
                try tx.organizations.purge(theirs)
                try tx.users.delete(user)
                try tx.users.purge(user)
            }
            #expect(try await rows(context.workspace) == before)
        },
        Scenario("Twins: the keys below a key are of its organization") { context in
            guard let twins = try await Twins(context) else { return }
            let (tree, other) = (twins.tree, twins.other)
            let theirs = other.organizationID
            var below = Fixtures.apiKey(60, of: other.principal.userID)
            below.issuerKeyID = tree.apiKey.id
            let child = below
            try await context.system {
                try $0.scoped(to: theirs, as: other.principal).apiKeys
                    .insert(history: [Historical(child)])
            }
            let mine = context.workspace.organizationID
            try await context.system { tx in
                let tx = try tx.scoped(to: mine)
                _ = try tx.apiKeys.revoke(tree.apiKey.id)
                try tx.apiKeys.delete(tree.apiKey.id)
                try tx.apiKeys.purge(tree.apiKey.id)
            }
            let theirKeys = try await other.apiKeys.all()
            #expect(theirKeys.count == 2 && theirKeys.allSatisfy { $0.revokedAt == nil })
            // Users are of no organization; what goes with them is.
            let user = try await context.insertMember(3)
            let key = try await context.workspace.apiKeys.insert(
                Fixtures.apiKey(1, of: user.id, name: "again"))
            #expect(key.id == tree.apiKey.id)
            try await context.system { tx in
                try tx.users.delete(user.id)
                try tx.users.restore(user.id)
                try tx.users.delete(user.id)
                try tx.users.purge(user.id)
            }
            #expect(try await other.apiKeys.all() == theirKeys)
        },
        Scenario("Twins: a change of a version notes its author in its organization") { context in
            guard let twins = try await Twins(context) else { return }
            let (tree, other) = (twins.tree, twins.other)
            let user = try await context.insertMember(3)
            let mine = context.workspace.organizationID
            let before = try await other.modelVersions.find(tree.version.id)
            try await context.system { tx in
                let tx = try tx.scoped(to: mine, as: .user(user.id))
                var version = try tx.modelVersions.find(tree.version.id)
                version.performanceMetrics = ["accuracy": 0.99]
                try tx.modelVersions.update(version)
            }
            #expect(try await other.modelVersions.find(tree.version.id) == before)
        },
    ]
}

/// A tree in the workspace, and one of another organization with the same ids.
private struct Twins {
    let tree: FixtureTree
    let other: Workspace
    let places: [(workspace: Workspace, text: String)]

    /// - Returns: `nil` on a store whose ids are unique in all organizations.
    init?(_ context: ConformanceContext) async throws {
        other = try await context.otherWorkspace()
        tree = try await context.tree()
        do {
            _ = try await Fixtures.insertTwin(into: other)
        } catch let error as StoreError where error.code == .alreadyExists {
            #expect(context.store is SQLiteStore, "Only on SQLite an id is unique in all.")
            return nil
        }
        places = [(context.workspace, "one"), (other, "two")]
        for (workspace, _) in places {
            try await workspace.notificationRules.delete(tree.rule.id)
        }
    }
}

/// Raises an alert that one channel is told of; the ids are the same in each workspace.
private func raise(_ text: String, in workspace: Workspace) async throws {
    let channel = try await workspace.notificationChannels.insert(
        Fixtures.channel(40, name: text, config: ["token": .string(text)]))
    try await workspace.notificationRules.insert(
        NotificationRule(channel: channel.id, name: "own", triggerType: .alert))
    try await workspace.alerts.insert(Fixtures.alert(70, title: text))
}

/// The rows that a purge of another organization might take.
private func rows(_ workspace: Workspace) async throws -> [String: Int] {
    try await workspace.read { tx in
        [
            "experiments": try tx.experiments.count(), "runs": try tx.runs.count(),
            "points": try tx.metrics.count(), "versions": try tx.modelVersions.count(),
            "runs of versions": try tx.modelVersions.count { $0.sourceRunID != nil },
            "deployments": try tx.deployments.count(), "alerts": try tx.alerts.count(),
            "measurements": try tx.monitoring.count(), "drift": try tx.driftReports.count(),
            "keys": try tx.apiKeys.count { $0.revokedAt == nil },
            "members": try tx.projectMembers.count(), "rules": try tx.notificationRules.count(),
            "changes": try tx.deploymentHistory.count(), "models": try tx.models.count(),
        ]
    }
}
