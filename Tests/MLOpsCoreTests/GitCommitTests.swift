import Foundation
import Testing

@testable import MLOpsCore

/// The commit of a run, read from git's files.
struct GitCommitTests {
    private let hash = String(repeating: "a1", count: 20)

    /// Runs a body with a directory of these files.
    private func withFiles(
        _ files: [String: String], _ body: (URL) async throws -> Void
    ) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "mlops-git-\(UUID())")
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try await body(root)
    }

    @Test func aBranchIsFollowedFromADirectoryBelow() async throws {
        try await withFiles([
            ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": "\(hash)\n",
            "Sources/code.swift": "",
        ]) { root in
            #expect(GitCommit.current(from: root.appending(path: "Sources").path) == hash)
        }
    }

    @Test func aPackedBranchAndADetachedHeadAreRead() async throws {
        let packed = "# pack-refs with: peeled\nb2 refs/heads/other\n\(hash) refs/heads/main\n"
        try await withFiles([".git/HEAD": "ref: refs/heads/main\n", ".git/packed-refs": packed]) {
            #expect(GitCommit.current(from: $0.path) == hash)
        }
        try await withFiles([".git/HEAD": "\(hash)\n"]) {
            #expect(GitCommit.current(from: $0.path) == hash)
        }
    }

    @Test func aWorktreeHasItsOwnHeadAndTheBranchesOfAll() async throws {
        try await withFiles([
            "main/.git/refs/heads/side": "\(hash)\n",
            "main/.git/worktrees/side/HEAD": "ref: refs/heads/side\n",
            "main/.git/worktrees/side/commondir": "../..\n",
            "side/.git": "gitdir: ../main/.git/worktrees/side\n",
        ]) { root in
            #expect(GitCommit.current(from: root.appending(path: "side").path) == hash)
        }
    }

    @Test func aBranchWithoutACommitHasNone() async throws {
        try await withFiles([".git/HEAD": "ref: refs/heads/main\n"]) {
            #expect(GitCommit.current(from: $0.path) == nil)
        }
    }

    /// A later checkout does not change the running program.
    @Test func theEnvironmentKeepsTheFirstCommit() async throws {
        try await withFiles([".git/HEAD": hash]) { root in
            let first = await RunEnvironment.capture(in: root.path)
            #expect(first["git_commit"] == .string(hash))
            let process = ProcessInfo.processInfo.processIdentifier
            #expect(first["process"]?["id"]?.int == Int64(process))
            try Data("b2\n".utf8).write(to: root.appending(path: ".git/HEAD"))
            #expect(GitCommit.current(from: root.path) == "b2")
            #expect(await RunEnvironment.capture(in: root.path) == first)
        }
    }
}
