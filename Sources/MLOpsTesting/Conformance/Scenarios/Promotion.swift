import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// The gates of a stage.
    static let promotion: [Scenario] = [
        Scenario("Promotion: figures are held against limits and against production") { context in
            let site = try await PromotionSite(context)
            // The figures of production, and of the candidate: which checks pass.
            let checks: [(String, MetricCheck)] = [
                ("limit", MetricCheck(.performance("x"), limit: 0.9)),
                ("lower", MetricCheck(.performance("x"), lowerIsBetter: true, limit: 0.9)),
                ("absolute", MetricCheck(.performance("x"), absoluteChange: 0.125)),
                ("relative", MetricCheck(.performance("x"), relativeChange: 0.5)),
                (
                    "lower relative",
                    MetricCheck(.performance("x"), lowerIsBetter: true, relativeChange: 0.5)
                ),
                (
                    "tolerant",
                    MetricCheck(
                        .performance("x"), absoluteChange: -0.25, passesWithoutBaseline: true)
                ),
            ]
            let nan = JSONValue.string("NaN")
            let cases: [(production: JSONValue?, candidate: JSONValue?, passes: String)] = [
                (0.5, 0.9, "limit, lower, absolute, relative, tolerant"),
                (0.5, 0.625, "lower, absolute, tolerant"),
                (0.5, 0.75, "lower, absolute, relative, tolerant"),
                (0.5, 0.25, "lower, lower relative, tolerant"),
                // Half of the amount of -2 is 1: better is -1 and more, lower -3 and less.
                (-2, -1, "lower, absolute, relative, tolerant"),
                (-2, -3, "lower, lower relative"),
                (0, 0, "lower, relative, lower relative, tolerant"),
                (nil, 1, "limit, tolerant"), (nan, 1, "limit, tolerant"),
                (0.5, nan, ""), (0.5, nil, ""), (nil, nil, ""), (nil, nan, ""),
                (0.5, "0.95", ""), ("Infinity", "Infinity", "limit, absolute, relative, tolerant"),
                (0.5, "-Infinity", "lower, lower relative"),
            ]
            for (number, (production, candidate, passes)) in cases.enumerated() {
                let model = try await site.model(number)
                _ = try await site.inProduction(model, figures: ["x": production])
                let version = try await site.version(of: model, figures: ["x": candidate])
                try await site.setPolicy(PromotionPolicy(checks: checks.map(\.1)), of: model)
                let report = try await context.read {
                    try $0.modelVersions.promotionReport(of: version.id, to: .production)
                }
                let passed = zip(checks, report.checks).filter(\.1.passed).map(\.0.0)
                #expect(passed.joined(separator: ", ") == passes, "case \(number)")
            }
        },
        Scenario("Promotion: figures of the source run, nested figures and evidence") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            let run = try await context.workspace.runs.insert(
                Fixtures.run(50, of: site.tree.experiment.id, status: .running))
            try await context.write { tx in
                var batch = MetricBatch()
                for (step, loss) in [3.0, 1, 2].enumerated() {
                    batch.add("loss", loss, step: Int64(step))
                }
                try tx.runs.append(batch, to: run.id)
            }
            let policy = PromotionPolicy(
                checks: [
                    MetricCheck(.run("loss", .last), limit: 2),
                    MetricCheck(.run("loss", .min), lowerIsBetter: true, limit: 1),
                    MetricCheck(.run("loss", .max), limit: 3),
                    MetricCheck(.run("other", .last), limit: 0),
                    MetricCheck(.performance("eval", "auc"), limit: 0.5),
                ],
                evidence: [.artifact, .schema, .sourceRun])
            try await site.setPolicy(policy, of: model)
            var version = Fixtures.modelVersion(60, of: model, sourceRun: run.id)
            version.performanceMetrics = ["eval": ["auc": 0.75]]
            let stored = try await context.workspace.modelVersions.insert(version)
            func passed() async throws -> [String: Bool] {
                let report = try await context.read {
                    try $0.modelVersions.promotionReport(of: stored.id, to: .production)
                }
                return Dictionary(uniqueKeysWithValues: report.checks.map { ($0.name, $0.passed) })
            }
            var expected = [
                "loss.last": true, "loss.min": true, "loss.max": true, "other.last": false,
                "eval.auc": true, "artifact": false, "schema": false, "source_run": false,
            ]
            #expect(try await passed() == expected)
            try await context.write { tx in
                var version = stored
                version.artifactSHA256 = String(repeating: "a", count: 64)
                version.modelSchema = ["inputs": ["x"]]
                try tx.modelVersions.update(version)
                _ = try tx.runs.end(run.id, as: .completed, error: nil)
            }
            for evidence in ["artifact", "schema", "source_run"] { expected[evidence] = true }
            #expect(try await passed() == expected)
        },
        Scenario("Promotion: a refusal says every check, and is kept") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            let check = MetricCheck(.performance("x"), limit: 0.9)
            try await site.setPolicy(PromotionPolicy(checks: [check], approvals: 1), of: model)
            let version = try await site.version(of: model, figures: ["x": 0.5])
            let start = try await context.chainLength()
            let error = await expectError(.promotionRefused) {
                try await context.workspace.promote(version.id, to: .production)
            }
            let report = try #require(error?.promotion)
            #expect(report.checks.map(\.name) == ["x", "approvals"] && !report.passed)
            #expect(report.checks[0].figure == 0.5 && report.checks[0].limit == 0.9)
            #expect(error?.message.contains("x 0.5 is not >= 0.9") == true)
            let kept = try await context.workspace.modelVersions.find(version.id)
            #expect(kept.stage == .development && kept.promotion.report == report)
            let entries = try await context.entries(after: start)
            #expect(entries.map(\.action) == ["model_version.refuse"])
            #expect(entries.first?.details["report"] == report.json)
            // Inside a transaction, a refusal is an error like any other.
            await expectError(.promotionRefused) {
                try await context.write {
                    try $0.modelVersions.promote(version.id, to: .production)
                }
            }
            #expect(try await context.entries(after: start).count == 1)
        },
        Scenario("Promotion: an override takes an owner and a reason") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(
                PromotionPolicy(approvals: 3, archivesCurrent: true), of: model)
            let old = try await site.inProduction(model, figures: [:])
            let version = try await site.version(of: model, figures: [:])
            let maintainer = try await site.person(70, .maintainer)
            await expectError(.permissionDenied) {
                try await maintainer.promote(version.id, to: .production, overriding: "urgent")
            }
            await expectError(.invalidValue) {
                try await context.workspace.promote(version.id, to: .production, overriding: " ")
            }
            let start = try await context.chainLength()
            let promoted = try await context.workspace.promote(
                version.id, to: .production, overriding: "urgent")
            #expect(promoted.stage == .production)
            #expect(promoted.promotion.report?.overriding == "urgent")
            #expect(promoted.promotion.report?.passed == false)
            let entries = try await context.entries(after: start)
            #expect(entries.map(\.action) == ["model_version.override", "model_version.promote"])
            #expect(try await context.workspace.modelVersions.find(old).stage == .archived)
        },
        Scenario("Promotion: the policy of a model comes before that of its project") { context in
            let site = try await PromotionSite(context)
            let (first, second) = (try await site.model(1), try await site.model(2))
            let strict = PromotionPolicy(approvals: 2)
            try await context.write { tx in
                try tx.projects.setPromotionPolicy(
                    strict, for: .production, of: site.tree.project.id)
                try tx.models.setPromotionPolicy(
                    PromotionPolicy(), for: .production, of: first)
            }
            for (model, code) in [(first, nil), (second, StoreError.Code.promotionRefused)] {
                let version = try await site.version(of: model, figures: [:])
                if let code {
                    await expectError(code) {
                        try await context.workspace.promote(version.id, to: .production)
                    }
                } else {
                    try await context.workspace.promote(version.id, to: .production)
                }
                // Other stages have no gates.
                try await context.workspace.promote(version.id, to: .staging)
            }
            try await context.write {
                try $0.models.setPromotionPolicy(nil, for: .production, of: first)
            }
            let found = try await context.read {
                try $0.models.promotionPolicy(for: .production, of: first)
            }
            #expect(found == strict)
        },
        Scenario("Promotion: a policy that nothing can meet is refused") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            for policy in [
                PromotionPolicy(approvals: -1), PromotionPolicy(approvals: 21),
                PromotionPolicy(approvals: 1, approverRole: .contributor),
                PromotionPolicy(checks: [MetricCheck(.performance("x"))]),
                PromotionPolicy(checks: [MetricCheck(.performance("x"), limit: .nan)]),
                PromotionPolicy(checks: [MetricCheck(.performance("x"), relativeChange: .infinity)]
                ),
                PromotionPolicy(checks: [MetricCheck(.performance([]), limit: 1)]),
                PromotionPolicy(checks: [MetricCheck(.run("", .last), limit: 1)]),
                PromotionPolicy(
                    checks: Array(
                        repeating: MetricCheck(.performance("x"), limit: 1), count: 101)),
            ] {
                await expectError(.invalidValue) { try await site.setPolicy(policy, of: model) }
            }
        },
        Scenario("Promotion: there is no other way to a stage, and to a policy") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            let old = try await site.inProduction(model, figures: [:])
            let policy = PromotionPolicy(approvals: 1)
            try await site.setPolicy(policy, of: model)
            let versions = context.workspace.modelVersions
            let live = try await versions.find(old)
            try await versions.delete(old)
            var copy = live
            (copy.id, copy.version) = (Identifier(), "copy")
            #expect(try await versions.insert(copy).stage == .development)
            #expect(try await versions.restore(old).stage == .archived)
            var changed = try await versions.find(old)
            changed.stage = .production
            changed.promotion = live.promotion
            #expect(try await versions.update(changed).stage == .archived)
            await expectError(.promotionRefused) {
                try await context.workspace.promote(old, to: .production)
            }

            try await context.write { [copy] tx in
                try tx.projects.setPromotionPolicy(
                    policy, for: .staging, of: site.tree.project.id)
                var stored = try tx.models.find(model)
                stored.promotionPolicies = PromotionPolicies()
                #expect(try tx.models.update(stored).promotionPolicies[.production] == policy)
                var project = try tx.projects.find(site.tree.project.id)
                project.settings = ["promotion": [:], "theme": "dark"]
                project = try tx.projects.update(project)
                #expect(project.settings["theme"] == "dark")
                #expect(try project.promotionPolicies[.staging] == policy)
                var other = Fixtures.project(80)
                other.settings = project.settings
                #expect(try tx.projects.insert(other).settings == ["theme": "dark"])
                // What goes and comes back with its model keeps its stage.
                let kept = try tx.modelVersions.promote(
                    copy.id, to: .production, archivingCurrent: nil, overriding: "first")
                try tx.models.delete(model)
                try tx.models.restore(model)
                #expect(try tx.modelVersions.find(kept.id).stage == .production)
            }
        },
        Scenario("Promotion: of two at once, the second is held against the first") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            let check = MetricCheck(
                .performance("x"), absoluteChange: 0.125, passesWithoutBaseline: true)
            try await site.setPolicy(
                PromotionPolicy(checks: [check], archivesCurrent: true), of: model)
            var versions: [Identifier<ModelVersion>] = []
            for _ in 0..<4 {
                versions.append(try await site.version(of: model, figures: ["x": 0.5]).id)
            }
            let outcomes = await withTaskGroup(of: StoreError.Code?.self) { group in
                for version in versions {
                    group.addTask {
                        do {
                            try await context.workspace.promote(version, to: .production)
                            return nil
                        } catch {
                            return (error as? StoreError)?.code ?? .database
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == nil } == 1)
            #expect(outcomes.count { $0 == .promotionRefused } == 3)
            let live = try await context.read {
                try $0.modelVersions.inStage(.production, of: model)
            }
            #expect(live.count == 1)
        },
    ]
}

