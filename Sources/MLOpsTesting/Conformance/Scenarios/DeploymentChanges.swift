import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Changes of deployments that take time.
    static let deploymentChanges: [Scenario] = [
        Scenario("DeploymentRepository.begin and complete: what serves changes at the end") {
            context in
            let tree = try await context.tree()
            let (id, old) = (tree.deployment.id, tree.version.id)
            let next = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id)
            ).id
            let steps: [(DeploymentChange, DeploymentStatus, Identifier<ModelVersion>?)] = [
                (.update(to: next), .deploying, next), (.scale(min: 2, max: 5), .deploying, next),
                (.rollback(to: nil), .deploying, old), (.terminate, .terminating, nil),
            ]
            for (change, during, live) in steps {
                let before = try await context.workspace.deployments.find(id)
                let begun = try await context.write {
                    try $0.deployments.begin(change, of: id, reason: "because")
                }
                #expect(begun.status == .inProgress && begun.completedAt == nil)
                #expect(begun.performedBy == context.workspace.principal.userID)
                #expect(begun.previousModelVersionID == before.modelVersionID)
                let (changing, serving, open) = try await context.read { tx in
                    (
                        try tx.deployments.find(id),
                        try tx.deployments.liveVersion(of: id, at: .distantFuture),
                        try tx.deploymentHistory.inProgress(of: id)
                    )
                }
                #expect(changing.status == during && open == begun)
                #expect(changing.modelVersionID == before.modelVersionID)
                #expect(serving?.id == before.modelVersionID)
                let done = try await context.write { try $0.deployments.complete(begun.id) }
                #expect(done.status == (live == nil ? .terminated : .active), "\(change)")
                let (served, ended) = try await context.read { tx in
                    (
                        try tx.deployments.liveVersion(of: id, at: .distantFuture),
                        try tx.deploymentHistory.find(begun.id)
                    )
                }
                #expect(served?.id == live && ended.status == .completed, "\(change)")
                #expect(try #require(ended.completedAt) >= ended.startedAt)
                await expectError(.conflict, "it has ended") {
                    try await context.write { try $0.deployments.complete(begun.id) }
                }
                await expectError(.conflict, "it has ended") {
                    try await context.write { try $0.deployments.fail(begun.id, error: nil) }
                }
            }
            let last = try await context.workspace.deployments.find(id)
            #expect(last.minInstances == 2 && last.maxInstances == 5)
        },
        Scenario("DeploymentRepository.fail leaves a deployment as it was") { context in
            let tree = try await context.tree()
            let id = tree.deployment.id
            let next = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id)
            ).id
            let changes: [DeploymentChange] = [
                .update(to: next), .scale(min: 2, max: 9), .terminate,
            ]
            for status in [DeploymentStatus.active, .inactive, .failed] {
                _ = try await context.write { try $0.deployments.mark(id, as: status) }
                for change in changes {
                    let begun = try await context.write { try $0.deployments.begin(change, of: id) }
                    let failed = try await context.write {
                        try $0.deployments.fail(begun.id, error: "no quota")
                    }
                    #expect(failed.status == status && failed.modelVersionID == tree.version.id)
                    #expect(failed.maxInstances == tree.deployment.maxInstances)
                    let entry = try await context.workspace.deploymentHistory.find(begun.id)
                    #expect(entry.status == .failed && entry.errorMessage == "no quota")
                }
            }
            // One that has never served has failed.
            let new = try await context.write {
                try $0.deployments.begin(
                    Fixtures.deployment(2, in: tree.project.id, version: tree.version.id))
            }
            let deploying = try await context.workspace.deployments.find(new.deploymentID)
            #expect(deploying.status == .deploying && deploying.deployedAt == nil)
            let failed = try await context.write { try $0.deployments.fail(new.id, error: nil) }
            #expect(failed.status == .failed && failed.deployedAt == nil)
            // It can be tried again.
            let again = try await context.write {
                try $0.deployments.begin(.update(to: tree.version.id), of: new.deploymentID)
            }
            let served = try await context.write { try $0.deployments.complete(again.id) }
            #expect(served.status == .active && served.deployedAt != nil)
        },
        Scenario("Deployments: one change at a time") { context in
            let tree = try await context.tree()
            let (id, version) = (tree.deployment.id, tree.version.id)
            let outcomes = await withTaskGroup(of: StoreError.Code?.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        await context.code {
                            try await context.write {
                                _ = try $0.deployments.begin(.scale(min: 1, max: 2), of: id)
                            }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == nil } == 1)
            #expect(outcomes.count { $0 == .conflict } == 3)
            let others: [(String, @Sendable (any Transaction) throws -> Void)] = [
                ("update", { _ = try $0.deployments.update(id, to: version) }),
                ("scale", { _ = try $0.deployments.scale(id, min: 1, max: 1) }),
                ("rollback", { _ = try $0.deployments.rollback(id) }),
                ("terminate", { _ = try $0.deployments.terminate(id) }),
                ("mark", { _ = try $0.deployments.mark(id, as: .failed) }),
            ]
            for (name, change) in others {
                let error = await expectError(.conflict, name) { try await context.write(change) }
                #expect(error?.message.contains("in progress") == true, "\(name)")
            }
            // Whoever maintains the project ends one that is stuck.
            let maintainer = try await context.openMember(70)
            try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(
                    70, of: maintainer.principal.userID, in: tree.project.id, role: .maintainer))
            try await maintainer.write { tx in
                let stuck = try #require(try tx.deploymentHistory.inProgress(of: id))
                _ = try tx.deployments.fail(stuck.id, error: "stuck")
                _ = try tx.deployments.scale(id, min: 1, max: 2)
            }
        },
        Scenario("Deployments: a version that was deleted meanwhile is not served") { context in
            let tree = try await context.tree()
            let next = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id)
            ).id
            let change = try await context.write {
                try $0.deployments.begin(.update(to: next), of: tree.deployment.id)
            }
            try await context.workspace.modelVersions.delete(next)
            await expectError(.conflict) {
                try await context.write { try $0.deployments.complete(change.id) }
            }
            let failed = try await context.write { try $0.deployments.fail(change.id, error: nil) }
            #expect(failed.status == .active && failed.modelVersionID == tree.version.id)
        },
        Scenario("Deployments: a stage can be demanded") { context in
            let tree = try await context.tree()
            let next = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id)
            ).id
            let (id, new) = (
                tree.deployment.id,
                Fixtures.deployment(2, in: tree.project.id, version: next)
            )
            let calls: [(String, @Sendable (any Transaction) throws -> Void)] = [
                (
                    "update",
                    {
                        _ = try $0.deployments.update(
                            id, to: next, reason: nil, demanding: .production)
                    }
                ),
                (
                    "begin",
                    {
                        _ = try $0.deployments.begin(
                            .update(to: next), of: id, reason: nil, demanding: .production)
                    }
                ),
                (
                    "deploy",
                    { _ = try $0.deployments.deploy(new, reason: nil, demanding: .production) }
                ),
                (
                    "begin one",
                    { _ = try $0.deployments.begin(new, reason: nil, demanding: .production) }
                ),
            ]
            for (name, call) in calls {
                await expectError(.conflict, name) { try await context.write(call) }
            }
            _ = try await context.write { try $0.modelVersions.promote(next, to: .production) }
            for (name, call) in calls {
                #expect(await context.code { try await context.undoing(call) } == nil, "\(name)")
            }
        },
        Scenario("Deployments: a demanded stage is demanded again at the end") { context in
            let tree = try await context.tree()
            let next = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id)
            ).id
            let id = tree.deployment.id
            let new = Fixtures.deployment(2, in: tree.project.id, version: next)
            let begins: [@Sendable (any Transaction) throws -> DeploymentHistoryEntry] = [
                {
                    try $0.deployments.begin(
                        .update(to: next), of: id, reason: nil, demanding: .production)
                },
                { try $0.deployments.begin(new, reason: nil, demanding: .production) },
            ]
            for begin in begins {
                try await context.workspace.promote(next, to: .production)
                let change = try await context.write(begin)
                #expect(change.demandedStage == .production)
                try await context.workspace.promote(next, to: .archived)
                let error = await expectError(.conflict) {
                    try await context.write { try $0.deployments.complete(change.id) }
                }
                #expect(error?.message.contains("is in archived") == true)
                let stuck = try await context.workspace.deployments.find(change.deploymentID)
                #expect(stuck.status == .deploying)
                // It may come back, or the change is given up.
                try await context.workspace.promote(next, to: .production)
                let done = try await context.undoing { try $0.deployments.complete(change.id) }
                #expect(done.status == .active && done.modelVersionID == next)
                let failed = try await context.write {
                    try $0.deployments.fail(change.id, error: "archived")
                }
                #expect(failed.status == (change.deploymentID == id ? .active : .failed))
            }
            // What names no version demands nothing of one.
            let end = try await context.write {
                try $0.deployments.begin(.terminate, of: id, reason: nil, demanding: .archived)
            }
            #expect(end.demandedStage == nil)
        },
        Scenario("Deployments: what has never served is not marked as active") { context in
            let tree = try await context.tree()
            let new = try await context.write {
                try $0.deployments.begin(
                    Fixtures.deployment(2, in: tree.project.id, version: tree.version.id))
            }
            let id = new.deploymentID
            _ = try await context.write { try $0.deployments.fail(new.id, error: nil) }
            await expectError(.conflict) {
                try await context.write { try $0.deployments.mark(id, as: .active) }
            }
            let marked = try await context.write { try $0.deployments.mark(id, as: .inactive) }
            #expect(marked.status == .inactive && marked.deployedAt == nil)
            let served = try await context.write { tx in
                _ = try tx.deployments.update(id, to: tree.version.id)
                _ = try tx.deployments.mark(id, as: .failed)
                return try tx.deployments.mark(id, as: .active)
            }
            #expect(served.status == .active && served.deployedAt != nil)
        },
    ]
}
