import Foundation
import Synchronization

/// The environment of a run, as recorded in `experiment_runs.environment`.
enum RunEnvironment {
    private static let captured = Mutex<[String: JSONValue]>([:])

    /// The environment, including the commit that is checked out in a directory.
    ///
    /// It is determined once for each directory, because a later checkout does not change the
    /// running program.
    static func capture(
        in directory: String = FileManager.default.currentDirectoryPath
    ) async -> JSONValue {
        if let known = captured.withLock({ $0[directory] }) { return known }
        // Reading files and resolving the host name may block.
        let environment = try? await offTheCooperativePool {
            var environment = ofTheProcess
            if let commit = GitCommit.current(from: directory) {
                environment["git_commit"] = .string(commit)
            }
            return JSONValue.object(environment)
        }
        captured.withLock { $0[directory] = environment }
        return environment ?? [:]
    }

    /// The part that is constant while the process runs.
    private static let ofTheProcess: [String: JSONValue] = {
        let process = ProcessInfo.processInfo
        return [
            "host": .string(process.hostName),
            "os": .string(process.operatingSystemVersionString),
            "swift": .string(swiftVersion),
            "library": .string(libraryVersion),
            "process": ProcessIdentity.current.json,
            "program": .string(process.processName),
            "arguments": .array(process.arguments.dropFirst().map(JSONValue.string)),
            "processors": .int(Int64(process.activeProcessorCount)),
        ]
    }()

    /// The compiler's version, because the standard library does not report its own.
    private static var swiftVersion: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}

/// The checked-out commit, read from git's files, so that git need not be installed.
enum GitCommit {
    static func current(from directory: String) -> String? {
        var directory = URL(filePath: directory)
        while directory.path != "/" {
            let git = directory.appending(path: ".git")
            if FileManager.default.fileExists(atPath: git.path) { return commit(git) }
            directory.deleteLastPathComponent()
        }
        return nil
    }

    private static func commit(_ path: URL) -> String? {
        var git = path
        // In a worktree `.git` is a file that names the directory.
        if let pointer = text(git), let target = value(of: "gitdir: ", in: pointer) {
            git = URL(
                filePath: target, directoryHint: .isDirectory,
                relativeTo: git.deletingLastPathComponent())
        }
        guard let head = text(git.appending(path: "HEAD")) else { return nil }
        guard let reference = value(of: "ref: ", in: head) else { return trimmed(head) }
        var common = git
        if let shared = text(git.appending(path: "commondir")) {
            common = URL(
                filePath: trimmed(shared), directoryHint: .isDirectory, relativeTo: git)
        }
        if let hash = text(common.appending(path: reference)) { return trimmed(hash) }
        let packed = text(common.appending(path: "packed-refs")) ?? ""
        return packed.split(separator: "\n").first { $0.hasSuffix(" \(reference)") }
            .map { String($0.prefix { $0 != " " }) }
    }

    private static func text(_ url: URL) -> String? {
        try? String(contentsOf: url, encoding: .utf8)
    }

    private static func value(of key: String, in text: String) -> String? {
        text.hasPrefix(key) ? trimmed(String(text.dropFirst(key.count))) : nil
    }

    private static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