/// A project with models whose promotions are tried.
struct PromotionSite: Sendable {
    let context: ConformanceContext
    let tree: FixtureTree

    init(_ context: ConformanceContext) async throws {
        self.context = context
        tree = try await context.tree()
    }

    func model(_ number: Int) async throws -> Identifier<Model> {
        try await context.workspace.models.insert(
            Fixtures.model(100 + number, in: tree.project.id)
        ).id
    }

    func version(
        of model: Identifier<Model>, figures: [String: JSONValue?], in workspace: Workspace? = nil
    ) async throws -> ModelVersion {
        try await (workspace ?? context.workspace).write { tx in
            try tx.modelVersions.insert(
                ModelVersion(
                    model: model, version: tx.modelVersions.nextVersion(of: model),
                    performanceMetrics: .object(figures.compactMapValues(\.self))))
        }
    }

    func inProduction(
        _ model: Identifier<Model>, figures: [String: JSONValue?]
    ) async throws -> Identifier<ModelVersion> {
        let version = try await version(of: model, figures: figures)
        return try await context.workspace.promote(
            version.id, to: .production, overriding: "the first"
        ).id
    }

    func setPolicy(_ policy: PromotionPolicy, of model: Identifier<Model>) async throws {
        try await context.write {
            _ = try $0.models.setPromotionPolicy(policy, for: .production, of: model)
        }
    }

    /// The workspace of a member with a role in the project.
    func person(_ number: Int, _ role: ProjectRole) async throws -> Workspace {
        let workspace = try await context.openMember(number)
        try await context.workspace.projectMembers.insert(
            Fixtures.projectMember(
                number, of: workspace.principal.userID, in: tree.project.id, role: role))
        return workspace
    }
}
