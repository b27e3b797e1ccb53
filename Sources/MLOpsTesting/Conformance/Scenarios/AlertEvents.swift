import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Events of deployments, model versions and runs, which are alerts when a rule asks for them.
    static let alertEvents: [Scenario] = [
        Scenario("Alert: events are made only when a rule asks, and are over at once") { context in
            let site = try await OutboxSite(context)
            let (deployment, version) = (site.tree.deployment, site.tree.version)
            func act(at seconds: Double) async throws {
                try await site.at(seconds) { tx in
                    try tx.deployments.mark(deployment.id, as: .failed)
                    try tx.deployments.mark(deployment.id, as: .active)
                    let change = try tx.deployments.begin(
                        .scale(min: 1, max: 3), of: deployment.id, reason: nil, demanding: nil)
                    try tx.deployments.fail(change.id, error: "no room")
                    try tx.modelVersions.requestPromotion(of: version.id, to: .archived, note: "n")
                }
                try await context.workspace.withRun(
                    project: site.tree.project.name, experiment: site.tree.experiment.name
                ) { _ in }
            }
            try await act(at: 0)
            #expect(try await context.workspace.alerts.count() == 1)
            for (number, trigger) in NotificationTrigger.allCases.enumerated() {
                try await site.addRule(50 + number, trigger: trigger)
            }
            try await act(at: 10)
            let events = try await context.workspace.alerts.all(
                where: { $0.severity == .info }, order: { [$0.id.ascending] })
            #expect(events.count == 5)
            #expect(Set(events.map(\.status)) == [.resolved])
            #expect(events.allSatisfy { $0.isAutomatic && $0.deliveries.count == 1 })
            #expect(
                events.compactMap { $0.context["status"]?.string }
                    == ["failed", "active", "failed", "requested", "completed"])
            #expect(events[2].message.contains("no room"))
            #expect(events[2].context["labels"]?["action"] == "scale")
            #expect(events[3].context["labels"]?["stage"] == "archived")
            #expect(Set(events.map(\.projectID)) == [site.tree.project.id])
            let claims = try await site.claim(at: 1e9)
            #expect(claims.map(\.alert.id).sorted() == events.map(\.id).sorted())
            try await site.end(claims, at: 1e9)
            #expect(try await site.claim(at: 2e9).isEmpty)
        },
        Scenario("Alert: the end of a logged model is no event") { context in
            let site = try await OutboxSite(context)
            try await site.addRule(50, trigger: .experimentComplete)
            let (workspace, experiment) = (context.workspace, site.tree.experiment.id)
            var ended: [Identifier<ExperimentRun>] = []
            for kind in RunKind.allCases {
                let run = try await workspace.runs.insert(
                    ExperimentRun(
                        experiment: experiment, runName: kind.rawValue, kind: kind,
                        status: .running, startedAt: .now))
                try await context.write {
                    _ = try $0.runs.end(run.id, as: .completed, error: nil, with: MetricBatch())
                }
                ended.append(run.id)
            }
            let events = try await workspace.alerts.all(where: { $0.severity == .info })
            #expect(events.map { $0.context["run_id"]?.string } == [ended[0].description])
        },
        Scenario("Alert: a rule of events has conditions as well") { context in
            let site = try await OutboxSite(context)
            try await site.addRule(
                50, trigger: .deployment,
                NotificationConditions(statuses: ["failed"], labels: ["action": "mark"]))
            try await site.at(0) { [id = site.tree.deployment.id] tx in
                try tx.deployments.mark(id, as: .failed)
                try tx.deployments.mark(id, as: .active)
                try tx.deployments.scale(id, min: 1, max: 2, reason: nil)
            }
            let events = try await context.workspace.alerts.all(where: { $0.severity == .info })
            #expect(events.map(\.alertType) == [.deployment])
        },
        Scenario("Alert: a change fails, whatever its error and its reason are") { context in
            let site = try await OutboxSite(context)
            try await site.addRule(50, trigger: .deployment)
            let id = site.tree.deployment.id
            let reason = String(repeating: "r", count: 600_000)
            for error in ["\0", String(repeating: "e", count: 2_000_000)] {
                let change = try await context.write {
                    try $0.deployments.begin(
                        .scale(min: 1, max: 3), of: id, reason: reason, demanding: nil)
                }
                let failed = try await context.write {
                    try $0.deployments.fail(change.id, error: error)
                }
                #expect(failed.status == .active)
                let entry = try await context.workspace.deploymentHistory.find(change.id)
                #expect(entry.status == .failed && entry.reason == reason)
                let message = try #require(entry.errorMessage)
                #expect(message == "\u{FFFD}" || message.contains("bytes left out"))
            }
            #expect(
                try await context.workspace.alerts.all(where: { $0.severity == .info }).count == 2)
        },
    ]
}
