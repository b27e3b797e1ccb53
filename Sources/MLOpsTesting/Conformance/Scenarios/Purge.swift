import MLOpsCore
import Testing

extension Conformance {
    /// Purges, which cannot be undone.
    static let purge: [Scenario] = [
        Scenario("ProjectRepository.purge removes what its preview counts") { context in
            let tree = try await context.tree()
            let kept = try await context.tree(2)
            let workspace = context.workspace
            try await workspace.projects.delete(tree.project.id)
            let preview = try await workspace.projects.purgePreview(tree.project.id)
            #expect(preview.counts == FixtureTree.counts(of: FixtureTree.projectEntities))
            #expect(preview.counts.count >= 13)
            #expect(preview.blockers.isEmpty)
            #expect(try await workspace.projects.purge(tree.project.id) == preview)
            #expect(try await workspace.runs.page(Query(deleted: .included)).records == [kept.run])
            #expect(try await workspace.metrics.page(Query(deleted: .included)).count == 1)
            #expect(try await workspace.alerts.all() == [kept.alert])
            let trail = try await context.read {
                try $0.auditLogs.of(resource: "project", id: tree.project.id.description)
            }
            #expect(trail.map(\.action) == ["project.purge", "project.delete", "project.create"])
        },
        Scenario("purge names the rows outside that still need it") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            try await workspace.deployments.delete(tree.deployment.id)
            try await workspace.modelVersions.delete(tree.version.id)
            let preview = try await workspace.modelVersions.purgePreview(tree.version.id)
            #expect(preview.counts == ["model_versions": 1])
            #expect(
                preview.blockers == [
                    "deployments.model_version_id": 1, "deployment_history.model_version_id": 1,
                ])
            await expectError(.foreignKeyViolation) {
                try await workspace.modelVersions.purge(tree.version.id)
            }
            try await workspace.deployments.purge(tree.deployment.id)
            try await workspace.modelVersions.purge(tree.version.id)
        },
        Scenario("purge clears the references that outlive it") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            try await workspace.runs.delete(tree.run.id)
            try await workspace.runs.purge(tree.run.id)
            #expect(try await workspace.modelVersions.find(tree.version.id).sourceRunID == nil)
            try await workspace.deployments.delete(tree.deployment.id)
            try await workspace.deployments.purge(tree.deployment.id)
            try await workspace.models.delete(tree.model.id)
            try await workspace.models.purge(tree.model.id)
            #expect(try await workspace.experiments.find(tree.experiment.id).modelID == nil)
        },
        Scenario("ExperimentRunRepository.purge takes runs inside and their points") { context in
            let tree = try await context.tree()
            let workspace = context.workspace
            let child = try await workspace.runs.insert(
                Fixtures.run(2, of: tree.experiment.id, parent: tree.run.id))
            let grandchild = try await workspace.runs.insert(
                Fixtures.run(3, of: tree.experiment.id, parent: child.id))
            try await workspace.metrics.insert(Fixtures.metric(2, of: grandchild.id))
            try await workspace.runs.delete(tree.run.id)
            let purged = try await workspace.runs.purge(tree.run.id)
            #expect(purged.counts == ["experiment_runs": 3, "run_metrics": 2])
            #expect(try await workspace.metrics.page(Query(deleted: .included)).isEmpty)
        },
        Scenario("UserRepository.purge refuses a user whose work is still there") { context in
            let user = try await context.insertMember(2)
            let member = try await context.store.workspace(
                organization: context.workspace.organizationID, as: .user(user.id))
            try await member.projects.insert(Fixtures.project(1))
            try await context.system { try $0.users.delete(user.id) }
            let error = await expectError(.foreignKeyViolation) {
                try await context.system { try $0.users.purge(user.id) }
            }
            #expect(error?.field == "projects.created_by")
        },
        Scenario("UserRepository.purge removes memberships and keys") { context in
            let user = try await context.insertMember(2)
            try await context.workspace.apiKeys.insert(Fixtures.apiKey(1, of: user.id))
            try await context.system { try $0.users.delete(user.id) }
            #expect(try await context.workspace.apiKeys.count() == 0)
            let purged = try await context.system { try $0.users.purge(user.id) }
            #expect(
                purged.counts == ["users": 1, "organization_memberships": 1, "api_keys": 1])
        },
        Scenario("OrganizationRepository.purge removes the tenant and keeps its trail") { context in
            let other = try await context.otherWorkspace()
            _ = try await Fixtures.insertTree(into: other, number: 2)
            let id = other.organizationID
            let before = try await other.auditLogs.count()
            try await context.system { try $0.organizations.delete(id) }
            let purged = try await context.system { try $0.organizations.purge(id) }
            #expect(purged.counts["organizations"] == 1 && purged.counts["run_metrics"] == 1)
            let left = try await context.system { tx in
                (
                    projects: try tx.projects.count(Query(deleted: .included)),
                    trail: try tx.auditLogs.count { $0.organizationID == id },
                    last: try tx.auditLogs.first(
                        where: { $0.organizationID == id }, order: { [$0.sequence.descending] })
                )
            }
            #expect(left.projects == 0 && before > 0 && left.trail == before + 2)
            #expect(left.last?.action == "organization.purge")
        },
    ]
}
