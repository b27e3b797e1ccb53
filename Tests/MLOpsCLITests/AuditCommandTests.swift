import Foundation
import MLOpsCore
import Testing

@Suite struct AuditCommandTests {
    @Test func theTrailIsListedByItsFilters() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let all = try await tool("audit", "list", "--json", "--limit", "1000").json().array ?? []
        #expect(all.count > 8 && all.first?["sequence"]?.int == Int64(all.count))
        let id = fixture.model.id.description
        let one = try await tool("audit", "list", "--resource", "model/\(id)", "--json").json()
        #expect(one.array?.map { $0["action"] } == ["model.create"])
        let table = try await tool("audit", "list", "--resource", "model")
        #expect(table.status == 0 && table.lines.count == 2, "\(table.output)")
        #expect(table.output.contains("local@localhost"))
        for (arguments, count) in [
            (["--action", "model.create"], 1), (["--user", "LOCAL@localhost"], all.count - 1),
            (["--since", "2000-01-01"], all.count), (["--until", "2000-01-01T00:00:00Z"], 0),
            (["--system"], 1), (["--limit", "3"], 3), (["--action", "nothing"], 0),
        ] {
            let result = try await tool(["audit", "list", "--json"] + arguments)
            #expect(try result.json().array?.count == count, "\(arguments) \(result.errors)")
            #expect(result.status == (count == 0 ? 1 : 0))
        }
        #expect(try await tool("audit", "list", "--since", "yesterday").status == 64)
        #expect(try await tool("audit", "list", "--user", "no@body").status == 1)
        #expect(try await tool("audit", "list", "--system", "--organization", "x").status == 64)
    }

    @Test func aBrokenTrailIsNamed() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let intact = try await tool("audit", "verify")
        #expect(intact.status == 0 && intact.output.contains("intact"), "\(intact.errors)")
        #expect(try await tool("audit", "verify", "--system").status == 0)
        try tool.change("UPDATE audit_logs SET action = 'x' WHERE sequence = 4")
        for arguments in [["audit", "verify"], ["audit", "verify", "--json"]] {
            let broken = try await tool(arguments)
            #expect(broken.status == 65 && broken.errors.contains("entry 4"), "\(broken.errors)")
        }
        #expect(try await tool("audit", "export", "--out", "t.jsonl").status == 65)
        #expect(try await tool("audit", "generate-key", "--out", "k").status == 0)
        let sealed = try await tool("audit", "seal", "--key", "k", "--out", "s")
        #expect(sealed.status == 65 && sealed.errors.contains("entry 4"))
    }

    @Test func aSealFindsACutTail() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let made = try await tool("audit", "generate-key", "--out", "audit.key")
        #expect(made.status == 0 && made.lines.count == 1)
        let file = tool.directory.appending(path: "audit.key").path
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try await tool("audit", "generate-key", "--out", "audit.key").status == 73)
        let sealed = try await tool("audit", "seal", "--key", "audit.key", "--out", "seal.json")
        #expect(sealed.status == 0, "\(sealed.errors)")
        let check = ["audit", "verify", "--seal", "seal.json", "--public-key", made.lines[0]]
        let holds = try await tool(check)
        #expect(holds.status == 0 && holds.output.contains("holds"), "\(holds.errors)")
        #expect(try await tool(check + ["--system"]).errors.contains("another organization"))
        #expect(try await tool("audit", "verify", "--seal", "seal.json").status == 64)
        let absent = ["audit", "verify", "--seal", "none", "--public-key", made.lines[0]]
        #expect(try await tool(absent).status == 66)
        #expect(try await tool("audit", "seal", "--key", "none", "--out", "x").status == 66)
        try tool.change(
            "DELETE FROM audit_logs WHERE sequence = (SELECT max(sequence) FROM audit_logs)")
        #expect(try await tool("audit", "verify").status == 0)
        let cut = try await tool(check)
        #expect(cut.status == 65 && cut.errors.contains("cut off"), "\(cut.errors)")
        // A key file that others may read is refused.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let open = try await tool("audit", "seal", "--key", "audit.key", "--out", "other.json")
        #expect(open.status == 64 && open.errors.contains("chmod"), "\(open.errors)")
    }

    @Test func anExportIsContinued() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let first = try await tool("audit", "export", "--out", "trail.jsonl", "--json")
        #expect(first.status == 0, "\(first.errors)")
        let report = try first.json()
        let count = try #require(report["entries"]?.int)
        #expect(count > 8 && report["added"]?.int == count)
        _ = try await tool.store { store in
            try await store.localWorkspace().projects.insert(Project(name: "More"))
        }
        let second = try await tool("audit", "export", "--out", "trail.jsonl", "--json").json()
        #expect(second["added"]?.int == 1, "\(second)")
        #expect(second["entries"]?.int == count + 1)
        let system = try await tool("audit", "export", "--out", "trail.jsonl", "--system")
        #expect(system.status != 0 && system.errors.contains("Line 1"), "\(system.errors)")
    }

    @Test func olderEntriesArePruned() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let key = try await tool("audit", "generate-key", "--out", "k").lines[0]
        func seal(_ name: String, _ more: String...) async throws -> Int64 {
            let sealed = try await tool(
                ["audit", "seal", "--key", "k", "--out", name, "--json"] + more)
            return try #require(try sealed.json()["sequence"]?.int, "\(sealed.errors)")
        }
        func prune(_ name: String, _ more: String...) async throws -> ToolResult {
            try await tool(
                ["audit", "prune", "--seal", name, "--public-key", key, "--export", "t.jsonl"]
                    + more)
        }
        func verify(_ seals: String...) async throws -> ToolResult {
            try await tool(["audit", "verify", "--public-key", key, "--seal"] + seals)
        }
        let first = try await seal("s1")
        #expect(try await prune("s1").status == 73, "there is no export yet")
        #expect(try await tool("audit", "export", "--out", "t.jsonl").status == 0)
        let trial = try await prune("s1", "--dry-run")
        #expect(trial.status == 0 && trial.output.contains("would be removed"), "\(trial.errors)")
        #expect(try await verify("s1").status == 0)
        let pruned = try await prune("s1", "--json")
        #expect(
            try pruned.json() == [
                "is_dry_run": false, "removed_entries": .int(first - 1),
                "first_sequence": .int(first),
            ])
        #expect(try await tool("audit", "verify").errors.contains("begins with entry \(first)"))
        let begun = try await verify("s1")
        #expect(begun.status == 0 && begun.output.contains("begins with entry \(first)"))
        #expect(try await tool("audit", "list", "--action", "audit_log.prune").lines.count == 2)
        #expect(try await tool("db", "verify").status == 0)

        _ = try await tool.store { store in
            try await store.localWorkspace().projects.insert(Project(name: "More"))
        }
        #expect(try await tool("audit", "seal", "--key", "k", "--out", "s2").status == 65)
        let second = try await seal("s2", "--previous", "s1")
        #expect(second == first + 2)
        #expect(try await verify("s2").status == 65)
        #expect(try await verify("s1", "s2").output.contains("the seal of entry \(second) holds"))
        let lacking = try await prune("s2", "--previous", "s1")
        #expect(lacking.status == 73 && lacking.errors.contains("lacks entry"), "\(lacking.errors)")
        #expect(try await tool("audit", "export", "--out", "t.jsonl").status == 0)
        #expect(try await prune("s2").status == 65)
        #expect(try await prune("s2", "--previous", "s1").status == 0)
        #expect(try await verify("s1", "s2").status == 0)
        #expect(try await prune("s2", "--system").status == 65)
    }
}

