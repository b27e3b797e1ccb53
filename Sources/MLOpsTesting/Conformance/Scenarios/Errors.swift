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
        Scenario("StoreError: a user who does not exist") { context in
            let tree = try await context.tree()
            await expectError(.foreignKeyViolation) {
                try await context.workspace.memberships.insert(
                    Fixtures.membership(9, of: Identifier()))
            }
            await expectError(.notFound) {
                try await context.workspace.apiKeys.insert(Fixtures.apiKey(9, of: Identifier()))
            }
            await expectError(.notFound) {
                try await context.workspace.projectMembers.insert(
                    Fixtures.projectMember(9, of: Identifier(), in: tree.project.id))
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
