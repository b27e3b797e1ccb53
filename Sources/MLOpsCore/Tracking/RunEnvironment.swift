import Foundation

/// Where a run runs, as it is recorded in `experiment_runs.environment`.
enum RunEnvironment {
    static func capture() -> JSONValue {
        let process = ProcessInfo.processInfo
        var environment: [String: JSONValue] = [
            "host": .string(process.hostName),
            "os": .string(process.operatingSystemVersionString),
            "swift": .string(swiftVersion),
            "library": .string(libraryVersion),
            "process": ProcessIdentity.current.json,
            "program": .string(process.processName),
            "arguments": .array(process.arguments.dropFirst().map(JSONValue.string)),
            "processors": .int(Int64(process.activeProcessorCount)),
        ]
        if let commit = GitCommit.current(from: FileManager.default.currentDirectoryPath) {
            environment["git_commit"] = .string(commit)
        }
        return .object(environment)
    }

    /// The compiler's version: the standard library does not tell its own.
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

/// What tells one process from every other on its host, also from a later one of the same number.
struct ProcessIdentity: Equatable {
    let number: Int32
    /// When it started, in the kernel's own units; `nil` where the kernel does not tell.
    let start: String?

    static var current: ProcessIdentity {
        let number = ProcessInfo.processInfo.processIdentifier
        return ProcessIdentity(number: number, start: start(of: number))
    }

    /// Whether this process still exists.
    var isAlive: Bool {
        guard kill(number, 0) == 0 || errno == EPERM else { return false }
        return start == nil || Self.start(of: number) == start
    }

    var json: JSONValue {
        ["id": .int(Int64(number)), "start": start.map(JSONValue.string) ?? .null]
    }

    init?(json: JSONValue?) {
        guard let number = json?["id"]?.int.flatMap(Int32.init(exactly:)) else { return nil }
        self.init(number: number, start: json?["start"]?.string)
    }

    private init(number: Int32, start: String?) {
        self.number = number
        self.start = start
    }

    /// The boot and field 22 of `/proc/<pid>/stat`, clock ticks since the boot (proc(5)); the
    /// second field may hold spaces and brackets, so fields count from the last bracket.
    private static func start(of number: Int32) -> String? {
        guard let stat = text("/proc/\(number)/stat"),
            let bracket = stat.lastIndex(of: ")"),
            let boot = text("/proc/sys/kernel/random/boot_id")
        else { return nil }
        let fields = stat[stat.index(after: bracket)...].split(separator: " ")
        guard fields.count > 19 else { return nil }
        return "\(boot.prefix(36))/\(fields[19])"
    }

    private static func text(_ path: String) -> String? {
        // Files of /proc have no size; they have to be read to their end.
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        return (try? handle.readToEnd()).flatMap { String(data: $0, encoding: .utf8) }
    }
}

/// The commit that is checked out, read from git's own files, so that git need not be installed.
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
            git = URL(filePath: target, relativeTo: git.deletingLastPathComponent())
        }
        guard let head = text(git.appending(path: "HEAD")) else { return nil }
        guard let reference = value(of: "ref: ", in: head) else { return trimmed(head) }
        var common = git
        if let shared = text(git.appending(path: "commondir")) {
            common = URL(filePath: trimmed(shared), relativeTo: git)
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
