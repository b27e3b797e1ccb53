import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// What becomes an artifact, and what comes back of it.
@Suite struct ArtifactStoreTests {
    private let scratch: Scratch
    private let artifacts: ArtifactStore

    init() throws {
        scratch = try Scratch()
        artifacts = ArtifactStore(directory: scratch.path("artifacts"))
    }

    private func url(_ name: String) -> URL { scratch.directory.appending(path: name) }

    @discardableResult
    private func file(_ name: String, _ text: String = "text") throws -> URL {
        try FileManager.default.createDirectory(
            at: url(name).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url(name))
        return url(name)
    }

    // MARK: What is refused

    /// What is neither a file nor a directory.
    enum Special: CaseIterable {
        case fifo, device, socket

        func make(_ path: String) throws {
            switch self {
            case .fifo: try #require(mkfifo(path, 0o600) == 0)
            case .device: try #require(symlink("/dev/zero", path) == 0)
            case .socket: try #require(mknod(path, S_IFSOCK | 0o600, 0) == 0)
            }
        }
    }

    @Test(arguments: Special.allCases) func whatIsNoFileIsRefused(_ special: Special) async throws {
        let folder = url("folder")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let made = folder.appending(path: "it")
        try special.make(made.path)
        // Alone, in a directory, and in the place of a kept file: none of them is waited for.
        await expectError(.invalidValue) { try artifacts.add(contentsOf: made) }
        await expectError(.invalidValue) { try artifacts.add(contentsOf: folder) }
        let artifact = try artifacts.add(contentsOf: file("file"))
        let kept = try artifacts.verified(artifact)
        try FileManager.default.removeItem(at: kept)
        try #require(rename(made.path, kept.path) == 0)
        await expectError(.corrupt) { try artifacts.verified(artifact) }
    }

    /// A file that cannot be reached is not missing: nothing may be concluded from that.
    @Test func anArtifactThatCannotBeReachedIsNotMissing() async throws {
        let artifact = try artifacts.add(contentsOf: file("file"))
        let folder = try artifacts.verified(artifact).deletingLastPathComponent()
        try FileManager.default.removeItem(at: folder)
        // Nothing can be read through a link to itself, by the administrator either.
        try #require(symlink(folder.path, folder.path) == 0)
        await expectError(.inputOutput) { try artifacts.verified(artifact) }
        await expectError(.inputOutput) {
            try artifacts.export(artifact, named: "file", to: url("target"))
        }
        #expect(!FileManager.default.fileExists(atPath: url("target").path))
        try #require(unlink(folder.path) == 0)
        await expectError(.notFound) { try artifacts.verified(artifact) }
    }

    @Test func aLinkInsideADirectoryIsRefused() async throws {
        let outside = try file("outside", "secret")
        try file("model/weights")
        try #require(symlink(outside.path, url("model/link").path) == 0)
        let error = await expectError(.invalidValue) {
            try artifacts.add(contentsOf: url("model"))
        }
        #expect(error?.message.contains("model/link") == true)
        // The path that the program names may be a link.
        try #require(unlink(url("model/link").path) == 0)
        try #require(symlink(url("model").path, url("current").path) == 0)
        #expect(try artifacts.add(contentsOf: url("current")).kind == .directory)
    }

    @Test func aDatabaseInADirectoryIsRefused() async throws {
        let store = try await SQLiteStore.open(scratch.path("program/mlops.db").creatingFolder())
        await expectError(.invalidValue) { try artifacts.add(contentsOf: url("program")) }
        try await store.close()
        #expect(try artifacts.add(contentsOf: url("program")).kind == .directory)
    }

    // MARK: What comes back

    @Test(arguments: [
        "../out", "/etc/out", "a/../../out", "a//b", "", ".", "a/.", "a\0b", "..",
    ]) func aListOfFilesLeadsNowhereElse(name: String) async throws {
        let kept = try artifacts.add(contentsOf: file("file"))
        let entry: JSONValue = [
            "name": .string(name), "sha256": .string(kept.sha256), "size_bytes": 4,
        ]
        let list = Data(
            "{\"directory\":[\(try name.contains("\0") ? "{}" : entry.canonicalText())]}".utf8)
        await expectError(.corrupt) { try ArtifactManifest(parsing: list) }
        try list.write(to: url("list"))
        let manifest = try artifacts.add(contentsOf: url("list"))
        let directory = Artifact(sha256: manifest.sha256, sizeBytes: 4, kind: .directory)
        await expectError(.corrupt) {
            try artifacts.export(directory, named: "d", to: url("target"))
        }
        #expect(!FileManager.default.fileExists(atPath: url("target").path))
    }

    @Test func aListOfFilesIsReadAsItWasWritten() async throws {
        func files(_ names: [String]) -> [ArtifactManifest.File] {
            names.map { .init(name: $0, sha256: String(repeating: "a", count: 64), sizeBytes: 1) }
        }
        let names = ["b", "a/b", "a b", "é", "e\u{301}", "ÿ", "𝄞", "a\nb"]
        let data = try ArtifactManifest(files(names)).data()
        #expect(data.starts(with: ArtifactManifest.beginning))
        let read = try ArtifactManifest(parsing: data).files.map { Array($0.name.utf8) }
        #expect(Set(read) == Set(names.map { Array($0.utf8) }))
        // A name occurs once.
        let twice = try ArtifactManifest(files(["a", "a"])).data()
        await expectError(.corrupt) { try ArtifactManifest(parsing: twice) }
    }

