import Foundation
import Testing

@testable import MLOpsCore

/// The commit of a run, from the files that git writes.
struct GitCommitTests {
    private let hash = String(repeating: "a1", count: 20)

    /// Runs a body with a directory of these files.
    private func withFiles(
        _ files: [String: String], _ body: (URL) throws -> Void
    ) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "mlops-git-\(UUID())")
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try body(root)
    }

    @Test func aBranchIsFollowedFromADirectoryBelow() throws {
        try withFiles([
            ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": "\(hash)\n",
            "Sources/code.swift": "",
        ]) { root in
            #expect(GitCommit.current(from: root.appending(path: "Sources").path) == hash)
        }
    }

    @Test func aPackedBranchAndADetachedHeadAreRead() throws {
        let packed = "# pack-refs with: peeled\nb2 refs/heads/other\n\(hash) refs/heads/main\n"
        try withFiles([".git/HEAD": "ref: refs/heads/main\n", ".git/packed-refs": packed]) {
            #expect(GitCommit.current(from: $0.path) == hash)
        }
        try withFiles([".git/HEAD": "\(hash)\n"]) {
            #expect(GitCommit.current(from: $0.path) == hash)
        }
    }

    @Test func aWorktreeHasItsOwnHeadAndTheBranchesOfAll() throws {
        try withFiles([
            "main/.git/refs/heads/side": "\(hash)\n",
            "main/.git/worktrees/side/HEAD": "ref: refs/heads/side\n",
            "main/.git/worktrees/side/commondir": "../..\n",
            "side/.git": "gitdir: ../main/.git/worktrees/side\n",
        ]) { root in
            #expect(GitCommit.current(from: root.appending(path: "side").path) == hash)
        }
    }

    @Test func aBranchWithoutACommitHasNone() throws {
        try withFiles([".git/HEAD": "ref: refs/heads/main\n"]) {
            #expect(GitCommit.current(from: $0.path) == nil)
        }
    }

    /// What is checked out while the program runs is not what runs.
    @Test func theEnvironmentIsFoundOnce() async throws {
        let first = await RunEnvironment.capture()
        #expect(first["process"]?["id"]?.int == Int64(ProcessInfo.processInfo.processIdentifier))
        #expect(await RunEnvironment.capture() == first)
    }
}
