import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Rules and aliases that cannot be read: they stop nobody.
    static let damagedRules: [Scenario] = [
        Scenario("Damage: a rule that cannot be read stops nobody, and raises one alert") {
            context in
            let site = try await OutboxSite(context)
            let tree = site.tree
            let rule = try await site.addRule(50, trigger: .deployment)
            let document: JSONValue = ["alert_types": ["latency_v2"]]
            try await context.damage("notification_rules", "conditions", of: rule.id, document)
            let stored = try await context.workspace.notificationRules.find(rule.id)
            #expect(stored.conditions.damaged == document)
            for _ in 0..<2 {
                _ = try await context.write { tx in
                    try tx.alerts.raise(
                        Alert(alertType: .custom, severity: .high, title: "f", fingerprint: "f"))
                }
            }
            let title = "The notification rule \(rule.name) cannot be read"
            func told() async throws -> [Alert] {
                try await context.read { try $0.alerts.unresolved() }.filter { $0.title == title }
            }
            let alerts = try await told()
            #expect(alerts.map(\.occurrences) == [1] && alerts.first?.severity == .high)
            // The other rule tells of both, and nobody is kept from anything.
            #expect(
                try await site.claim(at: 1e9).map(\.alert.title).sorted() == [title, "f"].sorted())
            try await context.write { tx in
                try tx.deployments.scale(tree.deployment.id, min: 1, max: 7)
                try tx.modelVersions.requestPromotion(of: tree.version.id, to: .archived, note: nil)
            }
            try await context.workspace.withRun(
                project: tree.project.name, experiment: tree.experiment.name
            ) { _ in }
            let why = try await context.read { tx in
                try tx.notificationRules.explain(Alert(alertType: .custom, title: "x"))
            }.first { $0.rule.id == rule.id }
            #expect(why?.mismatches.contains(.damaged) == true && why?.fires == false)
            // It is made anew, not changed.
            var changed = stored
            changed.conditions.minimumSeverity = .high
            await expectError(.invalidValue) { [changed] in
                try await context.workspace.notificationRules.update(changed)
            }
            var copy = stored
            (copy.id, copy.name) = (Identifier(), "copy")
            await expectError(.invalidValue) { [copy] in
                try await context.workspace.notificationRules.insert(copy)
            }
            changed = stored
            changed.isActive = false
            changed = try await context.workspace.notificationRules.update(changed)
            #expect(changed.conditions.damaged == document)
            #expect(try await told().isEmpty, "nobody needs it")
            (changed.isActive, changed.conditions) = (true, NotificationConditions())
            changed = try await context.workspace.notificationRules.update(changed)
            #expect(changed.conditions.damaged == nil)
            try await context.damage(
                "notification_rules", "conditions", of: rule.id, ["metrics": 7])
            try await context.workspace.notificationRules.delete(rule.id)
        },
        Scenario("Damage: a model is read with the aliases that can be") { context in
            let tree = try await context.tree()
            let version = tree.version.id
            let document: JSONValue = ["champion": "zzz", "good": .string(version.description)]
            try await context.damage("models", "aliases", of: tree.model.id, document)
            var stored = try await context.workspace.models.find(tree.model.id)
            #expect(stored.aliases.damaged == document && stored.aliases.names == ["good"])
            #expect(stored.aliases["good"] == version && stored.aliases["champion"] == nil)
            #expect(try await context.workspace.models.all().contains { $0.id == tree.model.id })
            stored.name = "renamed"
            let renamed = try await context.workspace.models.update(stored)
            #expect(renamed.aliases.json == document)
        },
    ]
}

extension ConformanceContext {
    /// Writes a document as another program, or a later version of the library, would.
    func damage<Record>(
        _ table: String, _ column: String, of id: Identifier<Record>, _ document: JSONValue
    ) async throws {
        try await system { tx in
            _ = try tx.engine.execute(
                """
                UPDATE \(raw: table) SET \(raw: column) = \(document), revision = revision + 1 \
                WHERE id = \(id)
                """)
        }
    }
}
