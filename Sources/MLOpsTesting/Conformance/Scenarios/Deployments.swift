import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Deployments and their history.
    static let deployments: [Scenario] = [
        Scenario("DeploymentRepository.deploy serves at once and writes the history") { context in
            let tree = try await context.tree()
            let deployed = try await context.write {
                try $0.deployments.deploy(
                    Fixtures.deployment(2, in: tree.project.id, version: tree.version.id),
                    reason: "launch")
            }
            #expect(deployed.status == .active && deployed.deployedAt != nil)
            let history = try await context.read {
                try $0.deploymentHistory.of(deployment: deployed.id)
            }
            #expect(history.map(\.action) == [.deploy])
            #expect(history.first?.reason == "launch")
            #expect(history.first?.performedBy == context.workspace.principal.userID)
            #expect(history.first?.previousModelVersionID == nil)
            #expect(history.first?.status == .completed)
        },
        Scenario("DeploymentRepository.rollback goes back through what served, like a stack") {
            context in
            let (deployment, versions) = try await versions(3, context)
            for version in versions.dropFirst() {
                try await context.write { try $0.deployments.update(deployment, to: version) }
            }
            let second = try await context.write { try $0.deployments.rollback(deployment) }
            #expect(second.modelVersionID == versions[1])
            let first = try await context.write {
                try $0.deployments.rollback(deployment, reason: "still bad")
            }
            #expect(first.modelVersionID == versions[0])
            await expectError(.conflict, "nothing served before the first") {
                try await context.write { try $0.deployments.rollback(deployment) }
            }
            let third = try await context.write {
                try $0.deployments.rollback(deployment, to: versions[2])
            }
            #expect(third.modelVersionID == versions[2])
            await expectError(.conflict, "it serves that one") {
                try await context.write { try $0.deployments.rollback(deployment, to: versions[2]) }
            }
            let history = try await context.read {
                try $0.deploymentHistory.of(deployment: deployment)
            }
            #expect(
                history.map(\.action) == [
                    .rollback, .rollback, .rollback, .update, .update, .deploy,
                ])
            #expect(history.first?.previousModelVersionID == versions[0])
            #expect(history[1].reason == "still bad")
        },
        Scenario("DeploymentRepository.rollback forward again leaves the way back") { context in
            let (deployment, versions) = try await versions(2, context)
            let served = try await context.write { tx in
                try tx.deployments.update(deployment, to: versions[1])
                try tx.deployments.rollback(deployment)
                try tx.deployments.rollback(deployment, to: versions[1])
                return try tx.deployments.rollback(deployment).modelVersionID
            }
            #expect(served == versions[0])
        },
        Scenario("DeploymentRepository.rollback to a version that never served is refused") {
            context in
            let (deployment, versions) = try await versions(2, context)
            await expectError(.conflict) {
                try await context.write { try $0.deployments.rollback(deployment, to: versions[1]) }
            }
        },
        Scenario("DeploymentRepository.scale changes the limits and keeps them in order") {
            context in
            let (deployment, _) = try await versions(1, context)
            let scaled = try await context.write {
                try $0.deployments.scale(deployment, min: 0, max: 9, reason: "night")
            }
            #expect(scaled.minInstances == 0 && scaled.maxInstances == 9)
            for (low, high) in [(2, 1), (-1, 1)] {
                await expectError(.checkViolation) {
                    try await context.write {
                        try $0.deployments.scale(deployment, min: low, max: high)
                    }
                }
                await expectError(.checkViolation, "it could never be completed") {
                    try await context.write {
                        _ = try $0.deployments.begin(
                            .scale(min: low, max: high), of: deployment, reason: nil,
                            demanding: nil)
                    }
                }
            }
            let history = try await context.read {
                try $0.deploymentHistory.of(deployment: deployment)
            }
            #expect(history.map(\.action) == [.scale, .deploy])
        },
        Scenario("DeploymentRepository.terminate is the end") { context in
            let (deployment, versions) = try await versions(2, context)
            let ended = try await context.write {
                try $0.deployments.terminate(deployment, reason: "retired")
            }
            #expect(ended.status == .terminated && ended.terminatedAt != nil)
            let calls: [(String, @Sendable (any Transaction) throws -> Deployment)] = [
                ("update(to:)", { try $0.deployments.update(deployment, to: versions[1]) }),
                ("scale", { try $0.deployments.scale(deployment, min: 1, max: 1) }),
                ("rollback", { try $0.deployments.rollback(deployment) }),
                ("terminate", { try $0.deployments.terminate(deployment) }),
                ("update", { try $0.deployments.update(ended) }),
            ]
            for (name, call) in calls {
                await expectError(.conflict, name) { try await context.write(call) }
            }
            let live = try await context.read {
                try $0.deployments.liveVersion(of: deployment, at: .distantFuture)
            }
            #expect(live == nil)
        },
        Scenario("DeploymentRepository.liveVersion(of:at:) answers for every time") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            let second = try await workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id))
            let start = try #require(tree.historyEntry.completedAt)
            let changes: [(Int, Identifier<ModelVersion>, DeploymentAction, Double)] = [
                (2, second.id, .update, 100), (3, tree.version.id, .rollback, 200),
                (4, tree.version.id, .terminate, 300),
            ]
            for (number, version, action, seconds) in changes {
                var entry = Fixtures.historyEntry(
                    number, of: tree.deployment.id, version: version, action: action)
                entry.startedAt = start.addingTimeInterval(seconds)
                entry.completedAt = entry.startedAt
                try await context.history(entry)
            }
            // A change that failed or has not ended never went live.
            for (number, status) in [(5, DeploymentActionStatus.failed), (6, .inProgress)] {
                var entry = Fixtures.historyEntry(
                    number, of: tree.deployment.id, version: second.id, action: .update,
                    status: status)
                entry.startedAt = start.addingTimeInterval(250)
                entry.completedAt = status.isFinal ? entry.startedAt : nil
                try await context.history(entry)
            }
            let expected: [(Double, Identifier<ModelVersion>?)] = [
                (-0.000_001, nil), (0, tree.version.id), (99.999_999, tree.version.id),
                (100, second.id), (199, second.id), (200, tree.version.id),
                (299.9, tree.version.id), (300, nil), (1e6, nil),
            ]
            for (seconds, version) in expected {
                let live = try await context.read {
                    try $0.deployments.liveVersion(
                        of: tree.deployment.id, at: start.addingTimeInterval(seconds))
                }
                #expect(live?.id == version, "\(seconds) s after the start")
            }
        },
        Scenario("DeploymentRepository.named, of(project:) and of(version:)") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            let staging = try await workspace.deployments.insert(
                Fixtures.deployment(
                    2, in: tree.project.id, version: tree.version.id, name: tree.deployment.name,
                    environment: .staging))
            await expectError(.alreadyExists) {
                try await workspace.deployments.insert(
                    Fixtures.deployment(
                        3, in: tree.project.id, version: tree.version.id,
                        name: tree.deployment.name))
            }
            let found = try await context.read { tx in
                (
                    named: try tx.deployments.named(
                        staging.name, environment: .staging, in: tree.project.id),
                    missing: try tx.deployments.named(
                        staging.name, environment: .development, in: tree.project.id),
                    project: try tx.deployments.of(project: tree.project.id),
                    version: try tx.deployments.of(version: tree.version.id)
                )
            }
            #expect(found.named == staging && found.missing == nil)
            #expect(found.project == [tree.deployment, staging] && found.version == found.project)
        },
        Scenario("DeploymentRepository.update leaves the version and the limits alone") { context in
            let tree = try await context.tree()
            var copy = tree.deployment
            copy.endpointURL = "https://example.com/new"
            copy = try await context.workspace.deployments.update(copy)
            #expect(copy.endpointURL == "https://example.com/new")
            #expect(copy.modelVersionID == tree.version.id && copy.maxInstances == 3)
        },
        Scenario("DeploymentRepository.mark says what a deployment is doing, and ends none") {
            context in
            let tree = try await context.tree()
            let id = tree.deployment.id
            let history = try await context.read { try $0.deploymentHistory.of(deployment: id) }
            for status in [DeploymentStatus.failed, .inactive, .active] {
                let marked = try await context.write { try $0.deployments.mark(id, as: status) }
                #expect(marked.status == status && marked.modelVersionID == tree.version.id)
            }
            for status in [DeploymentStatus.pending, .deploying, .terminating, .terminated] {
                await expectError(.conflict) {
                    try await context.write { try $0.deployments.mark(id, as: status) }
                }
            }
            #expect(try await context.workspace.deployments.find(id).status == .active)
            #expect(
                try await context.read { try $0.deploymentHistory.of(deployment: id) } == history)
            try await context.write { _ = try $0.deployments.terminate(id) }
            await expectError(.conflict) {
                try await context.write { try $0.deployments.mark(id, as: .active) }
            }
        },
        Scenario("DeploymentRepository refuses to act under system access without a principal") {
            context in
            let tree = try await context.tree()
            await expectError(.permissionDenied) {
                try await context.system { try $0.deployments.terminate(tree.deployment.id) }
            }
            let principal = context.workspace.principal
            try await context.system {
                try $0.scoped(to: tree.organization.id, as: principal).deployments
                    .terminate(tree.deployment.id)
            }
        },
        Scenario("DeploymentRepository.liveVersion(of:at:) tells of versions deleted since") {
            context in
            let (deployment, versions) = try await versions(2, context)
            let before = Fixtures.date.addingTimeInterval(-1)
            try await context.write { try $0.deployments.update(deployment, to: versions[1]) }
            let history = try await context.read {
                try $0.deploymentHistory.of(deployment: deployment)
            }
            let first = try #require(history.last?.completedAt)
            try await context.workspace.modelVersions.delete(versions[0])
            let live = try await context.read {
                (
                    before: try $0.deployments.liveVersion(of: deployment, at: before),
                    first: try $0.deployments.liveVersion(of: deployment, at: first)
                )
            }
            #expect(live.before == nil && live.first?.id == versions[0])
            #expect(live.first?.deletedAt != nil)
        },
        Scenario("DeploymentRepository: changes keep their order on a clock that stands still") {
            context in
            let tree = try await context.tree()
            let second = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id))
            // All changes of a transaction have its time; the deployment is in the future of this
            // clock.
            let future = Date.now.addingTimeInterval(3600)
            var later = Deployment(
                project: tree.project.id, modelVersion: tree.version.id, name: "later",
                environment: .production)
            (later.status, later.deployedAt) = (.active, future)
            let made = try await context.history(later)
            let ended = try await context.write { tx in
                try tx.deployments.update(made.id, to: second.id)
                try tx.deployments.update(made.id, to: tree.version.id)
                try tx.deployments.update(made.id, to: second.id)
                return try tx.deployments.terminate(made.id)
            }
            #expect(try #require(ended.terminatedAt) >= future)
            let history = try await context.read {
                try $0.deploymentHistory.of(deployment: made.id)
            }
            #expect(history.map(\.action) == [.terminate, .update, .update, .update])
            let times = history.compactMap(\.completedAt)
            #expect(times == times.sorted(by: >) && Set(times).count == 4)
            let served = try await times.reversed().asyncMap { time in
                try await context.read { try $0.deployments.liveVersion(of: made.id, at: time) }
            }
            #expect(served.map { $0?.id } == [second.id, tree.version.id, second.id, nil])
        },
    ]

    /// Creates versions, and a deployment that serves the first one.
    private static func versions(
        _ count: Int, _ context: ConformanceContext
    ) async throws -> (Identifier<Deployment>, [Identifier<ModelVersion>]) {
        try await context.write { tx in
            let project = try tx.projects.insert(Fixtures.project(100))
            let model = try tx.models.insert(Fixtures.model(100, in: project.id))
            let versions = try (1...count).map {
                try tx.modelVersions.insert(Fixtures.modelVersion(100 + $0, of: model.id)).id
            }
            let deployment = try tx.deployments.deploy(
                Fixtures.deployment(100, in: project.id, version: versions[0]))
            return (deployment.id, versions)
        }
    }
}
