import MLOpsCore
import Testing

extension Conformance {
    /// Errors name the problem, and never a stored value.
    static let errors: [Scenario] = [
        Scenario("StoreError names the entity and the constraint, never a stored value") {
            context in
            let tree = try await context.tree()
            let secret = "s3cr3t-value"
            let workspace = context.workspace
            try await workspace.models.insert(Fixtures.model(2, in: tree.project.id, name: secret))
            let taken = await expectError(.alreadyExists) {
                try await workspace.models.insert(
                    Fixtures.model(3, in: tree.project.id, name: secret))
            }
            #expect(taken?.entity == "model")
            #expect(taken?.field?.contains("name") == true)
            var run = tree.run
            run.runName = ""
            run.logs = secret
            let check = await expectError(.checkViolation) { [run] in
                try await workspace.runs.update(run)
            }
            #expect(check?.entity == "experiment run")
            #expect(check?.field?.contains("run_name") == true)
            let invalid = await expectError(.invalidValue) {
                try await workspace.models.insert(
                    Fixtures.model(4, in: tree.project.id, name: secret + "\0"))
            }
            for error in [taken, check, invalid] {
                #expect(error?.description.contains(secret) == false)
                #expect(error?.message.isEmpty == false)
            }
        },
        Scenario("StoreError: notFound names the parent that is missing") { context in
            let tree = try await context.tree()
            let error = await expectError(.notFound) {
                try await context.workspace.modelVersions.insert(
                    Fixtures.modelVersion(2, of: Identifier()))
            }
            #expect(error?.entity == "model" && error?.field == "model_id")
            let run = await expectError(.notFound) {
                try await context.workspace.modelVersions.insert(
                    Fixtures.modelVersion(2, of: tree.model.id, sourceRun: Identifier()))
            }
            #expect(run?.entity == "experiment run" && run?.field == "source_run_id")
        },
        Scenario("StoreError: a user who does not exist, wherever a row names one") { context in
            let tree = try await context.tree()
            let (workspace, organization) = (context.workspace, context.workspace.organizationID)
            for absent in [Identifier<User>(), .unassigned] {
                let calls: [(String, String, String, @Sendable () async throws -> Void)] = [
                    (
                        "key", "user", "user_id",
                        {
                            _ = try await workspace.apiKeys.insert(Fixtures.apiKey(9, of: absent))
                        }
                    ),
                    (
                        "project member", "user", "user_id",
                        {
                            _ = try await workspace.projectMembers.insert(
                                Fixtures.projectMember(9, of: absent, in: tree.project.id))
                        }
                    ),
                    (
                        "role", "organization membership", "user_id",
                        {
                            _ = try await workspace.write {
                                _ = try $0.memberships.changeRole(of: absent, to: .admin)
                            }
                        }
                    ),
                ]
                for (name, entity, field, call) in calls {
                    let error = await expectError(.notFound, name) { try await call() }
                    #expect(error?.entity == entity && error?.field == field, "\(name)")
                }
            }
            // Checked by the foreign key alone: who acts in a workspace exists, and a user who is
            // invited is not seen in it yet.
            let absent = Identifier<User>()
            let member = try await context.insertMember(8)
            let acts: [(String, String, @Sendable (any Transaction) throws -> Void)] = [
                (
                    "membership", "organization membership",
                    {
                        _ = try $0.scoped(to: organization, as: workspace.principal).memberships
                            .insert(Fixtures.membership(9, of: absent))
                    }
                ),
                (
                    "acting", "project",
                    {
                        _ = try $0.scoped(to: organization, as: .user(absent)).projects.insert(
                            Fixtures.project(9))
                    }
                ),
                (
                    "created by", "model",
                    {
                        var row = Historical(Fixtures.model(9, in: tree.project.id))
                        try row.set({ $0.createdBy }, to: absent)
                        _ = try $0.scoped(to: organization, as: workspace.principal).models.insert(
                            history: [row])
                    }
                ),
                (
                    "added by", "project member",
                    {
                        var row = Historical(
                            ProjectMember(project: tree.project.id, user: member.id))
                        try row.set({ $0.addedBy }, to: absent)
                        _ = try $0.scoped(to: organization, as: workspace.principal)
                            .projectMembers.insert(history: [row])
                    }
                ),
                (
                    "by a user who does not exist", "user",
                    {
                        var row = Historical(Fixtures.user(9))
                        try row.set({ $0.createdBy }, to: absent)
                        _ = try $0.users.insert(history: [row])
                    }
                ),
            ]
            for (name, entity, act) in acts {
                let error = await expectError(.foreignKeyViolation, name) {
                    try await context.system(act)
                }
                #expect(error?.entity == entity && error?.field == nil, "\(name) \(error as Any)")
            }
            let invited = await expectError(.foreignKeyViolation) {
                try await workspace.memberships.insert(Fixtures.membership(9, of: absent))
            }
            #expect(invited?.entity == "organization membership" && invited?.field == nil)
            await expectError(.notFound) {
                try await context.store.workspace(organization: organization, as: .user(absent))
            }
        },
        Scenario("After an error inside a savepoint the transaction goes on") { context in
            let names = try await context.write { tx in
                try tx.projects.insert(Fixtures.project(1))
                for number in [1, 2, 1, 3] {
                    do {
                        try tx.savepoint { _ = try tx.projects.insert(Fixtures.project(number)) }
                    } catch let error as StoreError where error.code == .alreadyExists {
                        continue
                    }
                }
                return try tx.projects.all().map(\.name)
            }
            #expect(names == ["Project 1", "Project 2", "Project 3"])
        },
    ]
}
