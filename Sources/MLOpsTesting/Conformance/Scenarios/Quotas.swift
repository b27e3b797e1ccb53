import MLOpsCore
import Testing

extension Conformance {
    /// The organization's limits.
    static let quotas: [Scenario] = [
        Scenario("max_projects holds when 64 tasks insert at once") { context in
            let other = try await context.otherWorkspace(maxProjects: 10)
            let stored = try await succeeding(of: 64) { number in
                _ = try await other.projects.insert(Fixtures.project(number))
            }
            #expect(stored == 10)
            #expect(try await other.projects.count() == 10)
            try await context.workspace.projects.insert(Fixtures.project(99))
        },
        Scenario("max_projects counts live projects, and restore holds it") { context in
            let other = try await context.otherWorkspace(maxProjects: 1)
            let first = try await other.projects.insert(Fixtures.project(1))
            let error = await expectError(.quotaExceeded) {
                try await other.projects.insert(Fixtures.project(2))
            }
            #expect(error?.field == "max_projects")
            try await other.projects.delete(first.id)
            let second = try await other.projects.insert(Fixtures.project(2))
            await expectError(.quotaExceeded) { try await other.projects.restore(first.id) }
            #expect(try await other.projects.all() == [second])
            await expectError(.quotaExceeded, "many at once") {
                try await other.projects.insert(
                    contentsOf: [Fixtures.project(3), Fixtures.project(4)])
            }
        },
        Scenario("max_models and max_users hold") { context in
            let tree = try await context.tree()
            try await context.system { tx in
                var organization = try tx.organizations.find(tree.organization.id)
                organization.maxModels = 2
                organization.maxUsers = 2
                try tx.organizations.update(organization)
            }
            let stored = try await succeeding(of: 16) { number in
                _ = try await context.workspace.models.insert(
                    Fixtures.model(number + 1, in: tree.project.id))
            }
            #expect(stored == 1)
            _ = try await context.insertMember(2)
            let third = try await context.insertUser(3)
            let error = await expectError(.quotaExceeded) {
                try await context.workspace.memberships.insert(
                    Fixtures.membership(3, of: third.id))
            }
            #expect(error?.field == "max_users")
        },
        Scenario("An organization does not set its own limits") { context in
            let other = try await context.otherWorkspace(maxProjects: 1)
            let organization = try await other.organizations.find(other.organizationID)
            let changes: [@Sendable (inout Organization) -> Void] = [
                { $0.maxProjects = 9 }, { $0.maxModels = 9 }, { $0.maxUsers = 9 },
                { $0.subscriptionPlan = .enterprise }, { $0.isActive = false },
                { $0.subscriptionStatus = .suspended },
            ]
            for change in changes {
                var copy = organization
                change(&copy)
                let error = await expectError(.permissionDenied) { [copy] in
                    try await other.organizations.update(copy)
                }
                #expect(error?.entity == "organization" && error?.field != nil)
            }
            var copy = organization
            copy.description = "ours"
            let updated = try await other.organizations.update(copy)
            #expect(updated.description == "ours")
            let raised = try await context.system { tx in
                var copy = updated
                copy.maxProjects = 2
                return try tx.organizations.update(copy)
            }
            #expect(raised.maxProjects == 2)
        },
        Scenario("Limits hold under system access too") { context in
            let other = try await context.otherWorkspace(maxProjects: 1)
            let first = try await other.projects.insert(Fixtures.project(1))
            await expectError(.quotaExceeded, "acting in the organization") {
                try await context.system {
                    try $0.scoped(to: other.organizationID, as: other.principal).projects
                        .insert(Fixtures.project(2))
                }
            }
            try await other.projects.delete(first.id)
            try await other.projects.insert(Fixtures.project(2))
            await expectError(.quotaExceeded, "acting in none") {
                try await context.system { try $0.projects.restore(first.id) }
            }
        },
    ]

    /// The number of tasks that succeed; the others must fail with `.quotaExceeded`.
    private static func succeeding(
        of count: Int, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Int {
        try await withThrowingTaskGroup { group in
            for number in 1...count {
                group.addTask {
                    do {
                        try await body(number)
                        return true
                    } catch let error as StoreError where error.code == .quotaExceeded {
                        return false
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }
}
