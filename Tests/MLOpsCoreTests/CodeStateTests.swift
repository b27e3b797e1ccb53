import Foundation
import Testing

@testable import MLOpsCore

/// What git says of the code of a program, and what it must not run.
@Suite struct CodeStateTests {
    private let scratch: Scratch
    private var directory: String { scratch.directory.path }

    init() throws { scratch = try Scratch() }

    @discardableResult
    private func git(_ arguments: String...) throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
            + arguments
        process.currentDirectoryURL = scratch.directory
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: scratch.directory.appending(path: name))
    }

    private func commit() throws {
        try git("init", "-q")
        try write("let a = 1\n", to: "a.swift")
        try git("add", ".")
        try #require(try git("commit", "-q", "-m", "first"))
    }

    @Test func aCleanRepositoryHasNoDiff() throws {
        try commit()
        let state = CodeState.current(in: directory)
        #expect(state.json["dirty"] == false && state.json["untracked"] == 0)
        #expect(state.json["commit"]?.string?.count == 40 && state.json["problem"] == nil)
        #expect(state.diff == nil && state.json["diff"] == nil)
    }

    @Test func changesAreKeptAsADiff() throws {
        try commit()
        try write("let a = 2\n", to: "a.swift")
        try write("b", to: "b c\nd.swift")
        let state = CodeState.current(in: directory)
        #expect(state.json["dirty"] == true && state.json["untracked"] == 1)
        #expect(state.json["diff"] == "code.diff")
        let diff = String(decoding: try #require(state.diff), as: UTF8.self)
        #expect(diff.contains("-let a = 1\n+let a = 2\n") && !diff.contains("\u{1B}"))
        // What is staged counts too.
        try git("add", "a.swift")
        #expect(CodeState.current(in: directory).diff == state.diff)
    }

    /// What somebody likes to read as a diff, and what files are marked as, loses no change.
    @Test func theConfigurationOfTheUserChangesNoDiff() throws {
        try commit()
        try FileManager.default.createDirectory(
            at: scratch.directory.appending(path: "sub"), withIntermediateDirectories: true)
        try write("*.swift -diff\n", to: ".gitattributes")
        try Data([0, 1, 2]).write(to: scratch.directory.appending(path: "sub/w.bin"))
        try git("add", ".")
        try #require(try git("commit", "-q", "-m", "second"))
        try write("let a = 2\n", to: "a.swift")
        try Data([0, 1, 3]).write(to: scratch.directory.appending(path: "sub/w.bin"))
        let sub = scratch.path("sub")
        let plain = try #require(CodeState.current(in: directory).diff)
        let text = String(decoding: plain, as: UTF8.self)
        #expect(text.contains("diff --git a/a.swift b/a.swift") && text.contains("a/sub/w.bin"))
        #expect(text.contains("GIT binary patch") && !text.contains("differ"))
        for (name, value) in [
            ("diff.relative", "true"), ("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"),
            ("diff.external", "/bin/false"), ("color.ui", "always"), ("color.diff", "always"),
            ("diff.context", "0"), ("core.pager", "/bin/false"), ("diff.orderFile", "/missing"),
            ("diff.srcPrefix", "x/"), ("diff.wsErrorHighlight", "all"),
        ] {
            try git("config", name, value)
            #expect(CodeState.current(in: sub).diff == plain, "\(name)")
        }
        // It applies.
        try plain.write(to: scratch.directory.appending(path: "code.diff"))
        try git("checkout", "-q", "--", ".")
        try #require(try git("apply", "code.diff"))
        let source = scratch.directory.appending(path: "a.swift")
        #expect(try String(contentsOf: source, encoding: .utf8) == "let a = 2\n")
    }

    @Test func whatIsMissingIsSaid() throws {
        func problem(_ state: CodeState) -> String { state.json["problem"]?.string ?? "" }
        #expect(problem(.current(in: directory)).contains("repository"))
        #expect(problem(.current(in: directory, executable: "/missing")).contains("installed"))
        try git("init", "-q")
        #expect(problem(.current(in: directory)).contains("no commit"))
        #expect(problem(.current(in: scratch.path("missing"))) != "")
    }

    @Test func aLargeDiffIsLeftOut() throws {
        try commit()
        try write(String(repeating: "a line of text\n", count: 400_000), to: "a.swift")
        let state = CodeState.current(in: directory)
        #expect(state.diff == nil && state.json["diff"] == nil && state.json["dirty"] == true)
        #expect(state.json["problem"]?.string?.contains("large") == true)
        #expect(state.json["commit"] != nil)
    }

    /// A git that hangs, or whose children keep its output open, is not waited for.
    @Test(arguments: ["exec sleep 60", "sleep 60 & exit 0", "yes", "exec >&-; sleep 60"])
    func aSlowGitIsEnded(script: String) throws {
        try write("#!/bin/sh\n\(script)\n", to: "git")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: scratch.path("git"))
        let start = ContinuousClock.now
        let state = CodeState.current(
            in: directory, patience: .milliseconds(500), executable: scratch.path("git"))
        #expect(state.json["problem"] != nil && ContinuousClock.now - start < .seconds(20))
    }

    /// What a repository's configuration would run.
    @Test func gitRunsNothingOfTheRepository() throws {
        try commit()
        let ran = scratch.path("ran")
        try write("#!/bin/sh\ntouch \(ran)\ncat\n", to: "program")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: scratch.path("program"))
        let program = scratch.path("program")
        for key in [
            "core.fsmonitor", "core.pager", "pager.diff", "pager.status", "diff.external",
            "diff.x.command", "diff.x.textconv", "core.sshCommand", "core.editor",
        ] { try git("config", key, program) }
        try write("*.swift diff=x\n", to: ".gitattributes")
        for hook in ["post-index-change", "fsmonitor-watchman", "post-checkout"] {
            let file = scratch.path(".git/hooks/\(hook)")
            try? FileManager.default.removeItem(atPath: file)
            try FileManager.default.copyItem(atPath: program, toPath: file)
        }
        try write("let a = 3\n", to: "a.swift")
        try? FileManager.default.removeItem(atPath: ran)
        let state = CodeState.current(in: directory)
        #expect(
            state.diff.map { String(decoding: $0, as: UTF8.self) }?.contains("+let a = 3") == true)
        #expect(!FileManager.default.fileExists(atPath: ran))
    }

    @Test func aRunRecordsTheStateOfItsCode() async throws {
        let store = try await SQLiteStore.inMemory()
        let workspace = try await store.localWorkspace()
        var options = TrackingOptions()
        options.capturesCodeState = true
        let run = try await workspace.startRun(project: "p", experiment: "e", options: options)
        try await run.finish()
        let state = await CodeState.capture()
        let stored = try await workspace.runs.find(run.id)
        #expect(stored.environment["code"] == state.json && state.json != [:])
        let diff = try? await workspace.artifactData(named: CodeState.diffName, of: run.id)
        #expect(diff == state.diff)
        options.capturesEnvironment = false
        let other = try await workspace.startRun(project: "p", experiment: "e", options: options)
        try await other.finish()
        let environment = try await workspace.runs.find(other.id).environment
        #expect(environment.object?.keys.sorted() == ["code"])
    }
}
