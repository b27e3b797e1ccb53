import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// The file of a store: what may happen to it, and who may read it.
@Suite struct DatabaseFileTests {
    private let scratch: Scratch
    private let path: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path("mlops.db")
    }

    private func store(_ access: FileAccess = .owner) async throws -> SQLiteStore {
        var configuration = SQLiteConfiguration()
        configuration.fileAccess = access
        return try await SQLiteStore.open(path, configuration: configuration)
    }

    private func move(_ old: String, to new: String) throws {
        try #require(rename(scratch.path(old), scratch.path(new)) == 0)
    }

    // MARK: A file that is moved

    /// What may be done to the files of an open store.
    enum Accident: CaseIterable {
        case moved, removed, replaced, logRemoved, logReplaced, indexRemoved, indexReplaced
    }

    @Test(arguments: Accident.allCases)
    func nothingIsAcknowledgedAfterAnAccident(_ accident: Accident) async throws {
        let store = try await store()
        let workspace = try await store.localWorkspace()
        try await workspace.projects.insert(Fixtures.project(1))
        try await store.backup(to: scratch.path("backup.db"))
        switch accident {
        case .moved: try move("mlops.db", to: "moved.db")
        case .removed: try FileManager.default.removeItem(atPath: path)
        case .replaced: try move("backup.db", to: "mlops.db")
        case .logRemoved: try FileManager.default.removeItem(atPath: path + "-wal")
        case .logReplaced:
            try Data("other".utf8).write(to: scratch.directory.appending(path: "other"))
            try move("other", to: "mlops.db-wal")
        case .indexRemoved: try FileManager.default.removeItem(atPath: path + "-shm")
        case .indexReplaced:
            try FileManager.default.copyItem(atPath: path + "-shm", toPath: path + ".other")
            try move("mlops.db.other", to: "mlops.db-shm")
        }
        await expectError(.fileMoved) { try await workspace.projects.insert(Fixtures.project(2)) }
        await expectError(.fileMoved) { _ = try await store.logStatus() }
        // The reader that exists still reads; another one is not opened beside it.
        #expect(try await workspace.projects.count() == 1)
        let run = await #expect(throws: StoreError.self) {
            try await workspace.startRun(project: "p", experiment: "e")
        }
        #expect(run?.code == .fileMoved)
        try await store.close()
    }

    @Test func aBackupThatTakesTheNameIsLeftAlone() async throws {
        let store = try await store()
        let workspace = try await store.localWorkspace()
        try await workspace.projects.insert(Fixtures.project(1))
        try await store.backup(to: scratch.path("backup.db"))
        try await workspace.projects.insert(Fixtures.project(2))
        try move("backup.db", to: "mlops.db")
        await expectError(.fileMoved) { try await workspace.projects.insert(Fixtures.project(3)) }
        try await store.close()
        let again = try await self.store()
        #expect(try await again.verify().problems == [])
        #expect(try await again.localWorkspace().projects.all().map(\.name) == ["Project 1"])
        try await again.close()
    }

    @Test func aFileThatIsMovedTakesAlongWhatWasAcknowledged() async throws {
        let store = try await store()
        let workspace = try await store.localWorkspace()
        try await workspace.projects.insert(Fixtures.project(1))
        try move("mlops.db", to: "moved.db")
        try await store.close()
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path)
        #expect(left == ["moved.db"])
        let again = try await SQLiteStore.open(scratch.path("moved.db"))
        #expect(try await again.localWorkspace().projects.all().map(\.name) == ["Project 1"])
        try await again.close()
    }

    @Test func aReaderIsNotOpenedOnAnotherFile() async throws {
        let store = try await store()
        let workspace = try await store.localWorkspace()
        try await store.backup(to: scratch.path("backup.db"))
        try move("backup.db", to: "mlops.db")
        let inside = DispatchSemaphore(value: 0)
        let leave = DispatchSemaphore(value: 0)
        // The backup has opened one reader, which this read holds.
        async let held: Void = workspace.read { _ in
            inside.signal()
            leave.wait()
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                inside.wait()
                continuation.resume()
            }
        }
        await expectError(.fileMoved) { _ = try await workspace.projects.count() }
        leave.signal()
        try await held
        try await store.close()
    }

    @Test func aLinkIsResolvedAtOpening() async throws {
        let (first, link) = (scratch.path("first.db"), scratch.path("link.db"))
        try #require(symlink(first, link) == 0)
        try await SQLiteStore.open(first).close()
        let store = try await SQLiteStore.open(link)
        #expect(store.artifacts.directory == first + ".artifacts")
        let workspace = try await store.localWorkspace()
        try await workspace.projects.insert(Fixtures.project(1))
        #expect(try await store.logStatus().bytes > 0)
        // The link may lead elsewhere now; the store has its file.
        try FileManager.default.removeItem(atPath: link)
        try await workspace.projects.insert(Fixtures.project(2))
        try await store.close()
    }

    // MARK: A file that the program itself opens

    @Test func aFileOfAnOpenDatabaseIsNoArtifact() async throws {
        let store = try await store()
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        let hard = scratch.path("hard.db")
        let soft = scratch.path("soft.db")
        try #require(link(path, hard) == 0 && symlink(path + "-shm", soft) == 0)
        for name in [path, path + "-wal", path + "-shm", hard, soft] {
            await expectError(.invalidValue) { _ = try await run.logArtifact(URL(filePath: name)) }
        }
        await expectError(.invalidValue) {
            _ = try await AuditExport(of: workspace).run(to: hard)
        }
        // Another store of the same file keeps it in use.
        let second = try await self.store()
        try await second.close()
        await expectError(.invalidValue) { _ = try await run.logArtifact(URL(filePath: path)) }
        try await run.finish()
        try await store.close()
        let other = try await SQLiteStore.inMemory().localWorkspace()
        let later = try await other.startRun(project: "p", experiment: "e")
        try await later.logArtifact(URL(filePath: path))
        try await later.finish()
    }

    // MARK: Modes

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test(arguments: [(FileAccess.owner, 0o600, 0o700), (.group, 0o660, 0o770)])
    func filesArePrivate(access: FileAccess, file: Int, directory: Int) async throws {
        let store = try await store(access)
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        let source = scratch.directory.appending(path: "model.bin")
        try Data("weights".utf8).write(to: source)
        let artifact = try await run.logArtifact(source)
        try await run.finish()
        try await store.backup(to: scratch.path("backup.db"))
        let kept = try store.artifacts.verified(artifact)
        let files = [path, path + "-wal", path + "-shm", scratch.path("backup.db"), kept.path]
        for name in files { #expect(try mode(name) == file, "\(name)") }
        for name in [store.artifacts.directory, kept.deletingLastPathComponent().path] {
            #expect(try mode(name) == directory, "\(name)")
        }
        try await store.close()
    }

    @Test func aFileThatExistsKeepsItsMode() async throws {
        try Data().write(to: URL(filePath: path))
        try #require(chmod(path, 0o640) == 0)
        let store = try await store()
        #expect(try mode(path) == 0o640)
        try await store.close()
    }
}