    @Test func anExportedFileHasItsExtension() async throws {
        let weights = try artifacts.add(contentsOf: file("m.safetensors"))
        let names = ["weights", "weights.safetensors", "v1.5", "checkpoints/best"]
        let exported = try names.map { name in
            let folder = try file("to/\(name.utf8.count)/x").deletingLastPathComponent()
            return try artifacts.export(weights, named: name, to: folder).path
                .dropFirst(folder.path.count + 1)
        }
        #expect(
            exported == [
                "weights.safetensors", "weights.safetensors", "v1.5.safetensors",
                "checkpoints/best.safetensors",
            ])
        // A new path is taken as it is; nothing is replaced, and no name leads elsewhere.
        #expect(try artifacts.export(weights, named: "w", to: url("new")) == url("new"))
        await expectError(.alreadyExists) {
            try artifacts.export(weights, named: "w", to: url("new"))
        }
        for name in ["../w", "/w", "a/../../w"] {
            await expectError(.invalidValue, name) {
                try artifacts.export(weights, named: name, to: url("to"))
            }
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path)
        #expect(left.sorted() == ["artifacts", "m.safetensors", "new", "to"])
    }

    // MARK: What is kept

    @Test func pruningKeepsTheFilesOfDirectories() async throws {
        try file("model/a", "a")
        try file("model/sub/b", "b")
        try await scratch.opened { store, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            let logged = try await run.logArtifact(url("model"))
            try await run.finish()
            func prune() async throws -> Int {
                try await store.withSystemAccess(reason: "test") {
                    try await $0.pruneArtifacts(grace: -60).files
                }
            }
            #expect(try await prune() == 0)
            // A version that names the directory keeps it, without saying that it is one.
            let project = try #require(try await workspace.projects.first())
            let model = try await workspace.models.insert(Model(project: project.id, name: "m"))
            let version = try await workspace.modelVersions.insert(
                ModelVersion(model: model.id, version: "1", artifactSHA256: logged.sha256))
            try await workspace.runs.delete(run.id)
            try await workspace.runs.purge(run.id)
            #expect(try await prune() == 0)
            try await workspace.modelVersions.delete(version.id)
            try await workspace.modelVersions.purge(version.id)
            #expect(try await prune() == 3)
        }
    }

    /// A file that only looks like a list is a file like any other.
    @Test func whatIsNoListStopsNothing() async throws {
        try file("list", #"{"directory":[1]}"#)
        try file("other", "b")
        try await scratch.opened { store, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            let list = try await run.logArtifact(url("list"))
            let claimed = Artifact(sha256: list.sha256, sizeBytes: 1, kind: .directory)
            try await run.finish()
            try await store.withSystemAccess(reason: "test") { access in
                #expect(try await access.pruneArtifacts(grace: -60).files == 0)
                #expect(try await access.verifyArtifacts().problems == [])
                try await workspace.write { [id = run.id] in
                    try $0.runs.logged.record(claimed, named: "claimed", in: id)
                }
                #expect(try await access.pruneArtifacts(grace: -60).files == 0)
                #expect(try await access.verifyArtifacts().problems.count == 1)
            }
        }
    }

    @Test func aLinkToTheDirectoryIsFollowed() async throws {
        try file("a", "a")
        let path = scratch.path("mlops.db.artifacts")
        try FileManager.default.createDirectory(
            atPath: scratch.path("large"), withIntermediateDirectories: true)
        try #require(symlink("large", path) == 0)
        try await scratch.opened { store, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            try await run.logArtifact(url("a"))
            try await run.finish()
            let whole = try await store.backup(to: scratch.path("backup.db"), artifacts: true)
            #expect(whole.files == 1)
            try await workspace.runs.delete(run.id)
            try await workspace.runs.purge(run.id)
            let pruned = try await store.withSystemAccess(reason: "test") {
                try await $0.pruneArtifacts(grace: -60)
            }
            #expect(pruned.files == 1)
        }
    }

    @Test func pruningStopsAtADamagedList() async throws {
        try file("model/a", "a")
        try await scratch.opened { store, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            let logged = try await run.logArtifact(url("model"))
            try await run.finish()
            try Data("{}".utf8).write(to: store.artifacts.place(of: logged.sha256))
            let error = await expectError(.corrupt) {
                try await store.withSystemAccess(reason: "test") {
                    try await $0.pruneArtifacts(grace: -60)
                }
            }
            #expect(error?.message.contains(logged.sha256) == true)
            #expect(try store.artifacts.files(before: .distantFuture).count == 2)
        }
    }

    @Test(.enabled(if: SmallDisk.mayMountImages))
    func anArtifactOutlivesAPowerCut() async throws {
        try file("source/sub/weights", "weights")
        // The disk is copied while it is mounted: what a power cut would leave.
        let script = """
            truncate -s 16m disk; mkfs.ext4 -q disk; mkdir mounted
            mount -o loop,commit=300 disk mounted
            "$@" "$PWD/mounted/artifacts" "$PWD/source"
            cp disk cut; umount mounted
            mount -o loop cut mounted; find mounted/artifacts -type f -not -empty; umount mounted
            """
        let worker = try Worker(
            "keep",
            wrapper: ["unshare", "-m", "sh", "-ec", "cd \"$1\"; shift; " + script, "sh"]
                + [scratch.directory.path])
        let lines = await worker.remainingLines()
        let hash = try #require(lines.first { $0.hasPrefix("kept ") }?.split(separator: " ").last)
        let files = lines.filter { $0.hasPrefix("mounted/") }
        #expect(files.count == 2, "\(lines)")
        #expect(files.contains("mounted/artifacts/\(hash.prefix(2))/\(hash)"))
    }
}

extension String {
    /// The path itself, after the folder above it was made.
    fileprivate func creatingFolder() throws -> String {
        try FileManager.default.createDirectory(
            at: URL(filePath: self).deletingLastPathComponent(), withIntermediateDirectories: true)
        return self
    }
}
