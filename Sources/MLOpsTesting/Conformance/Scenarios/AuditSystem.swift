import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Audit entries of calls that need preparation.
    static let auditSystem: [Scenario] = [
        Scenario("Audit: users and organizations under system access") { context in
            let user = Fixtures.user(50)
            let organization = Fixtures.organization(50)
            try await context.system { tx in
                var stored = try tx.users.insert(user)
                stored.isVerified = true
                try tx.users.update(stored)
                try tx.users.delete(user.id)
                try tx.users.restore(user.id)
                try tx.users.delete(user.id)
                try tx.users.purge(user.id)
            }
            let verbs = ["create", "update", "delete", "restore", "delete", "purge"]
            let ofUser = try await context.trail { $0.resourceID == user.id.description }
            #expect(ofUser.map(\.action) == verbs.map { "user.\($0)" })
            #expect(ofUser.allSatisfy { $0.organizationID == nil })
            #expect(ofUser[1].changedFields == ["is_verified"])
            #expect(ofUser[5].details["rows"] == ["users": 1])

            try await context.system { tx in
                var stored = try tx.organizations.insert(organization)
                stored.maxModels = 7
                try tx.organizations.update(stored)
                try tx.organizations.delete(organization.id)
                try tx.organizations.restore(organization.id)
                try tx.organizations.delete(organization.id)
                try tx.organizations.purge(organization.id)
            }
            let ofTenant = try await context.trail {
                $0.organizationID == organization.id
            }
            #expect(ofTenant.map(\.action) == verbs.map { "organization.\($0)" })
            #expect(ofTenant.allSatisfy { $0.resourceID == organization.id.description })
            #expect(ofTenant[1].changedFields == ["max_models"])
            #expect(
                (ofUser + ofTenant).allSatisfy {
                    $0.details["reason"] == "conformance" && $0.userID == nil
                })
        },
        Scenario("Audit: a user's deletion is in the trail of each organization") { context in
            let user = try await context.insertMember(50).id
            let other = try await context.otherWorkspace(60)
            try await other.memberships.insert(Fixtures.membership(61, of: user))
            try await other.apiKeys.insert(Fixtures.apiKey(1, of: user))
            try await context.system { tx in
                try tx.users.delete(user)
                try tx.users.restore(user)
                try tx.users.delete(user)
                try tx.users.purge(user)
            }
            let concerned: [(Workspace, JSONValue)] = [
                (context.workspace, ["organization_memberships": 1]),
                (other, ["api_keys": 1, "organization_memberships": 1]),
            ]
            for (workspace, rows) in concerned {
                let entries = try await workspace.auditLogs.all(
                    where: { $0.resourceID == user.description },
                    order: { [$0.sequence.ascending] })
                #expect(
                    entries.map(\.action) == [
                        "user.delete", "user.restore", "user.delete", "user.purge",
                    ])
                #expect(entries.allSatisfy { $0.details["rows"] == rows })
                let report = try await workspace.read { try $0.auditLogs.verifyChain() }
                #expect(report.isIntact)
            }
        },
        Scenario("Audit: refused sign-ins and keys are recorded if the store is to") { context in
            let user = try await context.insertMember(50).id
            let address = try await context.workspace.users.find(user).email
            let revoked = try await context.workspace.issueAPIKey(
                name: "key", permissions: .everything, for: user)
            try await context.write { _ = try $0.apiKeys.revoke(revoked.key.id) }
            let unknown = APIKeyToken.generate().text
            for (access, count) in [([] as AuditedAccess, 0), ([.failedSignIns, .refusedKeys], 4)] {
                let store = RekeyedStore(
                    base: context.backend, keys: context.backend.keys, auditedAccess: access)
                for email in [address, "nobody@example.com"] {
                    await expectError(.permissionDenied) {
                        try await store.signIn(email: email, password: Secret("canary-password"))
                    }
                }
                for token in [revoked.token, unknown] {
                    await expectError(.permissionDenied) {
                        try await store.workspace(apiKey: token)
                    }
                }
                let entries = try await context.trail {
                    $0.action == "user.refuse_sign_in" || $0.action == "api_key.refuse"
                }
                #expect(entries.count == count)
                guard count > 0 else { continue }
                let system = entries.filter { $0.organizationID == nil }
                #expect(
                    Set(system.map { $0.resourceID ?? "" }) == ["", user.description]
                        && system.count == 3)
                let own = entries.filter { $0.organizationID != nil }
                #expect(own.map(\.resourceID) == [revoked.key.id.description])
                #expect(!entries.contains { "\($0)".contains("nobody@") })
            }
        },
        Scenario("Audit: a rollback, and deletions of what is not deployed") { context in
            let tree = try await context.tree()
            let second = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id))
            let model = try await context.workspace.models.insert(
                Fixtures.model(2, in: tree.project.id))
            try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(3, of: model.id))
            let deployment = try await context.write { tx in
                let deployment = try tx.deployments.deploy(
                    Fixtures.deployment(2, in: tree.project.id, version: tree.version.id))
                return try tx.deployments.update(deployment.id, to: second.id)
            }
            let entries = try await context.entries { tx in
                try tx.deployments.rollback(deployment.id)
                try tx.models.delete(model.id)
                try tx.deployments.delete(deployment.id)
                try tx.modelVersions.delete(second.id)
            }
            #expect(
                entries.map(\.action) == [
                    "deployment.rollback", "deployment_history.create", "model.delete",
                    "deployment.delete", "model_version.delete",
                ])
            #expect(
                [0, 2, 3, 4].map { entries[$0].resourceID } == [
                    deployment.id.description, model.id.description, deployment.id.description,
                    second.id.description,
                ])
            #expect(entries[0].changedFields == ["model_version_id"])
            #expect(entries[2].details["rows"] == ["models": 1, "model_versions": 1])
            #expect(entries[4].details["rows"] == ["model_versions": 1])
        },
        Scenario("Audit: a member who leaves") { context in
            let member = try await context.openMember(50)
            let before = try await context.chainLength()
            let user = member.principal.userID
            try await member.write { tx in
                if let own = try tx.memberships.membership(of: user) {
                    try tx.memberships.delete(own.id)
                }
            }
            let entries = try await context.workspace.auditLogs.all(
                where: { $0.sequence > before })
            #expect(entries.map(\.action) == ["organization_membership.delete"])
            #expect(entries.first?.userID == user)
        },
        Scenario("Audit: an artifact, and a run whose process is gone") { context in
            let file = FileManager.default.temporaryDirectory
                .appending(path: "mlops-audit-\(UUID())")
            try Data("weights".utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let tree = try await context.tree()
            let abandoned = try await context.workspace.runs.insert(
                Fixtures.run(2, of: tree.experiment.id, status: .running))
            let run = try await context.workspace.resumeRun(tree.run.id)
            let before = try await context.chainLength()
            try await run.logArtifact(file, named: "weights")
            let ended = try await context.workspace.recoverAbandonedRuns()
            #expect(ended.map(\.id) == [abandoned.id])
            let entries = try await context.workspace.auditLogs.all(
                where: { $0.sequence > before }, order: { [$0.sequence.ascending] })
            #expect(entries.map(\.action) == ["experiment_run.update", "experiment_run.end"])
            #expect(
                entries.map(\.resourceID) == [
                    tree.run.id.description, abandoned.id.description,
                ])
            #expect(entries.first?.changedFields == ["artifacts"])
            try await run.finish()
        },
    ]
}

extension AuditLog {
    /// The names of the fields that changed.
    fileprivate var changedFields: [String] {
        (details["changes"]?.object ?? [:]).keys.sorted()
    }
}

extension ConformanceContext {
    /// The matching entries of all chains, ordered by sequence number.
    fileprivate func trail(
        where filter: @escaping @Sendable (AuditLog.Columns) -> Filter<AuditLog>
    ) async throws -> [AuditLog] {
        try await system { tx in
            try tx.auditLogs.all(where: filter, order: { [$0.sequence.ascending] })
        }
    }
}
