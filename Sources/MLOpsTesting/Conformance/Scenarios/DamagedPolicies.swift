import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Policies and decisions that cannot be read: their rows can, and nothing passes.
    static let damagedPolicies: [Scenario] = [
        Scenario("Damage: a model is read without its policy, and its stages are closed") {
            context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            let version = try await site.version(of: model, figures: ["x": 1])
            try await context.workspace.promote(version.id, to: .staging)
            let policy = PromotionPolicy(approvals: 1)
            let future: JSONValue = ["checks": [["figure": ["quantum": "x"]]]]
            try await context.damage(
                "models", "promotion_policy", of: model,
                ["production": future, "staging": policy.json])
            let stored = try await context.workspace.models.find(model)
            #expect(stored.promotionPolicies.isDamaged)
            #expect(stored.promotionPolicies.stages == [.staging, .production])
            #expect(try stored.promotionPolicies[.staging] == policy)
            #expect(throws: StoreError.self) { try stored.promotionPolicies[.production] }
            #expect(try await context.workspace.models.all().contains { $0.id == model })
            let error = await expectError(.corrupt) {
                try await context.workspace.promote(version.id, to: .production)
            }
            #expect(error?.entity == "model" && error?.field == "promotion_policy")
            #expect(error?.message.contains(model.description) == true)
            #expect(error?.message.contains("for production") == true)
            await expectError(.corrupt) {
                try await context.workspace.promote(
                    version.id, to: .production, overriding: "nobody knows what is demanded")
            }
            // Other stages are not concerned, and what passes an update of the row is kept.
            try await context.workspace.promote(version.id, to: .archived)
            var renamed = stored
            renamed.name = "renamed"
            _ = try await context.workspace.models.update(renamed)
            try await context.write {
                _ = try $0.models.setPromotionPolicy(nil, for: .staging, of: model)
            }
            await expectError(.corrupt) {
                try await context.workspace.promote(version.id, to: .production)
            }
            try await context.write {
                _ = try $0.models.setPromotionPolicy(
                    PromotionPolicy(), for: .production, of: model)
            }
            try await context.workspace.promote(version.id, to: .production)
            let mended = try await context.workspace.models.find(model)
            #expect(!mended.promotionPolicies.isDamaged)
        },
        Scenario("Damage: a policy of no known stage closes those without one") { context in
            let site = try await PromotionSite(context)
            let (model, other) = (try await site.model(1), try await site.model(2))
            let policy = PromotionPolicy()
            let first = try await site.version(of: model, figures: [:]).id
            try await context.damage(
                "models", "promotion_policy", of: model,
                ["prodution": [:], "staging": policy.json])
            await expectError(.corrupt) {
                try await context.workspace.promote(first, to: .production)
            }
            // A version in development has passed nothing, so it still changes.
            var open = try await context.workspace.modelVersions.find(first)
            open.performanceMetrics = ["x": 2]
            _ = try await context.workspace.modelVersions.update(open)
            try await context.workspace.promote(first, to: .staging)
            // It is meant for no stage once an owner says that one has none.
            try await context.write {
                _ = try $0.models.setPromotionPolicy(nil, for: .production, of: model)
            }
            try await context.workspace.promote(first, to: .production)
            let project = site.tree.project.id
            try await context.damage(
                "projects", "settings", of: project, ["promotion": "z", "theme": "dark"])
            let version = try await site.version(of: other, figures: [:]).id
            let error = await expectError(.corrupt) {
                try await context.workspace.promote(version, to: .production)
            }
            #expect(error?.entity == "project" && error?.field == "settings")
            let stored = try await context.workspace.projects.find(project)
            #expect(stored.promotionPolicies.isDamaged && stored.settings["theme"] == "dark")
            try await context.write {
                _ = try $0.projects.setPromotionPolicy(nil, for: .staging, of: project)
            }
            try await context.workspace.promote(version, to: .production)
        },
        Scenario("Damage: a version is read without its decisions, and does not move") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            let (bad, good) = (
                try await site.inProduction(model, figures: [:]),
                try await site.version(of: model, figures: [:]).id
            )
            let document: JSONValue = ["decisions": [["stage": "orbit"]]]
            try await context.damage("model_versions", "promotion", of: bad, document)
            let stored = try await context.workspace.modelVersions.find(bad)
            #expect(stored.promotion.damaged == document && stored.stage == .production)
            #expect(
                try await context.read { try $0.modelVersions.of(model: model) }.count == 2)
            let calls: [(String, @Sendable (any Transaction) throws -> Void)] = [
                ("promote", { _ = try $0.modelVersions.promote(bad, to: .staging) }),
                ("report", { _ = try $0.modelVersions.promotionReport(of: bad, to: .staging) }),
                ("request", { _ = try $0.modelVersions.requestPromotion(of: bad, to: .staging) }),
                ("approve", { _ = try $0.modelVersions.approve(bad, for: .staging) }),
                ("reject", { _ = try $0.modelVersions.reject(bad, for: .staging) }),
                (
                    "archive",
                    {
                        _ = try $0.modelVersions.promote(
                            good, to: .production, archivingCurrent: true)
                    }
                ),
            ]
            for (name, call) in calls {
                let error = await expectError(.corrupt, name) { try await context.write(call) }
                #expect(error?.entity == "model version" && error?.field == "promotion")
                #expect(error?.message.contains(bad.description) == true, "\(name)")
            }
            // A description is none of its business.
            var described = stored
            described.description = "damaged"
            let updated = try await context.workspace.modelVersions.update(described)
            #expect(updated.promotion.damaged == document)
            let moved = try await context.workspace.promote(
                bad, to: .archived, overriding: "damaged")
            #expect(moved.promotion.damaged == nil && moved.stage == .archived)
        },
        Scenario("Damage: a monitoring policy that cannot be read raises an alert") { context in
            let site = try await PromotionSite(context)
            let id = site.tree.deployment.id
            _ = try await context.write { try $0.alerts.resolve(site.tree.alert.id) }
            try await context.damage(
                "deployments", "monitoring", of: id, ["drift": ["severity": 7]])
            let stored = try await context.workspace.deployments.find(id)
            #expect(stored.monitoringPolicy.damaged != nil)
            for value in [1.0, 2] {
                try await context.workspace.monitoring.insert(
                    ModelMonitoring(deployment: id, metricName: "x", value: value))
                let alerts = try await context.read { try $0.alerts.unresolved() }
                #expect(alerts.map(\.title) == ["The monitoring policy cannot be read"])
                #expect(alerts.first?.occurrences == 1 && alerts.first?.severity == .high)
            }
            await expectError(.invalidValue) {
                try await context.write {
                    try $0.deployments.setMonitoringPolicy(stored.monitoringPolicy, of: id)
                }
            }
            // What the policy had raised while it could be read ends with it.
            let rest = Alert(
                deployment: id, alertType: .custom, title: "x is out of bounds",
                fingerprint: "bounds:x:\(id)", isAutomatic: true)
            _ = try await context.write { try $0.alerts.raise(rest) }
            _ = try await context.write {
                try $0.deployments.setMonitoringPolicy(MonitoringPolicy(), of: id)
            }
            #expect(try await context.read { try $0.alerts.unresolved() }.isEmpty)
        },
        Scenario("Damage: the monitoring policy of a terminated deployment raises nothing") {
            context in
            let site = try await PromotionSite(context)
            let id = site.tree.deployment.id
            _ = try await context.write { try $0.alerts.resolve(site.tree.alert.id) }
            _ = try await context.write { tx in
                try tx.deployments.setMonitoringPolicy(
                    MonitoringPolicy(metrics: ["x": MetricPolicy(silenceSeconds: 60)]), of: id)
            }
            try await context.damage(
                "deployments", "monitoring", of: id, ["drift": ["severity": 7]])
            func raised(after seconds: Double) async throws -> [String] {
                try await context.system { tx in
                    try tx.engine.at(Date.now.addingTimeInterval(seconds)).deployments
                        .raiseSilences(limit: 100).map(\.title)
                }
            }
            #expect(try await raised(after: 100) == ["The monitoring policy cannot be read"])
            _ = try await context.write { try $0.deployments.terminate(id, reason: "it is over") }
            let open = try await context.read { try $0.alerts.unresolved() }
            for alert in open { _ = try await context.write { try $0.alerts.resolve(alert.id) } }
            #expect(try await raised(after: 10_000) == [])
            #expect(try await raised(after: 20_000) == [])
            #expect(try await context.read { try $0.alerts.unresolved() }.isEmpty)
        },
    ]
}
