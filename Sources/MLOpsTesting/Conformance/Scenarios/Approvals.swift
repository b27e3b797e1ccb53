import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Approvals and rejections of promotions.
    static let approvals: [Scenario] = [
        Scenario("Approvals: so many people, and not the author") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(approvals: 2), of: model)
            let author = try await site.person(70, .maintainer)
            let (second, third) = (
                try await site.person(71, .maintainer), try await site.person(72, .owner)
            )
            let version = try await site.version(of: model, figures: ["x": 1], in: author).id
            let asked = try await author.write {
                try $0.modelVersions.requestPromotion(
                    of: version, to: .production, note: "it is better")
            }
            #expect(asked.promotion.requests.map(\.note) == ["it is better"])
            for approver in [author, second, second] {
                try await approver.approve(version)
            }
            let report = try #require(
                await expectError(.promotionRefused) {
                    try await author.promote(version, to: .production)
                }?.promotion)
            #expect(report.failures.map(\.name) == ["approvals"])
            #expect(report.checks.last?.figure == 1)
            #expect(report.approvers == [second.principal.userID])
            try await third.approve(version)
            let promoted = try await author.promote(version, to: .production)
            #expect(promoted.promotion.requests.isEmpty && promoted.promotion.decisions.isEmpty)
            #expect(promoted.promotion.report?.approvers.count == 2)
            await expectError(.conflict, "it is there") {
                try await third.approve(version)
            }
            // What was approved once is used up.
            try await author.promote(version, to: .archived)
            await expectError(.promotionRefused) {
                try await author.promote(version, to: .production)
            }
        },
        Scenario("Approvals: without four eyes the author counts") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(approvals: 1, fourEyes: false), of: model)
            let author = try await site.person(70, .maintainer)
            let version = try await site.version(of: model, figures: [:], in: author).id
            try await author.approve(version)
            try await author.promote(version, to: .production)
        },
        Scenario("Approvals: void when the figures or the artifact change") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(approvals: 1), of: model)
            let approver = try await site.person(70, .maintainer)
            let changes: [@Sendable (inout ModelVersion) -> Void] = [
                { $0.performanceMetrics = ["x": 2] },
                { $0.artifactSHA256 = String(repeating: "b", count: 64) },
                { $0.artifactURI = "s3://elsewhere" },
                { $0.modelSchema = ["inputs": []] },
                { $0.sourceRunID = site.tree.run.id },
            ]
            for (number, change) in changes.enumerated() {
                let version = try await site.version(of: model, figures: ["x": 1]).id
                try await approver.approve(version)
                let before = try await context.workspace.modelVersions.find(version)
                var changed = before
                change(&changed)
                try await context.workspace.modelVersions.update(changed)
                await expectError(.promotionRefused, "change \(number)") {
                    try await context.workspace.promote(version, to: .production)
                }
                // A description is none of it, and what is changed back is as it was approved.
                var restored = before
                restored.revision = try await context.workspace.modelVersions.find(version).revision
                restored.description = "new"
                try await context.workspace.modelVersions.update(restored)
                try await context.workspace.promote(version, to: .production)
            }
        },
        Scenario("Approvals: void when points are added to the source run") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(approvals: 1), of: model)
            let run = try await context.workspace.runs.insert(
                Fixtures.run(50, of: site.tree.experiment.id, status: .running)
            ).id
            let version = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(60, of: model, sourceRun: run)
            ).id
            let approver = try await site.person(70, .maintainer)
            try await approver.approve(version)
            try await context.write { tx in
                var batch = MetricBatch()
                batch.add("loss", 1, step: 1)
                try tx.runs.append(batch, to: run)
            }
            await expectError(.promotionRefused) {
                try await context.workspace.promote(version, to: .production)
            }
        },
        Scenario("Approvals: count while the approver has the role") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(
                PromotionPolicy(approvals: 1, approverRole: .owner), of: model)
            let (maintainer, owner) = (
                try await site.person(70, .maintainer), try await site.person(71, .owner)
            )
            let version = try await site.version(of: model, figures: [:]).id
            await expectError(.permissionDenied) {
                try await maintainer.approve(version)
            }
            try await owner.approve(version)
            let (user, project) = (owner.principal.userID, site.tree.project.id)
            let member = try #require(
                try await context.read { try $0.projectMembers.membership(of: user, in: project) })
            let losses: [@Sendable (any Transaction) throws -> Void] = [
                { tx in
                    var lower = member
                    lower.role = .maintainer
                    try tx.projectMembers.update(lower)
                },
                { try $0.projectMembers.delete(member.id) },
                { tx in
                    let membership = try tx.memberships.membership(of: user)
                    try tx.memberships.delete(try #require(membership?.id))
                },
            ]
            for loss in losses {
                let report = try await context.undoing { tx in
                    try loss(tx)
                    return try tx.modelVersions.promotionReport(of: version, to: .production)
                }
                #expect(report.checks.map(\.figure) == [0])
            }
            try await context.system { _ = try $0.users.deactivate(user) }
            await expectError(.promotionRefused) {
                try await context.workspace.promote(version, to: .production)
            }
            try await context.system { _ = try $0.users.activate(user) }
            try await context.workspace.promote(version, to: .production)
        },
        Scenario("Approvals: a user and the user's keys are one person") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(approvals: 2), of: model)
            let approver = try await site.person(70, .maintainer)
            let version = try await site.version(of: model, figures: [:]).id
            try await approver.approve(version)
            let key = try await context.program(
                81, ["*": ["*"]], of: approver.principal.userID)
            try await key.approve(version)
            // The key of the author is the author.
            let author = try await context.program(82, ["*": ["*"]])
            try await author.approve(version)
            let report = try await context.read {
                try $0.modelVersions.promotionReport(of: version, to: .production)
            }
            #expect(report.checks.last?.figure == 1)
        },
        Scenario("Approvals: with a key, whoever made it decides") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(approvals: 1), of: model)
            let version = try await site.version(of: model, figures: [:]).id
            let people = [
                try await site.person(70, .maintainer), try await site.person(71, .owner),
            ]
            for person in people {
                let issued = try await context.workspace.issueAPIKey(
                    name: "theirs", permissions: .everything, for: person.principal.userID)
                let rotated = try await context.workspace.rotateAPIKey(issued.key.id)
                for token in [issued.token, rotated.token] {
                    try await context.store.workspace(apiKey: token).approve(version)
                }
            }
            let stored = try await context.workspace.modelVersions.find(version)
            #expect(
                stored.promotion.decisions.map(\.userID) == [context.workspace.principal.userID])
            await expectError(.promotionRefused, "the maker is the author") {
                try await context.workspace.promote(version, to: .production)
            }
        },
        Scenario("Approvals: whoever changes the figures is an author too") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(approvals: 1), of: model)
            let approver = try await site.person(70, .maintainer)
            var version = try await site.version(of: model, figures: ["x": 1])
            version.performanceMetrics = ["x": 2]
            version = try await approver.modelVersions.update(version)
            try await approver.approve(version.id)
            await expectError(.promotionRefused) { [version] in
                try await approver.promote(version.id, to: .production)
            }
            // What passed the gates stays as it was.
            let promoted = try await context.workspace.promote(
                version.id, to: .production, overriding: "tried")
            var changed = promoted
            changed.performanceMetrics = ["x": 3]
            await expectError(.conflict) { [changed] in
                try await context.workspace.modelVersions.update(changed)
            }
            changed = promoted
            changed.description = "new"
            try await context.workspace.modelVersions.update(changed)
        },
        Scenario("Approvals: operators are one person, whomever they name") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(approvals: 2), of: model)
            let version = try await site.version(of: model, figures: [:]).id
            let people = [
                try await site.person(70, .maintainer), try await site.person(71, .owner),
            ].map(\.principal.userID)
            let organization = context.workspace.organizationID
            let start = try await context.chainLength()
            for user in people {
                try await context.store.withSystemAccess(reason: "a shell") { access in
                    try await access.write { tx in
                        _ = try tx.scoped(to: organization, as: .user(user)).modelVersions
                            .approve(version, for: .production)
                    }
                }
            }
            let entries = try await context.entries(after: start)
            #expect(entries.map { $0.details["reason"]?.string } == ["a shell", "a shell"])
            let report = try await context.read {
                try $0.modelVersions.promotionReport(of: version, to: .production)
            }
            #expect(report.checks.last?.figure == 1 && report.approvers.isEmpty)
        },
        Scenario("Approvals: a rejection holds until it is taken back") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            try await site.setPolicy(PromotionPolicy(), of: model)
            let version = try await site.version(of: model, figures: [:]).id
            let reviewer = try await site.person(70, .maintainer)
            _ = try await reviewer.write {
                try $0.modelVersions.reject(version, for: .production, note: "biased")
            }
            let error = await expectError(.promotionRefused) {
                try await context.workspace.promote(version, to: .production)
            }
            #expect(error?.promotion?.failures.map(\.name) == ["rejections"])
            try await reviewer.approve(version)
            try await context.workspace.promote(version, to: .production)
        },
        Scenario("Approvals: a rejection counts also where a stage has no policy") { context in
            let site = try await PromotionSite(context)
            let version = try await site.version(of: site.model(1), figures: [:]).id
            let reviewer = try await site.person(70, .maintainer)
            let author = try await site.person(71, .contributor)
            _ = try await reviewer.write {
                try $0.modelVersions.reject(version, for: .staging, note: "biased")
            }
            let error = await expectError(.promotionRefused) {
                try await author.promote(version, to: .staging)
            }
            #expect(error?.promotion?.failures.map(\.name) == ["rejections"])
            // It is about one stage, and an owner overrides it as any other gate.
            try await context.workspace.promote(version, to: .production)
            let forced = try await context.write { tx in
                try tx.modelVersions.promote(
                    version, to: .staging, archivingCurrent: nil, overriding: "a trial")
            }
            #expect(forced.stage == .staging && forced.promotion.report?.overriding == "a trial")
            _ = try await reviewer.write { tx in
                try tx.modelVersions.reject(version, for: .archived, note: nil)
                try tx.modelVersions.approve(version, for: .archived, note: nil)
            }
            try await author.promote(version, to: .archived)
        },
        Scenario("Approvals: contributors archive, but nothing that is in production") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            let author = try await site.person(71, .contributor)
            let live = try await site.inProduction(model, figures: [:])
            for stage in [ModelStage.archived, .staging, .development] {
                await expectError(.permissionDenied, stage.rawValue) {
                    try await author.promote(live, to: stage)
                }
            }
            let version = try await site.version(of: model, figures: [:], in: author).id
            for stage in [ModelStage.staging, .archived, .development, .archived] {
                #expect(try await author.promote(version, to: stage).stage == stage)
            }
            // Archiving what is in production is not a side effect either.
            await expectError(.permissionDenied) {
                try await author.promote(version, to: .production, archivingCurrent: true)
            }
            let maintainer = try await site.person(70, .maintainer)
            #expect(try await maintainer.promote(live, to: .archived).stage == .archived)
        },
    ]
}

extension Workspace {
    func approve(_ version: Identifier<ModelVersion>) async throws {
        try await write { _ = try $0.modelVersions.approve(version, for: .production) }
    }
}

extension ConformanceContext {
    /// Runs a body in a write transaction of the workspace that is rolled back.
    func undoing<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        do {
            try await write { tx in throw Undone(value: try body(tx)) }
        } catch let undone as Undone<Value> {
            return undone.value
        }
        throw StoreError(.database, "The transaction did not throw.")
    }
}

private struct Undone<Value: Sendable>: Error { let value: Value }
