import Foundation
import MLOpsPostgres
import Testing

@testable import MLOpsCore

/// Every way in which a secret might be revealed.
struct CanaryAttempts: Sendable {
    let told: CanaryLog

    /// Records the text of an error, in every form that a program may print.
    func fails(_ body: () async throws -> Void) async {
        do {
            try await body()
            Issue.record("nothing was refused")
        } catch {
            var text = "\(error) \(error.localizedDescription) \(String(reflecting: error))"
            dump(error, to: &text)
            told.add(text)
        }
    }

    /// Stores the secrets.
    func keep(_ canaries: Canaries, in workspace: Workspace) async throws {
        let (channels, users, tokens) = (canaries.channels, canaries.users, canaries.tokens)
        let peppers = try canaries.keys.requirePeppers()
        try await workspace.store.withSystemAccess(reason: "test") { access in
            try await access.write { _ = try $0.users.insert(contentsOf: users) }
        }
        try await workspace.write { tx in
            _ = try tx.notificationChannels.insert(contentsOf: channels)
            let keys = SQLRepository<APIKey>(try tx.engine)
            for (number, token) in tokens.enumerated() {
                _ = try keys.issue(
                    APIKey(
                        user: workspace.principal.userID, name: "key \(number)",
                        keyPrefix: token.prefix, keyHash: token.hash(with: peppers)))
            }
            let stored = try tx.notificationChannels.all()
            for channel in channels {
                let opened = try tx.notificationChannels.openedConfig(of: channel.id)
                #expect(opened.reveal() == channel.config)
                told.add("\(opened) \(String(reflecting: opened)) \(dumped(opened))")
            }
            told.add("\(stored)")
        }
        told.add("\(canaries.keys) \(dumped(canaries.keys)) \(canaries.otherKeys)")
        told.add(tokens.map { "\($0) \(dumped($0)) \($0.text)" }.joined())
    }

