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

    /// What is in the working directory may come from a stranger; the run is read by others.
    @Test(arguments: [
        "ref: ../secret", "ref: ../../secret", "ref: refs/../../secret", "ref: refs/./x",
        "ref: refs//x", "ref: /etc/hostname", "ref: refs", "ref: secret", "password = hunter2",
        "ref: refs/heads/text", "ref: refs/heads/upper", "ref: refs/heads/linked",
        "ref: refs/dir/secret", "ref: refs/heads", "",
    ])
    func noOtherFileIsRead(_ head: String) async throws {
        try await withFiles([
            ".git/HEAD": head, "secret": hash, ".git/secret": hash, "keys/secret": hash,
            ".git/refs/heads/text": "password = hunter2", ".git/refs/heads/upper": "\(hash)A1",
            ".git/packed-refs": "hunter2 refs/heads/linked\n",
        ]) { root in
            let links = [
                ".git/refs/heads/linked": "../../../secret", ".git/refs/dir": "../../keys",
            ]
            for (path, target) in links {
                try FileManager.default.createSymbolicLink(
                    atPath: root.appending(path: path).path, withDestinationPath: target)
            }
            #expect(GitCommit.current(from: root.path) == nil)
        }
    }

    @Test(arguments: [".git/HEAD", ".git/refs/heads/main", ".git/packed-refs", ".git/commondir"])
    func aLinkAPipeOrALargeFileIsNotRead(_ path: String) async throws {
        var files = [
            ".git/HEAD": "ref: refs/heads/main\n", "secret": hash, ".git/refs/heads/x": "",
        ]
        for isPipe in [false, true] {
            files[path] = nil
            try await withFiles(files) { root in
                let file = root.appending(path: path).path
                if isPipe {
                    #expect(mkfifo(file, 0o600) == 0)
                } else {
                    let up = String(repeating: "../", count: path.split(separator: "/").count - 1)
                    try FileManager.default.createSymbolicLink(
                        atPath: file, withDestinationPath: "\(up)secret")
                }
                #expect(GitCommit.current(from: root.path) == nil)
            }
        }
        try await withFiles([:]) { root in
            let git = root.appending(path: ".git")
            try FileManager.default.createDirectory(at: git, withIntermediateDirectories: true)
            let file = git.appending(path: "HEAD").path
            #expect(FileManager.default.createFile(atPath: file, contents: nil))
            #expect(truncate(file, 1 << 40) == 0)
            #expect(GitCommit.current(from: root.path) == nil)
        }
    }

    /// Tools such as `repo` share the references of several working directories by a link.
    @Test func aLinkToSharedReferencesIsFollowed() async throws {
        try await withFiles([
            ".git/HEAD": "ref: refs/heads/main\n", "shared/refs/heads/main": hash,
        ]) { root in
            try FileManager.default.createSymbolicLink(
                atPath: root.appending(path: ".git/refs").path,
                withDestinationPath: "../shared/refs")
            #expect(GitCommit.current(from: root.path) == hash)
        }
    }

    /// A later checkout does not change the running program.
    @Test func theEnvironmentKeepsTheFirstCommit() async throws {
        try await withFiles([".git/HEAD": hash]) { root in
            let first = await RunEnvironment.capture(in: root.path)
            #expect(first["git_commit"] == .string(hash))
            let process = ProcessInfo.processInfo.processIdentifier
            #expect(first["process"]?["id"]?.int == Int64(process))
            let other = String(repeating: "b2", count: 32)
            try Data("\(other)\n".utf8).write(to: root.appending(path: ".git/HEAD"))
            #expect(GitCommit.current(from: root.path) == other)
            #expect(await RunEnvironment.capture(in: root.path) == first)
        }
    }
}
