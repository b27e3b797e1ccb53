import Foundation
import MLOpsCore
import Testing

/// A process that the fault tests start.
final class Worker {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let lines: AsyncStream<String>

    /// Starts `FaultWorker` from the folder of the tests.
    ///
    /// `wrapper` is a command that gets the worker's command as its last arguments.
    init(_ mode: String, _ arguments: String..., wrapper: [String] = []) throws {
        var folder = Bundle(for: Worker.self).bundleURL
        // On macOS the tests are a bundle in that folder, on Linux an executable.
        if folder.pathExtension == "xctest" { folder.deleteLastPathComponent() }
        let worker = folder.appending(path: "FaultWorker").path
        try #require(FileManager.default.isExecutableFile(atPath: worker))
        let command = wrapper + [worker, mode] + arguments
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardInput = input
        process.standardOutput = output
        let (stream, continuation) = AsyncStream<String>.makeStream()
        lines = stream
        try process.run()
        // A blocking thread, because handlers of many pipes at once miss the end of some.
        let descriptor = output.fileHandleForReading.fileDescriptor
        DispatchQueue(label: "worker.output").async { [output] in
            defer { _ = output }
            var line: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                for byte in buffer[..<count] {
                    if byte == UInt8(ascii: "\n") {
                        continuation.yield(String(decoding: line, as: UTF8.self))
                        line = []
                    } else {
                        line.append(byte)
                    }
                }
            }
            continuation.finish()
        }
    }

    /// The next line with a prefix; `nil` at the end of the output.
    func line(startingWith prefix: String) async -> String? {
        for await line in lines where line.hasPrefix(prefix) { return line }
        return nil
    }

    /// All remaining lines.
    func remainingLines() async -> [String] {
        var all: [String] = []
        for await line in lines { all.append(line) }
        return all
    }

    var processIdentifier: Int32 { process.processIdentifier }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end; returns the exit status, or the signal that ended the process.
    func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "worker").async { [process] in
                process.waitUntilExit()
                continuation.resume(returning: process.terminationStatus)
            }
        }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}

/// A temporary directory of one test, removed with this object.
final class Scratch: Sendable {
    let directory = FileManager.default.temporaryDirectory
        .appending(path: "mlops-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    deinit { try? FileManager.default.removeItem(at: directory) }
}

extension Scratch {
    /// Opens the store `mlops.db`, passes it and its local workspace to a body, and closes it.
    @discardableResult
    func opened<Value: Sendable>(
        _ body: (SQLiteStore, Workspace) async throws -> Value
    ) async throws -> Value {
        let store = try await SQLiteStore.open(path("mlops.db"))
        let value = try await body(store, try await store.localWorkspace())
        try await store.close()
        return value
    }
}