    private func dumped(_ value: some Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    /// Uses the secrets in calls that fail.
    func misuse(
        _ canaries: inout Canaries, _ store: SQLiteStore, _ workspace: Workspace
    ) async throws {
        try await misuseChannels(canaries.channels, store, workspace)
        try await misuseUsersAndKeys(&canaries, store, workspace)
        await misuseTexts(&canaries)
        await misuseURLs(&canaries)
    }

    private func misuseChannels(
        _ channels: [NotificationChannel], _ store: SQLiteStore, _ workspace: Workspace
    ) async throws {
        var stranger = SQLiteConfiguration()
        stranger.keys = StoreKeys()
        let keyless = try await SQLiteStore.inMemory(configuration: stranger)
        let empty = try await keyless.localWorkspace()
        let denied = try await viewer(of: store, workspace)
        for channel in channels {
            let records = workspace.notificationChannels
            // An existing row, no key, an insufficient role, and an invalid configuration.
            await fails { _ = try await records.insert(channel) }
            await fails { _ = try await empty.notificationChannels.insert(channel) }
            await fails { _ = try await denied.notificationChannels.insert(channel) }
            await fails {
                _ = try await denied.read {
                    try $0.notificationChannels.openedConfig(of: channel.id)
                }
            }
            var wrong: [JSONValue] = [
                .array([channel.config]), ["$sealed": channel.config],
                ["token": .array([channel.config, .double(.nan)])],
                ["token": .array([channel.config, "\u{0}"])],
            ]
            if channel == channels[0] {
                let long = JSONValue.string(String(repeating: "x", count: 1 << 20))
                wrong.append(["token": .array([channel.config, long])])
                wrong.append(["a": .array([channel.config, long])])
            }
            for config in wrong {
                await fails {
                    _ = try await records.insert(
                        NotificationChannel(
                            name: "wrong", channelType: channel.channelType, config: config))
                }
            }
            // An outdated revision, an unknown row, and an empty name.
            var late = try await records.find(channel.id)
            late.config = channel.config
            let update = late
            _ = try await records.update(update)
            await fails { _ = try await records.update(update) }
            await fails {
                _ = try await records.update(
                    NotificationChannel(
                        name: "absent", channelType: .email, config: channel.config))
            }
            await fails {
                _ = try await records.insert(
                    NotificationChannel(name: "", channelType: .email, config: channel.config))
            }
            _ = try await records.all { $0.config["token"] == .string("canary") }
        }
        try await keyless.close()
    }

    private func viewer(of store: SQLiteStore, _ workspace: Workspace) async throws -> Workspace {
        let user = try await store.withSystemAccess(reason: "test") {
            try await $0.write { try $0.users.insert(User(email: "viewer@example.com")) }
        }
        try await workspace.memberships.insert(
            OrganizationMembership(user: user.id, role: .viewer, joinedAt: .now))
        return try await store.workspace(
            organization: workspace.organizationID, as: .user(user.id))
    }

    private func misuseUsersAndKeys(
        _ canaries: inout Canaries, _ store: SQLiteStore, _ workspace: Workspace
    ) async throws {
        let peppers = try canaries.keys.requirePeppers()
        for user in canaries.users.prefix(20) {
            await fails { _ = try await workspace.users.insert(user) }
            await fails {
                try await store.withSystemAccess(reason: "test") {
                    try await $0.write { _ = try $0.users.insert(user) }
                }
            }
            await fails {
                try await store.withSystemAccess(reason: "test") {
                    try await $0.write { tx in
                        var found = try #require(try tx.users.withEmail(user.email))
                        found.email = ""
                        found.passwordHash = user.passwordHash
                        try tx.users.update(found)
                    }
                }
            }
            let hash = (user.passwordHash?.reveal() ?? "").replacing("ln=15", with: "ln=99")
            await fails { _ = try await PasswordHash.verify(Secret("password"), against: hash) }
        }
        for token in canaries.tokens.prefix(50) {
            let (prefix, hash) = (token.prefix, token.hash(with: peppers))
            await fails {
                try await workspace.write { tx in
                    _ = try SQLRepository<APIKey>(tx.engine).issue(
                        APIKey(
                            user: workspace.principal.userID, name: "again", keyPrefix: prefix,
                            keyHash: hash))
                }
            }
            for text in [
                token.text.reveal() + "x", String(token.text.reveal().dropLast()),
                token.text.reveal().replacing("mlops_", with: "mlops-"),
            ] { await fails { _ = try APIKeyToken(parsing: text) } }
        }
    }

    /// Texts read from files and variables.
    private func misuseTexts(_ canaries: inout Canaries) async {
        for ring in canaries.otherKeys {
            let line = String(ring.text.reveal().dropLast())
            for text in [
                line + "=", "K=" + line, line + "," + line, String(line.dropFirst(3)),
                line.replacing("=", with: ":"), line + "AAAA",
            ] { await fails { _ = try KeyRing(parsing: text, name: "MLOPS_PEPPERS") } }
            // A key instead of the path of its file.
            await fails { _ = try KeyRing.fromEnvironment("KEYS", ["KEYS_FILE": line]) }
            await fails {
                _ = try KeyRing.fromEnvironment("KEYS", ["KEYS_FILE": line, "KEYS": line])
            }
        }
        for _ in 0..<20 {
            let secret = canaries.secret()
            await fails { _ = try JSONValue(parsing: "{\"token\": \"\(secret)\"") }
            await fails { _ = try JSONValue(parsing: "{\"\(secret)\": 1, \"\(secret)\": 2}") }
            await fails { _ = try JSONValue(encoding: ["\(secret)": "\u{0}"]).canonicalText() }
            await fails { _ = try await PasswordHash.hash(Secret(String(secret.prefix(7)))) }
            await fails {
                _ = try SecretBox.open(
                    "v1.e1." + secret, with: canaries.keys.requireEncryption(), context: secret)
            }
        }
    }

    /// Passwords in the URLs of a server that does not exist.
    private func misuseURLs(_ canaries: inout Canaries) async {
        for port in ["1", "1/x", ""] {
            for form in [
                "postgresql://user:SECRET@127.0.0.1:PORT/database",
                "postgresql://user:SECRET@[::1:PORT/d", "postgresql://user:a/SECRET@127.0.0.1:PORT",
                "postgresql://user:SECRET/a@127.0.0.1:PORT", "postgresql://user:SECRET",
                "postgresql://user:a@SECRET@127.0.0.1:PORT/d", "postgresql://user:SECRET#@host/d",
                "postgresql://user:%25%zzSECRET@127.0.0.1:PORT/d",
                "postgresql://127.0.0.1:PORT/d?password=SECRET&sslmode=no",
                "postgresql://127.0.0.1:1/d?pasword=SECRET", "host=127.0.0.1 pasword=SECRET",
                "host=127.0.0.1 port=1 password=SECRET", "host=127.0.0.1 port=1 password='SECRET",
                "host=127.0.0.1 port=1 password=a SECRET",
            ] {
                let url = form.replacing("PORT", with: port)
                    .replacing("SECRET", with: canaries.secret())
                var configuration = PostgresConfiguration()
                configuration.keys = StoreKeys()
                configuration.systemURL = url
                let frozen = configuration
                told.add("\(frozen) \(dumped(frozen))")
                await fails { _ = try await PostgresStore.open(url, configuration: frozen) }
            }
        }
    }

    /// Runs the tool; its output is kept in files beside the database.
    func runTool(_ tool: Tool, _ canaries: inout Canaries) async throws {
        let keys = [
            "MLOPS_ENCRYPTION_KEYS": try canaries.keys.requireEncryption().text.reveal(),
            "MLOPS_PEPPERS": try canaries.keys.requirePeppers().text.reveal(),
        ]
        for arguments in [
            ["audit", "list", "--json", "--limit", "10000"], ["audit", "list"],
            ["audit", "verify", "--json"], ["audit", "export", "--out", "tool.jsonl", "--json"],
            ["audit", "list", "--system", "--json"], ["db", "status", "--json"],
            ["db", "verify", "--json"], ["db", "backup", "tool-backup.db", "--json"],
            ["db", "copy", "--to", "tool-copy.db", "--json"], ["secrets", "rotate", "--json"],
            ["runs", "list", "--json"], ["models", "list", "--json"], ["purge", "--dry-run"],
            ["channels", "list", "--json", "--limit", "10000"], ["channels", "list"],
        ] { _ = try await tool(arguments, environment: keys) }
        for channel in canaries.channels.prefix(20) {
            _ = try await tool("channels", "show", channel.name, environment: keys)
            _ = try await tool("channels", "test", channel.name, environment: keys)
        }
        let secret = canaries.secret()
        let added = try await tool(
            "channels", "add", "hook", "--type", "slack", "--url", "https://h/\(secret)", "--json",
            environment: keys)
        #expect(added.status == 0, "\(added.errors)")
        for arguments in [
            ["add", "x", "--type", "slack", "--url", secret], ["set", "hook", "--url", secret],
            ["add", "x", "--type", "slack", "--url-file", secret],
            ["add", "x", "--type", "webhook", "--url", "https://h/", "--secret-file", secret],
        ] {
            #expect(try await tool(["channels"] + arguments, environment: keys).status != 0)
        }
        for environment in [
            ["MLOPS_ENCRYPTION_KEYS": "k1=" + secret], ["MLOPS_ENCRYPTION_KEYS_FILE": secret],
            ["MLOPS_PEPPERS": secret], ["MLOPS_PEPPERS_FILE": secret],
        ] {
            for arguments in [["secrets", "rotate"], ["audit", "list", "--json"]] {
                #expect(try await tool(arguments, environment: environment).status != 0)
            }
        }
        let url = "postgresql://user:\(secret)@127.0.0.1:1/x"
        for arguments in [
            ["db", "copy", "--to", url], ["db", "copy", "--from", url, "--to", "other.db"],
            ["db", "copy", "--to", url + "?sslmode=\(secret)"],
            ["audit", "verify", "--seal", "tool.jsonl", "--public-key", "x"],
        ] { #expect(try await tool(arguments, environment: keys).status != 0) }
    }
}
