import Foundation
import Synchronization

/// The state of the code that a program was started from, by git.
struct CodeState: Sendable {
    /// The member `code` of the environment of a run.
    let json: JSONValue
    /// The changes since the commit; `nil` without any, or when they are too large.
    let diff: Data?

    /// The name of the artifact with the changes.
    static let diffName = "code.diff"
    /// The largest diff that is kept.
    static let maximumDiffBytes = 4 << 20
    /// How long git may take for all its answers.
    static let patience = DispatchTimeInterval.seconds(10)

    private static let captured = Mutex<[String: CodeState]>([:])

    /// The state in a directory.
    ///
    /// It is determined once for each directory: a later edit does not change the running program.
    static func capture(
        in directory: String = FileManager.default.currentDirectoryPath
    ) async -> CodeState {
        if let known = known(in: directory) { return known }
        let state = try? await offTheCooperativePool { current(in: directory) }
        let found = state ?? CodeState(json: [:], diff: nil)
        captured.withLock { $0[directory] = found }
        return found
    }

    /// The state that was captured in a directory.
    static func known(
        in directory: String = FileManager.default.currentDirectoryPath
    ) -> CodeState? { captured.withLock { $0[directory] } }

    /// Asks git.
    static func current(
        in directory: String, patience: DispatchTimeInterval = patience,
        executable: String? = nil
    ) -> CodeState {
        var members: [String: JSONValue] = [:]
        var diff: Data?
        do throws(GitCommand.Failure) {
            let git = try GitCommand(in: directory, patience: patience, executable: executable)
            guard let inside = try git.text(["rev-parse", "--is-inside-work-tree"]),
                inside == "true"
            else { throw .noRepository }
            let status = try git.run(
                [
                    "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=normal",
                    "--ignore-submodules=dirty",
                ], maximumBytes: 16 << 20)
            let entries = status.split(separator: 0)
            let untracked = entries.count { $0.starts(with: "?? ".utf8) }
            members["dirty"] = .bool(entries.count > untracked)
            members["untracked"] = .int(Int64(untracked))
            guard let commit = try git.text(["rev-parse", "--verify", "--quiet", "HEAD"])
            else { throw .noCommit }
            members["commit"] = .string(commit)
            if entries.count > untracked {
                diff = try git.run(
                    [
                        "diff", "--binary", "--src-prefix=a/", "--dst-prefix=b/", "--no-ext-diff",
                        "--no-textconv", "--no-color", "--no-renames",
                        "--submodule=short", "--ignore-submodules=dirty", "HEAD", "--",
                    ], maximumBytes: maximumDiffBytes)
                if diff?.isEmpty == true { diff = nil }
            }
            if diff != nil { members["diff"] = .string(diffName) }
        } catch {
            members["problem"] = .string(error.message)
        }
        return CodeState(json: .object(members), diff: diff)
    }
}

/// Runs git without anything that a repository may have it run.
///
/// No pager, no hook, no file system monitor, no external diff and no text conversion; no prompt,
/// no lock. Filters of the user's own configuration, such as that of Git LFS, do run.
struct GitCommand {
    enum Failure: Error {
        case notInstalled, noRepository, noCommit, tooSlow, tooLarge, failed

        var message: String {
            switch self {
            case .notInstalled: "git is not installed"
            case .noRepository: "the working directory is in no git repository"
            case .noCommit: "the repository has no commit"
            case .tooSlow: "git did not answer in time"
            case .tooLarge: "the changes are too large to be kept"
            case .failed: "git reported an error"
            }
        }
    }

    private let executable: URL
    private let directory: String
    private let deadline: DispatchTime

    private static let settings = [
        "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
        "-c", "core.pager=cat", "-c", "core.sshCommand=false", "-c", "diff.external=",
        "-c", "submodule.recurse=false", "-c", "core.quotePath=true",
        // A user's own settings would leave changes out, or make a diff that does not apply.
        "-c", "diff.relative=false", "-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false",
        "-c", "diff.context=3", "-c", "diff.interHunkContext=0", "-c", "diff.orderFile=/dev/null",
        "-c", "diff.suppressBlankEmpty=false", "-c", "color.ui=false",
    ]

    /// - Parameter executable: The path of git; looked for in `PATH` without one.
    init(
        in directory: String, patience: DispatchTimeInterval, executable: String? = nil
    ) throws(Failure) {
        guard let path = executable ?? Self.find() else { throw .notInstalled }
        self.executable = URL(filePath: path)
        self.directory = directory
        deadline = .now() + patience
    }

    private static func find() -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        // A relative entry would find a program of the working directory.
        return path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/git" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// The environment of git: nothing of the program's own that git reads.
    private static var environment: [String: String] {
        let own = ProcessInfo.processInfo.environment
        var environment = [
            "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0",
            "GIT_PAGER": "cat", "GIT_ASKPASS": "/bin/false", "GIT_NO_LAZY_FETCH": "1",
        ]
        for name in ["PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR"] { environment[name] = own[name] }
        return environment
    }

    /// The first line of an answer; `nil` when git reports an error.
    func text(_ arguments: [String]) throws(Failure) -> String? {
        do {
            let answer = try run(arguments, maximumBytes: 1 << 16)
            return String(decoding: answer, as: UTF8.self)
                .split(separator: "\n").first.map(String.init)
        } catch {
            if case .failed = error { return nil }
            throw error
        }
    }

    /// The standard output of a command.
    func run(_ arguments: [String], maximumBytes: Int) throws(Failure) -> Data {
        let (process, output, ended) = (Process(), Pipe(), DispatchSemaphore(value: 0))
        process.executableURL = executable
        process.arguments = Self.settings + arguments
        process.environment = Self.environment
        process.currentDirectoryURL = URL(filePath: directory, directoryHint: .isDirectory)
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardOutput = output
        process.terminationHandler = { _ in ended.signal() }
        do {
            try process.run()
        } catch {
            throw .notInstalled
        }
        // Otherwise the end of the output would never come.
        try? output.fileHandleForWriting.close()
        var (answer, failure) = (Data(), Failure?.none)
        do {
            answer = try read(output.fileHandleForReading.fileDescriptor, maximumBytes)
        } catch {
            failure = error
        }
        let isRunning = ended.wait(timeout: failure == nil ? deadline : .now()) != .success
        if isRunning { kill(process.processIdentifier, SIGKILL) }
        withExtendedLifetime(output) {}
        if let failure { throw failure }
        if isRunning { throw .tooSlow }
        guard process.terminationReason == .exit, process.terminationStatus == 0
        else { throw .failed }
        return answer
    }

    /// Reads to the end; a program that git has started may hold the pipe open.
    private func read(_ descriptor: Int32, _ maximumBytes: Int) throws(Failure) -> Data {
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let now = DispatchTime.now().uptimeNanoseconds
            guard deadline.uptimeNanoseconds > now else { throw .tooSlow }
            let left = (deadline.uptimeNanoseconds - now) / 1_000_000 + 1
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&event, 1, Int32(clamping: left))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .tooSlow }
            let size = buffer.withUnsafeMutableBytes { readBytes(descriptor, $0) }
            if size < 0 && errno == EINTR { continue }
            guard size > 0 else { return data }
            guard data.count + size <= maximumBytes else { throw .tooLarge }
            data += buffer.prefix(size)
        }
    }
}

/// Reads from a descriptor; a name of its own beside the method `read`.
private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}
