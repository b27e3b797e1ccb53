import MLOpsCore
import Testing

extension Conformance {
    /// Permissions by role.
    static let permissions: [Scenario] = [
        Scenario("Permissions: every role, visibility and method answers as the table says") {
            context in
            let people = try await context.people()
            let expected = try PermissionTable.answersByLevel()
            #expect(Set(expected.keys) == Set(Permission.allCases))
            #expect(Set(Call.all.map(\.name)).count == Call.all.count, "each name is there once")
            for (number, visibility) in [(1, ProjectVisibility.private), (2, .organization)] {
                let site = try await CallSite.stored(
                    context, number, visibility: visibility,
                    roles: people.compactMap { person in
                        person.standing.project.map { (person.user, $0) }
                    })
                let owner = try await context.outcomes(
                    of: site, by: context.workspace.principal.userID)
                for person in people {
                    let outcomes = try await context.outcomes(of: site, by: person.user)
                    let level = person.levels[visibility] ?? ""
                    for ((call, outcome), baseline) in zip(zip(Call.all, outcomes), owner) {
                        let answer = outcome.answer(owner: baseline)
                        #expect(
                            answer == expected[call.permission]?[level],
                            """
                            \(call.name) by \(person.standing), in a project of visibility \
                            \(visibility): level \(level)
                            """)
                    }
                }
            }
        }
    ]
}

/// A user with a role in the organization, and one in its projects.
private struct Person: Sendable {
    let user: Identifier<User>
    let standing: Standing
    let levels: [ProjectVisibility: String]
}

extension ConformanceContext {
    /// One member of the organization for each standing.
    fileprivate func people() async throws -> [Person] {
        let rows = try PermissionTable.levels()
        let standings = OrganizationRole.allCases.flatMap { organization in
            (ProjectRole.allCases.map(Optional.some) + [nil]).map {
                Standing(organization: organization, project: $0)
            }
        }
        #expect(Set(rows.map(\.standing)) == Set(standings) && rows.count == standings.count)
        var people: [Person] = []
        for (number, row) in zip(100..., rows) {
            let user = try await insertMember(number, role: row.standing.organization)
            people.append(Person(user: user.id, standing: row.standing, levels: row.levels))
        }
        return people
    }

    /// The outcome of each call of a site for a user; all calls are rolled back.
    fileprivate func outcomes(
        of site: CallSite, by user: Identifier<User>
    ) async throws -> [CallOutcome] {
        let workspace = try await store.workspace(
            organization: workspace.organizationID, as: .user(user))
        return try await workspace.write { tx in Call.all.map { $0.outcome(in: tx, at: site) } }
    }
}
