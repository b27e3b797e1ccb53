import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// Files that are only read: because that is all that is wanted, or all that is allowed.
@Suite struct ReadOnlyTests {
    private let scratch: Scratch
    private let path: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path("mlops.db")
    }

    private func readOnly() async throws -> SQLiteStore {
        var configuration = SQLiteConfiguration()
        configuration.mode = .readOnly
        return try await SQLiteStore.open(path, configuration: configuration)
    }

    private func makeStore() async throws {
        try await scratch.opened { _, workspace in
            try await workspace.projects.insert(Fixtures.project(1))
        }
    }

    private func allow(_ mode: mode_t, directory: mode_t, _ folder: String = "") throws {
        for suffix in ["", "-wal", "-shm"] {
            _ = chmod(scratch.path(folder + "mlops.db" + suffix), mode)
        }
        try #require(chmod(scratch.path(folder), directory) == 0)
    }

    /// A worker that reads the file as somebody else, whom only the modes allow anything.
    private func stranger(_ folder: String = "") throws -> Worker {
        let wrapper = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : []
        return try Worker("read", scratch.path(folder + "mlops.db"), wrapper: wrapper)
    }

    private func expectOnlyFirst(_ worker: Worker) async {
        #expect(await worker.line(startingWith: "write ") == "write readOnly")
        #expect(await worker.line(startingWith: "projects ") == "projects Project 1")
    }

    // MARK: A store that only reads

    /// A refusal that cannot be recorded is a refusal all the same.
    @Test func aStoreThatOnlyReadsRefusesSignInsAndKeys() async throws {
        try await makeStore()
        var configuration = SQLiteConfiguration()
        configuration.mode = .readOnly
        configuration.keys = Fixtures.keys
        configuration.auditedAccess = [.failedSignIns, .refusedKeys]
        let store = try await SQLiteStore.open(path, configuration: configuration)
        await expectError(.permissionDenied) {
            try await store.signIn(email: "nobody@example.com", password: Secret("password"))
        }
        await expectError(.permissionDenied) {
            try await store.workspace(apiKey: APIKeyToken.generate().text)
        }
        try await store.close()
    }

    @Test func aStoreThatOnlyReadsWritesNothing() async throws {
        await expectError(.cannotOpen) { try await readOnly() }
        #expect(!FileManager.default.fileExists(atPath: path))
        try await makeStore()
        let store = try await readOnly()
        let workspace = try await store.localWorkspace()
        #expect(try await workspace.projects.count() == 1)
        for write in [
            { _ = try await workspace.projects.insert(Fixtures.project(2)) },
            { _ = try await store.vacuum() },
            { _ = try await store.revertMigrations(to: 0) },
            { _ = try await workspace.startRun(project: "p", experiment: "e") },
        ] as [() async throws -> Void] {
            let error = await expectError(.readOnly, "", write)
            #expect(error?.message.contains("`mode`") == true, "\(error?.message ?? "")")
        }
        #expect(try await store.verify().problems == [])
        #expect(try await store.migrate() == [])
        #expect(try await store.logStatus().isHeld == false)
        try await store.backup(to: scratch.path("backup.db"))
        // Another store may write meanwhile, and is observed.
        var names = workspace.observe { try $0.projects.count() }.makeAsyncIterator()
        #expect(try await names.next() == 1)
        try await scratch.opened { _, writing in
            try await writing.projects.insert(Fixtures.project(2))
            #expect(try await names.next() == 2)
        }
        try await store.close()
    }

    @Test func anOldSchemaIsNotMigrated() async throws {
        let store = try await SQLiteStore.open(path)
        _ = try await store.revertMigrations(to: 2)
        try await store.close()
        await expectError(.schemaTooOld) { try await readOnly() }
    }

    // MARK: Without the right to write

    @Test func aFileWithoutALogIsRead() async throws {
        try await makeStore()
        try allow(0o444, directory: 0o555)
        defer { try? allow(0o644, directory: 0o755) }
        let worker = try stranger()
        await expectOnlyFirst(worker)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path)
                == ["mlops.db"])
    }

    @Test func nothingIsMadeBesideAFileOfAnotherUser() async throws {
        try await makeStore()
        try allow(0o444, directory: 0o777)
        let worker = try stranger()
        await expectOnlyFirst(worker)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path)
                == ["mlops.db"])
    }

    @Test func aFileIsReadWhileAWriterHasItOpen() async throws {
        try await scratch.opened { _, workspace in
            try await workspace.projects.insert(Fixtures.project(1))
            try allow(0o644, directory: 0o755)
            let worker = try stranger()
            await expectOnlyFirst(worker)
            try await workspace.projects.insert(Fixtures.project(2))
            let second = await worker.line(startingWith: "projects ")
            #expect(second == "projects Project 1, Project 2")
        }
    }

    @Test func aWriterThatComesLaterIsNoticed() async throws {
        try await makeStore()
        try allow(0o644, directory: 0o755)
        let worker = try stranger()
        await expectOnlyFirst(worker)
        try await scratch.opened { _, workspace in
            try await workspace.projects.insert(Fixtures.project(2))
            let second = await worker.line(startingWith: "projects ")
            #expect(second == "projects Project 1, Project 2")
        }
    }

    @Test(arguments: [["mlops.db", "mlops.db-wal"], ["mlops.db", "mlops.db-shm", "mlops.db-wal"]])
    func theLogOfAKilledWriterIsRead(names: [String]) async throws {
        let folder = scratch.directory.appending(path: "killed")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await scratch.opened { _, workspace in
            try await workspace.projects.insert(Fixtures.project(1))
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["cp"] + names.map(scratch.path) + [folder.path]
            try process.run()
            process.waitUntilExit()
        }
        try allow(0o444, directory: 0o555, "killed/")
        defer { try? allow(0o644, directory: 0o755, "killed/") }
        let worker = try stranger("killed/")
        await expectOnlyFirst(worker)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == names)
    }

    @Test(.enabled(if: SmallDisk.available.contains(.fileSystem)))
    func aReadOnlyMediumIsRead() async throws {
        try await makeStore()
        let script = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\""
        let worker = try Worker(
            "read", path,
            wrapper: [
                "unshare", geteuid() == 0 ? "-m" : "-rm", "sh", "-c", script,
                scratch.directory.path,
            ])
        await expectOnlyFirst(worker)
    }

    @Test func aLostLogIsNamedHereToo() async throws {
        try await scratch.opened { _, workspace in
            try await workspace.projects.insert(Fixtures.project(1))
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["cp", path, scratch.path("copy.db")]
            try process.run()
            process.waitUntilExit()
        }
        try #require(chmod(scratch.path("copy.db"), 0o444) == 0)
        var configuration = SQLiteConfiguration()
        configuration.mode = .readOnly
        let error = await expectError(.corrupt) {
            try await SQLiteStore.open(scratch.path("copy.db"), configuration: configuration)
        }
        #expect(error?.message.contains("has lost its log") == true)
    }
}
