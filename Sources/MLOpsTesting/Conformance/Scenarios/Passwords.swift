import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Passwords and sign-in.
    static let passwords: [Scenario] = [
        Scenario("Store.signIn: the password opens, and the time is noted") { context in
            let user = try await context.insertUser(2, email: "ada@example.com")
            let start = try await context.systemChainLength()
            try await context.setPassword("correct horse", for: user.id)
            #expect(try await context.signIn(" ADA@example.com", "correct horse") == user.id)
            let signedIn = try await context.system { try $0.users.find(user.id) }
            #expect(signedIn.lastLoginAt == signedIn.updatedAt && user.lastLoginAt == nil)
            let entries = try await context.systemEntries(after: start)
            #expect(entries.map(\.action) == ["user.set_password", "user.sign_in"])
            #expect(entries.allSatisfy { $0.resourceID == user.id.description })
            let hash = try #require(signedIn.passwordHash)
            #expect(!"\(entries)".contains(hash.reveal()))
        },
        Scenario("Store.signIn refuses whoever it is in the same words") { context in
            let user = try await context.insertUser(2, email: "ada@example.com")
            try await context.setPassword("correct horse", for: user.id)
            _ = try await context.insertUser(3, email: "no@password.example")
            let inactive = try await context.insertUser(4, email: "in@active.example")
            try await context.setPassword("correct horse", for: inactive.id)
            try await context.system { _ = try $0.users.deactivate(inactive.id) }
            let gone = try await context.insertUser(5, email: "gone@example.com")
            try await context.setPassword("correct horse", for: gone.id)
            try await context.system { _ = try $0.users.delete(gone.id) }
            let start = try await context.systemChainLength()
            var messages: Set<String> = []
            for (email, password) in [
                ("ada@example.com", "Correct horse"), ("ada@example.com", ""),
                ("nobody@example.com", "correct horse"), ("no@password.example", "correct horse"),
                ("in@active.example", "correct horse"), ("gone@example.com", "correct horse"),
            ] {
                let error = await expectError(.permissionDenied, email) {
                    try await context.signIn(email, password)
                }
                messages.insert(error?.description ?? "")
            }
            #expect(messages.count == 1)
            #expect(try await context.systemEntries(after: start).isEmpty)
        },
        Scenario("Store.signIn makes a hash of other parameters anew") { context in
            let user = try await context.insertUser(2, email: "ada@example.com")
            try await context.setPassword("correct horse", for: user.id)
            func hash() async throws -> String? {
                try await context.system { try $0.users.find(user.id) }.passwordHash?.reveal()
            }
            let old = try await hash()
            _ = try await context.signIn("ada@example.com", "correct horse")
            #expect(try await hash() == old)
            let dearer = PasswordHash.Parameters(ln: 11, r: 8, p: 1)
            _ = try await context.signIn("ada@example.com", "correct horse", dearer)
            let new = try #require(try await hash())
            #expect(new != old && new.hasPrefix("$scrypt$ln=11,r=8,p=1$"))
            _ = try await context.signIn("ada@example.com", "correct horse", dearer)
            #expect(try await hash() == new)
        },
        Scenario("Store.setPassword replaces and removes a password") { context in
            let user = try await context.insertUser(2, email: "ada@example.com")
            try await context.setPassword("the first one", for: user.id)
            try await context.setPassword("the second one", for: user.id)
            await expectError(.permissionDenied) {
                try await context.signIn("ada@example.com", "the first one")
            }
            _ = try await context.signIn("ada@example.com", "the second one")
            await expectError(.invalidValue, "too short") {
                try await context.setPassword("1234567", for: user.id)
            }
            await expectError(.notFound) {
                try await context.setPassword("long enough", for: Identifier())
            }
            try await context.setPassword(nil, for: user.id)
            await expectError(.permissionDenied) {
                try await context.signIn("ada@example.com", "the second one")
            }
        },
        Scenario("A hash of a password is not seen in a workspace nor encoded") { context in
            let user = try await context.insertMember(2)
            try await context.setPassword("correct horse", for: user.id)
            let stored = try await context.system { try $0.users.find(user.id) }
            let hash = try #require(stored.passwordHash).reveal()
            let seen = try await context.read { tx in
                (
                    found: try tx.users.find(user.id), all: try tx.users.all(),
                    members: try tx.memberships.members().map(\.user)
                )
            }
            #expect(([seen.found] + seen.all + seen.members).allSatisfy { $0.passwordHash == nil })
            let json = String(decoding: try JSONEncoder().encode(stored), as: UTF8.self)
            for text in ["\(stored)", String(reflecting: stored), json] {
                #expect(!text.contains(hash))
            }
            try await context.system { tx in
                var copy = seen.found
                copy.firstName = "Grace"
                try tx.users.update(copy)
            }
            #expect(try await context.signIn(user.email, "correct horse") == user.id)
        },
    ]
}

extension ConformanceContext {
    /// The lowest cost, which is enough for tests.
    private static let cheap = PasswordHash.Parameters(ln: 10, r: 1, p: 1)

    func setPassword(_ password: String?, for user: Identifier<User>) async throws {
        try await store.setPassword(
            password.map { Secret($0) }, for: user, parameters: Self.cheap)
    }

    func signIn(
        _ email: String, _ password: String, _ parameters: PasswordHash.Parameters = cheap
    ) async throws -> Identifier<User> {
        try await store.signIn(
            email: email, password: Secret(password), parameters: parameters)
    }

    /// The number of entries in the system's own trail.
    func systemChainLength() async throws -> Int {
        try await system { try $0.auditLogs.verifyChain().count }
    }

    /// The entries of the system's own trail after a sequence number.
    func systemEntries(after count: Int) async throws -> [AuditLog] {
        try await system { tx in
            try tx.auditLogs.all(
                where: { $0.organizationID == nil && $0.sequence > count },
                order: { [$0.sequence.ascending] })
        }
    }
}
