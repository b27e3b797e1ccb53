import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Soft deletion and restoring, exact to the row.
    static let deletion: [Scenario] = [
        Scenario("Nothing is deleted beneath a row that comes back, or begins to need it") {
            context in
            let tree = try await context.tree()
            try await context.workspace.runs.delete(tree.run.id)
            await context.atOnce {
                try $0.runs.restore(tree.run.id)
            } then: {
                try $0.experiments.delete(tree.experiment.id)
            }
            let left = try await context.read { tx in
                (try tx.runs.count(), try tx.experiments.count())
            }
            #expect(left == (0, 0))
            let next = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id)
            ).id
            let refused = await context.atOnce {
                try $0.deployments.update(tree.deployment.id, to: next)
            } then: {
                try $0.modelVersions.delete(next)
            }
            #expect(refused == .foreignKeyViolation)
            #expect(try await context.workspace.modelVersions.findIfExists(next) != nil)
        },
        Scenario("ProjectRepository.delete takes everything below, and counts it") { context in
            let tree = try await context.tree()
            let deletion = try await context.workspace.projects.delete(tree.project.id)
            let deletable = FixtureTree.projectEntities.filter { $0 is any SoftDeletable.Type }
            #expect(deletion.counts == FixtureTree.counts(of: deletable))
            #expect(deletable.count >= 8)
            for type in FixtureTree.tenantEntities {
                let isGone = try await isEmpty(type, context.workspace)
                #expect(isGone == type.table.belongsToProjects, "\(type)")
            }
        },
        Scenario("ProjectRepository.restore brings back exactly what its deletion took") {
            context in
            let tree = try await context.tree()
            let workspace = context.workspace
            let earlier = try await workspace.runs.insert(Fixtures.run(2, of: tree.experiment.id))
            try await workspace.runs.delete(earlier.id)
            try await workspace.projects.delete(tree.project.id)
            try await workspace.projects.restore(tree.project.id)
            #expect(try await workspace.runs.all().map(\.id) == [tree.run.id])
            #expect(try await workspace.metrics.all() == [tree.metric])
            #expect(try await workspace.deployments.find(tree.deployment.id).deletedAt == nil)
            #expect(try await workspace.notificationRules.count() == 1)
            try await workspace.runs.restore(earlier.id)
            #expect(try await workspace.runs.count() == 2)
        },
        Scenario("restore of a row that went with its parent is a conflict") { context in
            let tree = try await context.tree()
            try await context.workspace.projects.delete(tree.project.id)
            let error = await expectError(.conflict) {
                try await context.workspace.models.restore(tree.model.id)
            }
            #expect(error?.message.contains("project") == true)
        },
        Scenario("restore below a parent that was deleted later is a conflict") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            try await workspace.runs.delete(tree.run.id)
            try await workspace.experiments.delete(tree.experiment.id)
            await expectError(.conflict) { try await workspace.runs.restore(tree.run.id) }
            try await workspace.experiments.restore(tree.experiment.id)
            try await workspace.runs.restore(tree.run.id)
        },
        Scenario("restore into a taken name throws alreadyExists and restores nothing") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            try await workspace.deployments.delete(tree.deployment.id)
            try await workspace.models.delete(tree.model.id)
            let usurper = try await workspace.models.insert(
                Fixtures.model(2, in: tree.project.id, name: tree.model.name))
            await expectError(.alreadyExists) { try await workspace.models.restore(tree.model.id) }
            #expect(try await workspace.modelVersions.count() == 0)
            try await workspace.models.delete(usurper.id)
            try await workspace.models.restore(tree.model.id)
            #expect(try await workspace.modelVersions.count() == 1)
        },
        Scenario("No call tells the keys of deleted rows from keys of nothing") { context in
            let workspace = context.workspace
            let own = try await CallSite.stored(context)
            let absent = try await CallSite.absent(context)
            let deleted = try await CallSite.stored(context, 2)
            try await workspace.projects.delete(deleted.project.id)
            try await workspace.notificationChannels.delete(deleted.channel.id)
            try await workspace.apiKeys.delete(deleted.apiKey.id)
            let exclusions = [
                "UserRepository.": "The people are still there.",
                "OrganizationRepository.": "The organization is still there.",
                "OrganizationMembershipRepository.": "The members are still there.",
                "AuditLogRepository.": "The trail tells of deleted rows.",
                "APIKeyRepository.insert": "The key's user is still there.",
                "APIKeyRepository.of": "The key's user is still there.",
                " of no project": "No deletion of a project takes the row along.",
                ".restore": "It is for deleted rows.", ".purge": "It is for deleted rows.",
            ]
            for call in Call.keyed where !call.isExcluded(by: exclusions) {
                let difference = await call.difference(
                    between: deleted, and: absent, from: own, in: workspace)
                #expect(difference == nil, "\(call.name)")
            }
        },
        Scenario("insert below a deleted parent throws notFound") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            try await workspace.experiments.delete(tree.experiment.id)
            await expectError(.notFound) {
                try await workspace.runs.insert(Fixtures.run(2, of: tree.experiment.id))
            }
            await expectError(.notFound, "the run is deleted too") {
                try await workspace.metrics.insert(Fixtures.metric(2, of: tree.run.id))
            }
            await expectError(.notFound) {
                try await context.read { try $0.metrics.names(of: tree.run.id) }
            }
            try await workspace.projects.delete(tree.project.id)
            await expectError(.notFound) {
                try await workspace.models.insert(Fixtures.model(2, in: tree.project.id))
            }
        },
        Scenario("ModelVersionRepository.delete of a deployed version is refused") { context in
            let tree = try await context.tree()
            let error = await expectError(.foreignKeyViolation) {
                try await context.workspace.modelVersions.delete(tree.version.id)
            }
            #expect(error?.field == "deployments.model_version_id")
            await expectError(.foreignKeyViolation) {
                try await context.workspace.models.delete(tree.model.id)
            }
            #expect(try await context.workspace.models.find(tree.model.id) == tree.model)
        },
        Scenario("DeploymentRepository.restore needs its version to be live") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            try await workspace.deployments.delete(tree.deployment.id)
            try await workspace.modelVersions.delete(tree.version.id)
            await expectError(.conflict) {
                try await workspace.deployments.restore(tree.deployment.id)
            }
            try await workspace.modelVersions.restore(tree.version.id)
            try await workspace.deployments.restore(tree.deployment.id)
        },
        Scenario("restore does not bring a row back below another deleted parent") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            try await workspace.notificationChannels.delete(tree.channel.id)
            try await workspace.projects.delete(tree.project.id)
            // The rule depends on both; however the restore is refused, the rule must not be live
            // alone.
            _ = try? await workspace.notificationChannels.restore(tree.channel.id)
            #expect(try await workspace.notificationRules.count() == 0)
        },
        Scenario("ExperimentRunRepository.delete takes runs inside, however deep") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            var parent = tree.run.id
            for number in 2...12 {
                parent = try await workspace.runs.insert(
                    Fixtures.run(number, of: tree.experiment.id, parent: parent)
                ).id
            }
            let deletion = try await workspace.runs.delete(tree.run.id)
            #expect(deletion.counts == ["experiment_runs": 12])
            #expect(try await workspace.runs.count() == 0)
            try await workspace.runs.restore(tree.run.id)
            #expect(try await workspace.runs.count() == 12)
        },
        Scenario("update of a row whose optional parent was deleted still works") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            try await workspace.runs.delete(tree.run.id)
            var version = tree.version
            version.description = "its run is gone"
            version = try await workspace.modelVersions.update(version)
            #expect(version.description == "its run is gone")
            let lineage = try await context.read { [id = version.id] in
                try $0.modelVersions.lineage(of: id)
            }
            #expect(lineage.run == nil && lineage.experiment == nil)
        },
        Scenario("A deleted name can be used again") { context in
            let first = try await context.workspace.projects.insert(Fixtures.project(1))
            try await context.workspace.projects.delete(first.id)
            let second = try await context.workspace.projects.insert(
                Fixtures.project(2, name: first.name))
            #expect(try await context.read { try $0.projects.withSlug(first.slug) } == second)
        },
        Scenario("OrganizationRepository.delete and restore take the tenant and nothing else") {
            context in
            let tree = try await context.tree()
            let other = try await context.otherWorkspace()
            let otherTree = try await Fixtures.insertTree(into: other, number: 2)
            let id = context.workspace.organizationID
            let deletion = try await context.system { try $0.organizations.delete(id) }
            #expect(deletion.counts["organizations"] == 1 && deletion.counts["api_keys"] == 1)
            await expectError(.notFound) {
                try await context.store.workspace(
                    organization: id, as: context.workspace.principal)
            }
            #expect(try await other.runs.all() == [otherTree.run])
            try await context.system { try $0.organizations.restore(id) }
            #expect(try await context.workspace.models.find(tree.model.id).name == tree.model.name)
        },
        Scenario("Repository.insert of a copy of a deleted row makes a live one") { context in
            let first = try await context.workspace.projects.insert(Fixtures.project(1))
            var copy = first
            copy.name = "renamed"
            copy = try await context.workspace.projects.update(copy)
            try await context.workspace.projects.delete(first.id)
            let deleted = try #require(
                await context.workspace.projects.page(Query(deleted: .only)).first)
            try await context.workspace.projects.purge(first.id)
            let stored = try await context.workspace.projects.insert(deleted)
            #expect(stored.deletedAt == nil && stored.deletionID == nil && stored.revision == 1)
            #expect(stored.name == "renamed")
            #expect(try await context.workspace.projects.all() == [stored])
        },
    ]

    private static func isEmpty<Record: FixtureEntity>(
        _ type: Record.Type, _ workspace: Workspace
    ) async throws -> Bool { try await type.records(in: workspace).count() == 0 }
}

extension ConformanceContext {
    /// Makes two changes at once: the second begins while the first is not committed yet.
    ///
    /// - Returns: The code of the error of the second.
    @discardableResult
    func atOnce<First, Second>(
        _ first: @escaping @Sendable (any Transaction) throws -> First,
        then second: @escaping @Sendable (any Transaction) throws -> Second
    ) async -> StoreError.Code? {
        let isMade = AsyncStream<Void>.makeStream()
        async let firstCode = code {
            try await write { tx in
                _ = try first(tx)
                isMade.continuation.finish()
                // The second gets this long to pass the first, which it must not.
                Thread.sleep(forTimeInterval: 0.3)
            }
        }
        for await _ in isMade.stream {}
        let secondCode = await code { try await write { _ = try second($0) } }
        #expect(await firstCode == nil)
        return secondCode
    }
}
