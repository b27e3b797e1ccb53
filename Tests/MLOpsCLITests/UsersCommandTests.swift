import Foundation
import MLOpsCore
import Testing

@Suite struct UsersCommandTests {
    @Test func aPasswordComesFromTheStandardInput() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let email = "local@localhost"
        let set = try await tool("users", "set-password", email, input: "correct horse\n")
        #expect(set.status == 0, "\(set.errors)")
        #expect(set.output == "local@localhost has a new password\n")
        let user = try await tool.store {
            try await $0.signIn(email: email, password: Secret("correct horse"))
        }
        let listed = try await tool("users", "list", "--json").json()
        #expect(listed[0]?["id"]?.string == user.description)
        #expect(listed[0]?["has_password"] == true && listed[0]?["last_login_at"] != nil)
        #expect(listed[0]?["organizations"]?[0]?["role"] == "owner")
        let removed = try await tool("users", "set-password", email, "--remove", "--json")
        #expect(try removed.json()["has_password"] == false)
        for input in ["short\n", ""] {
            #expect(try await tool("users", "set-password", email, input: input).status == 64)
        }
        let unknown = try await tool("users", "set-password", "x@example.com", input: "12345678")
        #expect(unknown.status == 1)
    }

    @Test func aUserIsInvitedAndForgotten() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let email = "ada@example.com"
        let invited = try await tool("users", "invite", email, "--role", "admin")
        #expect(invited.output == "invited ada@example.com as admin\n", "\(invited.errors)")
        #expect(try await tool("users", "invite", email, "--role", "king").status == 64)
        #expect(try await tool("users", "invite", email).status == 73)
        let listed = try await tool("users", "list", environment: ["COLUMNS": "200"])
        #expect(listed.output.contains("local (invited, admin)"))
        for (command, isActive) in [("deactivate", false), ("activate", true)] {
            let report = try await tool("users", command, email, "--json").json()
            #expect(report["is_active"] == .bool(isActive))
        }
        #expect(try await tool("users", "erase", email).status == 64)
        try await tool.store { store in
            try await store.localWorkspace().write { tx in
                var organization = try #require(try tx.organizations.first())
                organization.billingEmail = email
                try tx.organizations.update(organization)
                try tx.notificationChannels.insert(
                    NotificationChannel(
                        name: "on call", channelType: .email, config: ["to": [.string(email)]]))
            }
        }
        let erased = try await tool("users", "erase", email, "--yes")
        #expect(erased.lines.first == "erased ada@example.com")
        #expect(erased.lines.dropFirst().allSatisfy { $0.hasPrefix("may still be there: ") })
        #expect(erased.output.contains("Backups"))
        // What others have written of the address is theirs to change.
        #expect(erased.output.contains("billing address of the organization local"))
        #expect(erased.output.contains("notification channel on call"))
        try await tool.store { store in
            try await store.localWorkspace().write { tx in
                var organization = try #require(try tx.organizations.first())
                organization.billingEmail = nil
                try tx.organizations.update(organization)
                let channel = try #require(try tx.notificationChannels.first())
                try tx.notificationChannels.delete(channel.id)
                try tx.notificationChannels.purge(channel.id)
            }
            _ = try await store.scrub()
        }
        let file = try Data(contentsOf: URL(filePath: tool.database))
        #expect(file.range(of: Data("ada@example.com".utf8)) == nil)
        let rest = try await tool("users", "list", "--json")
        #expect(!rest.output.contains("ada@") && rest.output.contains("@erased.invalid"))
        let last = try await tool("users", "erase", "local@localhost", "--yes")
        #expect(last.status == 73 && last.errors.contains("last owner"))
    }
}
