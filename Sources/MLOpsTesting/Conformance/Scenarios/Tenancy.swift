import MLOpsCore
import Testing

extension Conformance {
    /// Rows of another organization do not exist.
    static let tenancy: [Scenario] =
        [
            users,
            Scenario("Tenancy: organization_id of an inserted row is the workspace's") { context in
                let other = try await context.otherWorkspace()
                let foreign = try await other.projects.insert(Fixtures.project(1))
                // The value contains the other organization's id, but the workspace's is stored.
                let copy = try await context.workspace.projects.page(Query(deleted: .included))
                #expect(copy.isEmpty)
                do {
                    let stored = try await context.workspace.projects.insert(foreign)
                    #expect(stored.organizationID == context.workspace.organizationID)
                } catch let error as StoreError {
                    // On a backend where ids are unique in the whole store, not in an organization.
                    #expect(error.code == .alreadyExists)
                }
                #expect(try await other.projects.find(foreign.id) == foreign)
            },
            Scenario("Transaction.scoped(to:as:) is refused inside a workspace") { context in
                let other = try await context.otherWorkspace()
                await expectError(.permissionDenied) {
                    try await context.write {
                        _ = try $0.scoped(to: other.organizationID, as: other.principal)
                    }
                }
            },
        ] + FixtureTree.tenantEntities.map(separated) + Call.repositories.map(calls)

    private static func separated(_ type: any FixtureEntity.Type) -> Scenario {
        if let type = type as? any (FixtureEntity & SoftDeletable).Type { return isolated(type) }
        return unseen(type)
    }

    /// Calls with another organization's keys have the same result as with absent keys.
    private static func calls(of repository: String) -> Scenario {
        Scenario("Tenancy: no call of \(repository) tells another organization's keys from none") {
            context in
            let own = try await CallSite.stored(context)
            let foreign = try await CallSite.stored(
                context, 2, in: try await context.otherWorkspace())
            let absent = try await CallSite.absent(context)
            for call in Call.keyed where call.repository == repository {
                let difference = await call.difference(
                    between: foreign, and: absent, from: own, in: context.workspace)
                #expect(difference == nil, "\(call.name)")
            }
        }
    }

    private static func unseen<Record: FixtureEntity>(_ type: Record.Type) -> Scenario {
        Scenario("Tenancy: \(type)Repository does not see another organization") { context in
            _ = try await expectUnseen(type, context)
        }
    }

    private static func expectUnseen<Record: FixtureEntity>(
        _ type: Record.Type, _ context: ConformanceContext
    ) async throws -> Record {
        let other = try await Fixtures.insertTree(
            into: try await context.otherWorkspace(), number: 2)
        let records = type.records(in: context.workspace)
        let before = try await records.count()
        let foreign = Record.row(of: other)
        #expect(try await records.findIfExists(foreign.id) == nil)
        let error = await expectError(.notFound) { try await records.find(foreign.id) }
        let absent = await expectError(.notFound) { try await records.find(Identifier()) }
        #expect(error?.entity == absent?.entity && error?.field == absent?.field)
        #expect(try await !records.all().contains { $0.id == foreign.id })
        #expect(
            try await !records.page(Query(limit: 1000, deleted: .included))
                .contains { $0.id == foreign.id })
        #expect(try await records.count() == before)
        return foreign
    }

    private static func isolated<Record: FixtureEntity & SoftDeletable>(
        _ type: Record.Type
    ) -> Scenario {
        Scenario("Tenancy: \(type)Repository does not touch another organization") { context in
            let foreign = try await expectUnseen(type, context)
            let records = type.records(in: context.workspace)
            await expectError(.notFound) { try await records.update(foreign) }
            await expectError(.notFound) { try await records.delete(foreign.id) }
            await expectError(.notFound) { try await records.restore(foreign.id) }
            await expectError(.notFound) { try await records.purgePreview(foreign.id) }
            await expectError(.notFound) { try await records.purge(foreign.id) }
            let untouched = try await context.system {
                try $0.repository(of: Record.self).find(foreign.id)
            }
            #expect(untouched == foreign)
        }
    }

    private static var users: Scenario {
        Scenario("Tenancy: a workspace sees its members and its own organization only") { context in
            let other = try await context.otherWorkspace()
            let workspace = context.workspace
            #expect(try await workspace.users.all().map(\.id) == [workspace.principal.userID])
            #expect(try await workspace.users.findIfExists(other.principal.userID) == nil)
            #expect(
                try await workspace.organizations.all().map(\.id) == [workspace.organizationID])
            #expect(try await workspace.organizations.findIfExists(other.organizationID) == nil)
            await expectError(.permissionDenied) {
                try await workspace.users.insert(Fixtures.user(9))
            }
            await expectError(.permissionDenied) {
                try await workspace.organizations.insert(Fixtures.organization(9))
            }
            let stranger = try await context.insertUser(8)
            for id in [other.principal.userID, stranger.id, workspace.principal.userID] {
                await expectError(.permissionDenied) { try await workspace.users.delete(id) }
                await expectError(.permissionDenied) { try await workspace.users.restore(id) }
                await expectError(.permissionDenied) { try await workspace.users.purge(id) }
                await expectError(.permissionDenied) { try await workspace.users.purgePreview(id) }
            }
            let (organizations, id) = (workspace.organizations, other.organizationID)
            await expectError(.notFound) { try await organizations.delete(id) }
            await expectError(.notFound) { try await organizations.restore(id) }
            await expectError(.notFound) { try await organizations.purge(id) }
            await expectError(.notFound) { try await organizations.purgePreview(id) }
            await expectError(.permissionDenied) { try await workspace.users.update(stranger) }
            let foreign = try await context.system {
                try $0.organizations.find(other.organizationID)
            }
            await expectError(.notFound) { try await workspace.organizations.update(foreign) }
        }
    }
}
