import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// Backups, what is put back of them, and files without their log.
@Suite struct RestoreTests {
    private let scratch: Scratch
    private let path: String
    private let backup: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path("mlops.db")
        backup = scratch.path("backup.db")
    }

    /// The files without a log: a process that has ended leaves its own.
    private func files() throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path)
                .filter { !["mlops.db-wal", "mlops.db-shm"].contains($0) })
    }

    private func projects(_ path: String) async throws -> [String] {
        let store = try await SQLiteStore.open(path)
        let names = try await store.localWorkspace().projects.all(order: { [$0.name.ascending] })
            .map(\.name)
        #expect(try await store.verify().problems == [])
        try await store.close()
        return names
    }

    /// Makes a backup with the first project, and a database with two.
    private func makeBackup() async throws {
        try await scratch.opened { store, workspace in
            try await workspace.projects.insert(Fixtures.project(1))
            try await store.backup(to: backup)
            try await workspace.projects.insert(Fixtures.project(2))
        }
    }

    /// Copies files with another process: this one would drop the locks of the database.
    private func copy(_ names: [String], to folder: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["cp"] + names.map(scratch.path) + [scratch.path(folder)]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    /// What a killed program leaves in `crashed/`: a database whose rows are all in its log.
    private func leaveACrash(_ project: Int = 1) async throws -> String {
        try FileManager.default.createDirectory(
            atPath: scratch.path("crashed"), withIntermediateDirectories: true)
        try await scratch.opened { _, workspace in
            try await workspace.projects.insert(Fixtures.project(project))
            try copy(["mlops.db", "mlops.db-wal"], to: "crashed")
        }
        return scratch.path("crashed/mlops.db")
    }

    // MARK: Restoring

    @Test func aBackupIsPutBackAndTheOldFileKept() async throws {
        try await makeBackup()
        try #require(chmod(path, 0o640) == 0)
        let restored = try await SQLiteStore.restore(backup, to: path)
        #expect(restored.schemaVersion == 4)
        let kept = try #require(restored.replaced)
        #expect(kept.hasPrefix(path + ".replaced-"))
        #expect(try await projects(path) == ["Project 1"])
        #expect(try await projects(kept) == ["Project 1", "Project 2"])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o640)
        let name = try #require(URL(string: kept)?.lastPathComponent)
        #expect(try files() == ["mlops.db", "backup.db", name])
        // The second one of the same second gets another name.
        let again = try await SQLiteStore.restore(backup, to: path)
        #expect(again.replaced != kept)
    }

    @Test func noLogOfTheOldFileStaysBesideTheNewOne() async throws {
        let crashed = try await leaveACrash()
        try await scratch.opened { store, workspace in
            try await workspace.projects.insert(Fixtures.project(3))
            try await store.backup(to: backup)
        }
        let restored = try await SQLiteStore.restore(backup, to: crashed)
        let kept = try #require(restored.replaced)
        #expect(FileIdentity(crashed + "-wal") == nil && FileIdentity(crashed + "-shm") == nil)
        #expect(try await projects(crashed) == ["Project 1", "Project 3"])
        #expect(try await projects(kept) == ["Project 1"])
    }

    @Test func aDatabaseThatIsUsedIsNotReplaced() async throws {
        try await makeBackup()
        let store = try await SQLiteStore.open(path)
        await expectError(.busy) { try await SQLiteStore.restore(backup, to: path) }
        try await store.close()
        let worker = try Worker("signal", path)
        _ = try #require(await worker.line(startingWith: "run "))
        let before = try files()
        let error = await expectError(.busy) { try await SQLiteStore.restore(backup, to: path) }
        #expect(error?.message.contains("in use") == true)
        #expect(try files() == before)
        worker.send(SIGKILL)
        _ = await worker.wait()
        #expect(try await SQLiteStore.restore(backup, to: path).replaced != nil)
        #expect(try await projects(path) == ["Project 1"])
    }

    @Test func aMissingOrDamagedDatabaseIsRestored() async throws {
        try await makeBackup()
        let (new, link) = (scratch.path("new.db"), scratch.path("link.db"))
        #expect(try await SQLiteStore.restore(backup, to: new).replaced == nil)
        #expect(try await projects(new) == ["Project 1"])
        try Data(repeating: 65, count: 9000).write(to: URL(filePath: path))
        try #require(symlink(path, link) == 0)
        let kept = try #require(try await SQLiteStore.restore(backup, to: link).replaced)
        #expect(try Data(contentsOf: URL(filePath: kept)).count == 9000)
        #expect(try await projects(path) == ["Project 1"])
    }

    @Test func whatIsNoSoundBackupIsNotPutBack() async throws {
        // Of a new database, whose log has everything.
        let crashed = try await leaveACrash(3)
        try await makeBackup()
        try #require(unlink(crashed + "-wal") == 0)
        try Data(repeating: 65, count: 9000)
            .write(to: scratch.directory.appending(path: "text.db"))
        try copy(["backup.db"], to: "damaged.db")
        let file = try FileHandle(forUpdating: scratch.directory.appending(path: "damaged.db"))
        try file.seek(toOffset: 8192)
        try file.write(contentsOf: Data(repeating: 0x55, count: 40_000))
        try file.close()
        try Data().write(to: scratch.directory.appending(path: "empty.db"))
        let before = try files()
        let cases: [(String, StoreError.Code)] = [
            ("text.db", .notADatabase), ("damaged.db", .corrupt), ("empty.db", .notADatabase),
            ("crashed/mlops.db", .corrupt), ("nowhere.db", .cannotOpen),
            ("mlops.db", .invalidValue),
        ]
        for (name, code) in cases {
            let error = await expectError(code, name) {
                try await SQLiteStore.restore(scratch.path(name), to: path)
            }
            #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
        }
        #expect(try files() == before)
        #expect(try await projects(path) == ["Project 1", "Project 2", "Project 3"])
    }

    @Test func aDatabaseThatIsOpenUnderAnotherNameIsInUse() async throws {
        try await makeBackup()
        let alias = scratch.path("alias.db")
        try #require(link(path, alias) == 0)
        await expectError(.invalidValue) { try await SQLiteStore.restore(path, to: alias) }
        let store = try await SQLiteStore.open(path)
        await expectError(.busy) { try await SQLiteStore.restore(backup, to: alias) }
        try await store.close()
        #expect(try await projects(path) == ["Project 1", "Project 2"])
    }

    @Test func whatIsNoFileIsNotReplaced() async throws {
        try await makeBackup()
        let pipe = scratch.path("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        await expectError(.notADatabase) { try await SQLiteStore.restore(backup, to: pipe) }
        await expectError(.notFound, "artifacts that were not taken along") {
            try await SQLiteStore.restore(backup, to: path, artifacts: true)
        }
        #expect(try files().contains("pipe"))
    }

    /// Another program makes the database while the backup is copied.
    @Test func aDatabaseThatIsMadeMeanwhileIsLeftAlone() async throws {
        try await makeBackup()
        let target = scratch.path("new.db")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "sqlite3", target, "PRAGMA journal_mode = WAL",
            "CREATE TABLE theirs (id); INSERT INTO theirs VALUES (1)", ".shell sleep 60",
        ]
        process.standardOutput = FileHandle.nullDevice
        let progress: @Sendable (Int, Int) -> Void = { _, _ in
            guard !process.isRunning, FileIdentity(target) == nil else { return }
            try? process.run()
            var status = stat()
            while stat(target + "-wal", &status) != 0 || status.st_size == 0 { usleep(1000) }
        }
        let error = await #expect(throws: StoreError.self) {
            try await SQLiteStore.restore(backup, to: target, progress: progress)
        }
        #expect(error?.code == .inputOutput, "\(error.map { "\($0)" } ?? "")")
        #expect(FileIdentity(target + "-wal") != nil)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// SQLite would take it for the log of the new file.
    @Test func aLogThatStandsThereIsNotTakenUp() async throws {
        try await makeBackup()
        let stray = scratch.path("new.db-wal")
        try Data("stray".utf8).write(to: URL(filePath: stray))
        try await scratch.opened { store, _ in
            await expectError(.alreadyExists) { try await store.backup(to: scratch.path("new.db")) }
        }
        let restored = try await SQLiteStore.restore(backup, to: scratch.path("new.db"))
        let kept = try #require(restored.replaced)
        #expect(try Data(contentsOf: URL(filePath: kept + "-wal")) == Data("stray".utf8))
        #expect(try await projects(scratch.path("new.db")) == ["Project 1"])
    }

    /// SQLite would roll the journal of the old file back into the new one.
    @Test func aJournalIsKeptWithItsFile() async throws {
        try await makeBackup()
        let old = scratch.path("old.db")
        try Data("old".utf8).write(to: URL(filePath: old))
        try Data("journal".utf8).write(to: URL(filePath: old + "-journal"))
        let kept = try #require(try await SQLiteStore.restore(backup, to: old).replaced)
        #expect(try Data(contentsOf: URL(filePath: kept)) == Data("old".utf8))
        #expect(try Data(contentsOf: URL(filePath: kept + "-journal")) == Data("journal".utf8))
        #expect(try await projects(old) == ["Project 1"])
    }

    @Test func linksAreFollowedAsTheSystemDoes() async throws {
        try FileManager.default.createDirectory(
            atPath: scratch.path("real/sub"), withIntermediateDirectories: true)
        try #require(symlink("real/sub", scratch.path("folder")) == 0)
        try #require(symlink("real/later.db", scratch.path("later.db")) == 0)
        let real = DatabaseFile.resolved(scratch.path("real"))
        #expect(DatabaseFile.resolved(scratch.path("folder/../x.db")) == real + "/x.db")
        #expect(DatabaseFile.resolved(scratch.path("later.db")) == real + "/later.db")
        // The target is made like any new file.
        try await SQLiteStore.open(scratch.path("later.db")).close()
        let attributes = try FileManager.default.attributesOfItem(atPath: real + "/later.db")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try await projects(real + "/later.db") == [])
    }

    // MARK: Without the log

    @Test func aDatabaseThatHasLostItsLogSaysSo() async throws {
        let crashed = try await leaveACrash()
        let (log, aside) = (crashed + "-wal", crashed + "-aside")
        try #require(rename(log, aside) == 0)
        var inspecting = SQLiteConfiguration()
        (inspecting.migratesOnOpen, inspecting.requiresCurrentSchema) = (false, false)
        for configuration in [SQLiteConfiguration(), inspecting] {
            let error = await expectError(.corrupt) {
                try await SQLiteStore.open(crashed, configuration: configuration)
            }
            #expect(error?.message.contains("has lost its log") == true)
            #expect(error?.message.contains("mlops db restore") == true)
        }
        // What is no log is not taken for an empty one.
        try Data(repeating: 65, count: 9000).write(to: URL(filePath: log))
        let foreign = await expectError(.corrupt) { try await SQLiteStore.open(crashed) }
        #expect(foreign?.message.contains("no log of SQLite") == true)
        try #require(rename(aside, log) == 0)
        #expect(try await projects(crashed) == ["Project 1"])
    }

    @Test func aFileThatNobodyMigratedIsNew() async throws {
        var configuration = SQLiteConfiguration()
        configuration.migratesOnOpen = false
        for _ in 0..<2 {
            await expectError(.schemaTooOld) {
                try await SQLiteStore.open(path, configuration: configuration)
            }
        }
        configuration.requiresCurrentSchema = false
        try await SQLiteStore.open(path, configuration: configuration).close()
        #expect(try await projects(path) == [])
    }

    // MARK: Backups

    @Test func aBackupThatFailsLeavesNothing() async throws {
        try await scratch.opened { store, workspace in
            for number in 1...8 {
                var project = Fixtures.project(number)
                project.description = String(repeating: "x", count: 1 << 20)
                try await workspace.projects.insert(project)
            }
            let run = try await workspace.startRun(project: "p", experiment: "e")
            let file = scratch.directory.appending(path: "file")
            try Data("weights".utf8).write(to: file)
            try await run.logArtifact(file)
            try await run.finish()
            try FileManager.default.removeItem(at: file)
        }
        let before = try files()
        let worker = try Worker(
            "copy", path, backup,
            wrapper: SmallDisk.fileLimit.wrapper(scratch.directory.path))
        #expect(await worker.remainingLines().last == "error diskFull")
        #expect(try files() == before)
        try await scratch.opened { store, _ in
            let task = Task {
                try await store.backup(to: backup) { _, _ in withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            // A file where the directory of artifacts should be.
            try Data().write(to: URL(filePath: backup + ".artifacts"))
            await expectError(.inputOutput) { try await store.backup(to: backup, artifacts: true) }
        }
        #expect(try files() == before.union(["backup.db.artifacts"]))
    }

    @Test func artifactsGoAlongWhenAsked() async throws {
        let folder = scratch.directory.appending(path: "model")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("weights".utf8).write(to: folder.appending(path: "weights"))
        try Data("config".utf8).write(to: folder.appending(path: "config"))
        try await scratch.opened { store, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            let logged = try await run.logArtifact(folder)
            let weights = try await run.logArtifact(folder.appending(path: "weights"))
            try await run.finish()
            func verified() async throws -> ArtifactReport {
                try await store.withSystemAccess(reason: "test") { try await $0.verifyArtifacts() }
            }
            #expect(
                try await verified() == ArtifactReport(files: 3, bytes: 13 + manifestSize(logged)))
            let whole = try await store.backup(to: backup, artifacts: true)
            #expect(whole.files == 3 && whole.problems.isEmpty)
            // A damaged file is named, and is no reason to have no backup.
            let kept = try store.artifacts.verified(weights)
            try Data("damaged".utf8).write(to: kept)
            try FileManager.default.removeItem(at: store.artifacts.place(of: logged.sha256))
            let found = try await verified()
            #expect(found.files == 0 && found.problems.count == 2, "\(found.problems)")
            #expect(found.problems.allSatisfy { $0.contains("\(run.id)") })
            let partial = try await store.backup(to: scratch.path("partial.db"), artifacts: true)
            #expect(partial.files == 1 && partial.problems.count == 1)
            #expect(partial.problems.first?.contains(weights.sha256) == true)

            func manifestSize(_ artifact: Artifact) throws -> Int64 {
                Int64(try store.artifacts.manifest(artifact.sha256).data().count)
            }
        }
        let restored = try await SQLiteStore.restore(backup, to: path, artifacts: true)
        #expect(restored.artifacts.files == 3 && restored.artifacts.problems.isEmpty)
        try await scratch.opened { store, _ in
            let found = try await store.withSystemAccess(reason: "test") {
                try await $0.verifyArtifacts()
            }
            #expect(found.files == 3 && found.problems.isEmpty)
        }
    }
}
