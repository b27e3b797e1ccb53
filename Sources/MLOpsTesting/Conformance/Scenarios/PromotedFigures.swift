import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Figures of runs whose versions were promoted or wait for it.
    static let promotedFigures: [Scenario] = [
        Scenario("Promotion: production keeps the figures it had, whatever its run logs") {
            context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            let checks = [
                MetricCheck(.run("accuracy", .last), absoluteChange: 0),
                MetricCheck(.run("recall", .last), absoluteChange: 0),
            ]
            try await site.setPolicy(PromotionPolicy(checks: checks), of: model)
            let run = try await site.run(50, accuracy: 0.9)
            let old = try await site.version(60, of: model, from: run)
            try await context.workspace.promote(old, to: .production, overriding: "the first")
            let worse = try await site.run(51, accuracy: 0.6, "recall")
            let candidate = try await site.version(61, of: model, from: worse)
            let changes: [@Sendable (any Transaction) throws -> Void] = [
                { _ in },
                { try $0.log(["accuracy": 0.5, "recall": 0.1], at: 9, in: run) },
                { tx in
                    _ = try tx.runs.logged.resume(run, fromStep: 0, environment: [:])
                    try tx.log(["accuracy": 0.5], at: 1, in: run)
                },
                { try $0.runs.delete(run) },
            ]
            for (number, change) in changes.enumerated() {
                try await context.write(change)
                let report = try await context.read {
                    try $0.modelVersions.promotionReport(of: candidate, to: .production)
                }
                #expect(report.checks.map(\.baseline) == [0.9, nil], "change \(number)")
                #expect(report.checks.map(\.passed) == [false, false], "change \(number)")
            }
            // Once it is back, it shows what its run has now.
            try await context.workspace.runs.restore(run)
            try await context.workspace.promote(old, to: .archived)
            let archived = try await context.workspace.modelVersions.find(old)
            #expect(archived.promotion.baseline == nil)
        },
        Scenario("Approvals: whoever logs into the source run is an author") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(approvals: 1), of: model)
            let changes: [@Sendable (any Transaction, Identifier<ExperimentRun>) throws -> Void] = [
                { try $0.log(["accuracy": 0.99], at: 9, in: $1) },
                { _ = try $0.runs.logged.resume($1, fromStep: 1, environment: [:]) },
                { tx, run in
                    var batch = MetricBatch()
                    batch.add("accuracy", 0.99, step: 9)
                    _ = try tx.runs.end(run, as: .completed, error: nil, with: batch)
                },
            ]
            for (number, change) in changes.enumerated() {
                let approver = try await site.person(70 + number, .maintainer)
                let other = try await site.person(80 + number, .maintainer)
                let run = try await site.run(50 + number, accuracy: 0.9)
                let version = try await site.version(60 + number, of: model, from: run)
                try await approver.write { try change($0, run) }
                try await approver.approve(version)
                let stored = try await context.workspace.modelVersions.find(version)
                #expect(stored.promotion.authors == [approver.principal.userID], "\(number)")
                await expectError(.promotionRefused, "change \(number)") {
                    try await context.workspace.promote(version, to: .production)
                }
                try await other.approve(version)
                try await context.workspace.promote(version, to: .production)
            }
        },
        Scenario("Approvals: whoever made the source run is an author") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(approvals: 1), of: model)
            let trainer = try await site.person(70, .maintainer)
            let run = try await site.run(50, accuracy: 0.9, in: trainer)
            let version = try await site.version(60, of: model, from: run)
            try await trainer.approve(version)
            await expectError(.promotionRefused) {
                try await context.workspace.promote(version, to: .production)
            }
        },
        Scenario("Approvals: with a key for another user, its maker is an author") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(approvals: 1), of: model)
            let (maker, user) = (
                context.workspace.principal.userID, try await site.person(70, .maintainer)
            )
            let issued = try await context.workspace.issueAPIKey(
                name: "theirs", permissions: .everything, for: user.principal.userID)
            let key = try await context.store.workspace(apiKey: issued.token)
            let made = try await site.version(of: model, figures: ["x": 1], in: key)
            #expect(made.createdBy == user.principal.userID)
            let author = try await site.person(71, .contributor)
            var changed = try await site.version(of: model, figures: ["x": 1], in: author)
            changed.performanceMetrics = ["x": 2]
            changed = try await key.modelVersions.update(changed)
            for id in [made.id, changed.id] {
                let stored = try await context.workspace.modelVersions.find(id)
                #expect(stored.promotion.authors == [maker])
                try await context.workspace.approve(id)
                await expectError(.promotionRefused) {
                    try await context.workspace.promote(id, to: .production)
                }
            }
        },
    ]
}

extension PromotionSite {
    /// A run with a point of its accuracy, and of other metrics.
    fileprivate func run(
        _ number: Int, accuracy: Double, _ others: String..., in workspace: Workspace? = nil
    ) async throws -> Identifier<ExperimentRun> {
        let experiment = tree.experiment.id
        return try await (workspace ?? context.workspace).write { tx in
            let run = try tx.runs.insert(
                Fixtures.run(number, of: experiment, status: .running)
            ).id
            var figures = ["accuracy": accuracy]
            for other in others { figures[other] = accuracy }
            try tx.log(figures, at: 1, in: run)
            return run
        }
    }

    fileprivate func version(
        _ number: Int, of model: Identifier<Model>, from run: Identifier<ExperimentRun>
    ) async throws -> Identifier<ModelVersion> {
        try await context.workspace.modelVersions.insert(
            Fixtures.modelVersion(number, of: model, sourceRun: run)
        ).id
    }
}

extension Transaction {
    fileprivate func log(
        _ figures: [String: Double], at step: Int64, in run: Identifier<ExperimentRun>
    ) throws {
        var batch = MetricBatch()
        for (name, value) in figures { batch.add(name, value, step: step) }
        try runs.append(batch, to: run)
    }
}
