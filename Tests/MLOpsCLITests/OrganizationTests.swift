import MLOpsCore
import Testing

@Suite struct OrganizationTests {
    private func add(_ slug: String, to store: SQLiteStore) async throws {
        try await store.withSystemAccess(reason: "A test makes organizations.") { access in
            try await access.write { tx in
                let user = try tx.users.insert(User(email: "\(slug)@example.com"))
                let organization = try tx.organizations.insert(Organization(name: slug))
                let view = try tx.scoped(to: organization.id, as: .user(user.id))
                try view.memberships.insert(OrganizationMembership(user: user.id, role: .owner))
                let project = try view.projects.insert(Project(name: "p"))
                try view.models.insert(Model(project: project.id, name: "model of \(slug)"))
            }
        }
    }

    @Test func theOnlyOneIsTakenAndOfSeveralOneIsChosen() async throws {
        let tool = try Tool()
        try await tool.store { try await add("acme", to: $0) }
        #expect(try await tool("models", "list").output.contains("model of acme"))
        try await tool.store { try await add("zeta", to: $0) }
        let unclear = try await tool("models", "list")
        #expect(unclear.status == 64)
        #expect(unclear.errors == "mlops: choose one with --organization: acme, zeta\n")
        let chosen = try await tool("models", "list", "--organization", "Zeta")
        #expect(chosen.output.contains("model of zeta"))
        #expect(!chosen.output.contains("acme"))
        let wrong = try await tool("models", "list", "--organization", "nobody")
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("acme, zeta"))
    }

    /// The first owner has not joined; the tool acts as one who has.
    @Test func anInvitedOwnerIsNotActedFor() async throws {
        let tool = try Tool()
        try await tool.store { store in
            let first = try await store.localWorkspace()
            let invited = try await first.invite(email: "invited@example.com", role: .owner)
            let second = try await first.invite(email: "second@example.com", role: .owner)
            #expect(invited.joinedAt == nil)
            let theirs = try await store.acceptInvitation(
                to: first.organizationID, as: second.userID)
            #expect(theirs.joinedAt != nil)
            try await first.write { _ = try $0.memberships.leave() }
        }
        let list = try await tool("projects", "list", "--json")
        #expect(list.status == 1 && list.errors.contains("no project"), "\(list.errors)")
    }

    @Test func aWholeIdIsFoundInTheProjectOnly() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        try await tool.store { store in
            _ = try await store.localWorkspace().projects.insert(Project(name: "Other"))
        }
        for (noun, id) in [
            ("runs", fixture.runs[0].id.description), ("models", fixture.model.id.description),
        ] {
            #expect(try await tool(noun, "show", id, "--project", "digits").status == 0)
            let elsewhere = try await tool(noun, "show", id, "--project", "other")
            #expect(elsewhere.status == 1, "\(noun): \(elsewhere.output)")
        }
    }

    @Test func modelsAreFoundByNameAndId() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let id = fixture.model.id.description
        for name in ["digits-mlp", id, String(id.suffix(6))] {
            let json = try await tool("models", "show", name, "--json").json()
            #expect(json["id"]?.string == id)
            #expect(json["versions"]?[0]?["version"] == "1.0.0")
        }
        let absent = try await tool("models", "show", "no such")
        #expect(absent.status == 1)
        #expect(absent.errors == "mlops: there is no model no such; there are: digits-mlp\n")
        let text = try await tool("models", "show", "digits-mlp")
        #expect(text.output.contains("production"))
        #expect(text.output.contains("2 KiB"))
    }
}
