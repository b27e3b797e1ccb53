import Foundation
import Testing

@testable import MLOpsCore
@testable import mlops

@Suite struct DatabaseCommandTests {
    @Test func aDatabaseHasToBeNamed() async throws {
        let result = try await Tool()("db", "status", on: "")
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix("mlops: no database; give --database PATH"))
        #expect(result.output.isEmpty)
    }

    @Test(arguments: [
        ["db", "status"], ["db", "verify"], ["db", "vacuum"], ["db", "rollback", "--to", "0"],
        ["runs", "list"], ["models", "list"], ["purge", "--dry-run"],
    ])
    func onlyMigrateAndSeedMakeAFile(_ arguments: [String]) async throws {
        let tool = try Tool()
        let result = try await tool(arguments)
        #expect(result.status == 66)
        #expect(!FileManager.default.fileExists(atPath: tool.database))
        #expect(result.errors.split(separator: "\n").count == 1)
        try Data().write(to: URL(filePath: tool.database))
        #expect(try await tool(arguments).status == 65)
        #expect(try Data(contentsOf: URL(filePath: tool.database)).isEmpty)
        try Data(repeating: 65, count: 5000).write(to: URL(filePath: tool.database))
        #expect(try await tool(arguments).status == 65)
    }

    @Test func migrateMakesTheFileOnce() async throws {
        let tool = try Tool()
        let first = try await tool("db", "migrate", "--json")
        #expect(first.status == 0, "\(first.errors)")
        #expect(try first.json()["version"] == 4)
        #expect(try first.json()["applied"]?.array?.count == 4)
        let second = try await tool("--database", tool.database, "db", "migrate", on: "")
        #expect(second.status == 0, "\(second.errors)")
        #expect(second.lines == ["\(tool.database) is at schema version 4"])
    }

    @Test func rollbackTakesBackAndReadersRefuseTheOldSchema() async throws {
        let tool = try Tool()
        _ = try await tool("db", "migrate")
        #expect(try await tool("db", "rollback", "--to", "9").status == 64)
        let back = try await tool("db", "rollback", "--to", "2", "--json")
        #expect(try back.json()["taken_back"] == [4, 3])
        let status = try await tool("db", "status", "--json").json()
        #expect(status["version"] == 2)
        #expect(status["latest_version"] == 4)
        #expect(try await tool("db", "status").output.contains("pending"))
        #expect(try await tool("db", "verify").status == 0)
        let list = try await tool("runs", "list")
        #expect(list.status == 65)
        #expect(list.errors.contains("mlops db migrate"))
        #expect(try await tool("db", "status", "--json").json()["version"] == 2)
        #expect(try await tool("db", "migrate", "--json").json()["version"] == 4)
    }

    @Test func rowsAreNotLostUnlessThatIsConfirmed() async throws {
        let tool = try Tool()
        #expect(try await tool("seed").status == 0)
        for (version, lost) in zip([3, 2, 1, 0], ["audit_logs", "alerts", "models", "users"]) {
            let refused = try await tool("db", "rollback", "--to", "\(version)")
            #expect(refused.status == 64 && refused.errors.contains("--yes"))
            #expect(refused.errors.contains("\(lost) ("), "\(refused.errors)")
            let done = try await tool("db", "rollback", "--to", "\(version)", "--yes", "--json")
            #expect(try done.json()["taken_back"] == [.int(Int64(version + 1))])
        }
    }

    @Test func aDamagedFileIsToBeRestored() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let file = try FileHandle(forUpdating: URL(filePath: tool.database))
        try file.seek(toOffset: 100)
        try file.write(contentsOf: Data(repeating: 0x55, count: 3000))
        try file.close()
        let result = try await tool("db", "verify")
        #expect(result.status == 65)
        #expect(result.errors.contains("mlops db restore"), "\(result.errors)")
        #expect(!result.errors.contains("db verify"))
    }

    @Test func verifyNamesADroppedIndex() async throws {
        let tool = try Tool()
        try await tool.store { store in
            _ = try await store.writer.run { try $0.execute("DROP INDEX idx_run_metrics_run_name") }
        }
        let result = try await tool("db", "verify")
        #expect(result.status == 1)
        #expect(result.output.contains("idx_run_metrics_run_name is missing"))
        let json = try await tool("db", "verify", "--json")
        #expect(json.status == 1)
        #expect(try json.json()["is_sound"] == false)
    }

    @Test func anotherTextOrANewerSchemaIsBadData() async throws {
        let tool = try Tool()
        try await tool.store { store in
            _ = try await store.writer.run {
                try $0.execute("UPDATE schema_migrations SET checksum = 'x' WHERE version = 2")
            }
        }
        #expect(try await tool("db", "status").status == 65)
        #expect(try await tool("db", "migrate").status == 65)
        let newer = try Tool()
        try await newer.store { store in
            _ = try await store.writer.run {
                try $0.execute("UPDATE schema_migrations SET version = 99 WHERE version = 4")
            }
        }
        #expect(try await newer("runs", "list").status == 65)
        #expect(try await newer("db", "status").errors.contains("schema version 99"))
    }

    @Test func backupCopiesAndNeverOverwrites() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let result = try await tool("db", "backup", "copy.db", "--json")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("backup: 100 %"))
        #expect(try result.json()["backup"] == "copy.db")
        let shown = try await tool("runs", "list", "--json", on: "copy.db").json()
        #expect(shown.array?.count == fixture.runs.count)
        #expect(try await tool("db", "backup", "copy.db").status == 73)
        let nowhere = try await tool("db", "backup", "no/such/copy.db")
        #expect(nowhere.status == 73)
        #expect(nowhere.errors.contains("no/such/copy.db cannot"), "\(nowhere.errors)")
    }

    @Test func aBackupIsPutBack() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let source = tool.directory.appending(path: "weights.bin")
        try Data("weights".utf8).write(to: source)
        let kept = try await tool.store { store in
            let run = try await store.localWorkspace().resumeRun(fixture.runs[0].id)
            let artifact = try await run.logArtifact(source, named: "weights")
            try await run.finish()
            return try store.artifacts.verified(artifact)
        }
        let backup = try await tool("db", "backup", "copy.db", "--artifacts", "--json")
        #expect(backup.status == 0, "\(backup.errors)")
        #expect(try backup.json()["artifacts"]?["files"] == 1)
        #expect(try await tool("db", "verify", "--artifacts", on: "copy.db").status == 0)
        _ = try await tool.store { store in
            try await store.localWorkspace().runs.delete(fixture.runs[1].id)
        }
        try FileManager.default.removeItem(at: kept)
        let damaged = try await tool("db", "verify", "--artifacts")
        #expect(damaged.status == 1 && damaged.output.contains(kept.lastPathComponent))
        #expect(try await tool("db", "verify").status == 0)
        let used = try await tool.store { _ in try await tool("db", "restore", "copy.db") }
        #expect(used.status == 75, "\(used.errors)")
        let restored = try await tool("db", "restore", "copy.db", "--artifacts")
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(restored.output.contains("is now \(tool.database).replaced-"))
        #expect(try await tool("db", "verify", "--artifacts").status == 0)
        let runs = try await tool("runs", "list", "--json").json()
        #expect(runs.array?.count == fixture.runs.count)
        #expect(try await tool("db", "restore", "nowhere.db").status == 66)
        #expect(try await tool("db", "restore", "weights.bin").status == 65)
    }

    /// Some file systems have no hard links; a library that refuses them stands for one.
    @Test func filesAreKeptWithoutHardLinks() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let source = tool.directory.appending(path: "weights.bin")
        try Data("weights".utf8).write(to: source)
        try await tool.store { store in
            let run = try await store.localWorkspace().resumeRun(fixture.runs[0].id)
            try await run.logArtifact(source, named: "weights")
            try await run.finish()
        }
        let code = """
            #include <errno.h>
            #include <unistd.h>
            int link(const char *from, const char *to) {
                (void)!write(2, "refused\\n", 8);
                errno = EPERM;
                return -1;
            }
            """
        try Data(code.utf8).write(to: tool.directory.appending(path: "refuse.c"))
        // The compiler that belongs to the Swift toolchain.
        let compiled = try await tool(
            ["clang", "-shared", "-fPIC", "-o", "refuse.so", "refuse.c"],
            program: URL(filePath: "/usr/bin/env"),
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""])
        try #require(compiled.status == 0, "\(compiled.errors)")
        let result = try await tool.shell(
            """
            export LD_PRELOAD="$PWD/refuse.so" MLOPS_DATABASE='\(tool.database)'
            mlops db backup copy.db --artifacts
            ! mlops db backup copy.db 2>&1
            mlops artifacts export first weights --to out.bin
            ! mlops artifacts export first weights --to out.bin 2>&1
            mlops db restore copy.db --artifacts
            mlops db verify --artifacts
            cmp weights.bin out.bin
            """)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.errors.contains("refused"), "\(result.errors)")
        #expect(result.output.contains("copy.db exists already"), "\(result.output)")
        #expect(result.output.contains("out.bin exists already"), "\(result.output)")
    }

    @Test func aSignalEndsACommandWithItsStoreClosed() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        // The command waits for the lock; it is ended by its own cancellation.
        let result = try await whileLocked(tool) {
            try await tool.shell(
                """
                export MLOPS_DATABASE='\(tool.database)'
                mlops purge & number=$!
                sleep 1; kill -TERM $number; wait $number || echo "status $?"
                """)
        }
        #expect(result.output == "status 130\n", "\(result.errors)")
    }

    /// Runs a body while this process holds the write lock of the database.
    private func whileLocked(
        _ tool: Tool, _ body: () async throws -> ToolResult
    ) async throws -> ToolResult {
        try await tool.store { store in
            let workspace = try await store.localWorkspace()
            let (locked, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            async let holder: Void = workspace.write { _ in
                locked.signal()
                release.wait()
            }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    locked.wait()
                    continuation.resume()
                }
            }
            let result: Result<ToolResult, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            release.signal()
            try await holder
            return try result.get()
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func aFileThatCannotBeWrittenIsRead() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        try #require(chmod(tool.database, 0o444) == 0 && chmod(tool.directory.path, 0o555) == 0)
        defer { chmod(tool.directory.path, 0o755) }
        func asSomebodyElse(_ command: String) async throws -> ToolResult {
            // The caller writes the output, so that only the tool lacks the rights.
            try await tool.shell(
                """
                export MLOPS_DATABASE='\(tool.database)'
                setpriv --reuid=65534 --clear-groups "$(command -v mlops)" \(command)
                """)
        }
        let list = try await asSomebodyElse("runs list --json")
        #expect(try list.json().array?.count == fixture.runs.count, "\(list.errors)")
        for command in ["db status", "db verify", "projects list", "runs show first"] {
            let result = try await asSomebodyElse(command)
            #expect(result.status == 0, "\(command): \(result.errors)")
        }
        let refused = try await asSomebodyElse("db vacuum")
        #expect(refused.status == 73, "\(refused.errors)")
        #expect(refused.errors.contains("right to write"))
    }

    /// The process of the run is alive, but hidden from other users.
    @Test(.enabled(if: geteuid() == 0)) func aHiddenProcessIsNotGone() async throws {
        let tool = try Tool()
        let store = try await SQLiteStore.open(tool.database)
        let run = try await store.localWorkspace().startRun(project: "p", experiment: "e")
        chmod(tool.directory.path, 0o777)
        for suffix in ["", "-wal", "-shm"] { chmod(tool.database + suffix, 0o666) }
        let listed = try await tool.shell(
            """
            export MLOPS_DATABASE='\(tool.database)'
            unshare -m sh -ec 'mount -t proc -o hidepid=2 proc /proc
                setpriv --reuid=65534 --clear-groups "$(command -v mlops)" runs list --json
                setpriv --reuid=65534 --clear-groups "$(command -v mlops)" runs recover'
            """)
        #expect(listed.status == 0, "\(listed.errors)")
        #expect(listed.output.contains("no run has lost its process"), "\(listed.output)")
        #expect(try await run.finish().status == .completed)
        try await store.close()
    }

    @Test func aLockedDatabaseIsBusy() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let result = try await whileLocked(tool) { try await tool("purge", "--timeout", "0.2") }
        #expect(result.status == 75, "\(result.errors)")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func outputThatCannotBeWrittenIsNoCrash() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let result = try await tool("runs", "list", output: URL(filePath: "/dev/full"))
        #expect(result.status == 73)
        #expect(result.errors == "mlops: the output cannot be written\n")
    }

    @Test func usageErrorsAreThoseOfTheParser() async throws {
        let tool = try Tool()
        for arguments in [
            ["nonsense"], ["runs", "list", "--limit", "0"], ["runs", "compare", "abcd"],
        ] {
            let result = try await tool(arguments)
            #expect(result.status == 64)
            #expect(result.output.isEmpty)
        }
        let help = try await tool("--help")
        #expect(help.status == 0)
        #expect(help.output.contains("66   a database or file does not exist"))
    }

    @Test func aCopyHasEveryRow() async throws {
        let tool = try Tool()
        #expect(try await tool("seed").status == 0)
        let copy = tool.directory.appending(path: "copy.db").path
        let done = try await tool("db", "copy", "--from", tool.database, "--to", copy, "--json")
        #expect(done.status == 0, "\(done.errors)")
        let tables = try #require(try done.json().array)
        #expect(tables.count == Schema.tables.count)
        #expect(tables.allSatisfy { ($0["rows"]?.int ?? 0) > 0 })
        #expect(done.errors.contains("run_metrics: 100 %"))
        let again = try await tool("db", "copy", "--from", copy, "--to", tool.database, "--json")
        #expect(try again.json() == done.json())
        let missing = try await tool("db", "copy", "--from", "nowhere.db", "--to", copy)
        #expect(missing.status == 66 && missing.errors.contains("nowhere.db does not exist"))
        let url = "postgresql://u:hush@127.0.0.1:1/x"
        let unreachable = try await tool("db", "copy", "--from", copy, "--to", url)
        #expect(unreachable.status == 73 && !unreachable.errors.contains("hush"))
        #expect(!unreachable.errors.contains("␊") && !unreachable.errors.contains("␉"))
        let link = tool.directory.appending(path: "link.db").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: copy)
        for (from, to) in [(copy, copy), (copy, link), (url, url)] {
            let same = try await tool("db", "copy", "--from", from, "--to", to)
            #expect(same.status == 64 && same.errors.contains("to itself"))
            #expect(!same.errors.contains("hush"))
        }
        for place in ["hu%zzsh@h/db", "hu/sh@h/db", "hush@[::1/x"] {
            let unreadable = try await tool(
                "db", "copy", "--from", copy, "--to", "postgresql://u:\(place)")
            #expect(unreadable.status == 73)
            #expect(unreadable.errors.contains("percent-encode user and password"))
            #expect(!unreadable.errors.contains("hu") && !unreadable.errors.contains("sh@"))
        }
    }
}
