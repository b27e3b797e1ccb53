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
            "arguments": .array(
                SecretTexts.redacted(arguments: Array(process.arguments.dropFirst()))
                    .map(JSONValue.string)),
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