@Suite struct SecretsCommandTests {
    @Test func keysAreMadeAndSecretsRotated() async throws {
        let tool = try Tool()
        let first = try await tool("secrets", "generate-key")
        #expect(first.status == 0 && first.lines.count == 1 && first.output.hasPrefix("k1="))
        let second = try await tool("secrets", "generate-key", "--id", "k2")
        #expect(second.output.hasPrefix("k2="))
        #expect(try await tool("secrets", "generate-key", "--id", "K 2").status == 64)
        var configuration = SQLiteConfiguration()
        configuration.keys = StoreKeys(
            encryption: try KeyRing(parsing: first.output, name: "test"))
        let store = try await SQLiteStore.open(tool.database, configuration: configuration)
        let channel = try await store.localWorkspace().notificationChannels.insert(
            NotificationChannel(
                name: "hook", channelType: .webhook, config: ["url": "https://h/canary"]))
        try await store.close()
        let keys = second.lines[0] + "," + first.lines[0]
        let rotated = try await tool(
            "secrets", "rotate", "--json", environment: ["MLOPS_ENCRYPTION_KEYS": keys])
        #expect(rotated.status == 0, "\(rotated.errors)")
        #expect(try rotated.json() == ["key": "k2", "channels": 1])
        let none = try await tool("secrets", "rotate")
        #expect(none.status == 78 && none.errors.contains("MLOPS_ENCRYPTION_KEYS"))
        configuration.keys = StoreKeys(
            encryption: try KeyRing(parsing: second.output, name: "test"))
        let later = try await SQLiteStore.open(tool.database, configuration: configuration)
        let opened = try await later.localWorkspace().read {
            try $0.notificationChannels.openedConfig(of: channel.id)
        }
        #expect(opened.reveal()["url"] == "https://h/canary")
        try await later.close()
        // A file that others may read is refused.
        let file = tool.directory.appending(path: "keys").path
        try Data(second.output.utf8).write(to: URL(filePath: file))
        for (mode, status) in [(0o644, Int32(64)), (0o400, 0)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
            let result = try await tool(
                "secrets", "rotate", environment: ["MLOPS_ENCRYPTION_KEYS_FILE": file])
            #expect(result.status == status, "\(result.errors)")
        }
    }
}

extension Tool {
    /// Runs a statement on the database, without the library and its triggers.
    fileprivate func change(_ sql: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "sqlite3", database,
            """
            DROP TRIGGER IF EXISTS audit_logs_no_update;
            DROP TRIGGER IF EXISTS audit_logs_no_delete;
            \(sql);
            """,
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
