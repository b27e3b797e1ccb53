import Foundation
import Synchronization
import Testing

/// A real process of the fault tests.
final class Worker {
    private let process = Process()
    private let output = Pipe()
    private let lines: AsyncStream<String>
    private let exited = DispatchSemaphore(value: 0)

    /// Starts `FaultWorker`, from the folder that the tests were built into; `wrapper` is a command
    /// that gets the worker's own as its last arguments.
    init(_ mode: String, _ arguments: String..., wrapper: [String] = []) throws {
        var folder = Bundle(for: Worker.self).bundleURL
        // On macOS the tests are a bundle in the folder, on Linux a program.
        if folder.pathExtension == "xctest" { folder.deleteLastPathComponent() }
        let worker = folder.appending(path: "FaultWorker").path
        try #require(FileManager.default.isExecutableFile(atPath: worker))
        let command = wrapper + [worker, mode] + arguments
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = output
        let (stream, continuation) = AsyncStream<String>.makeStream()
        lines = stream
        let rest = Mutex(Data())
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                continuation.finish()
                return
            }
            let complete = rest.withLock { rest in
                rest.append(data)
                let parts = rest.split(
                    separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                rest = Data(parts.last ?? Data())
                return parts.dropLast().map { String(decoding: $0, as: UTF8.self) }
            }
            for line in complete { continuation.yield(line) }
        }
        try process.run()
    }

    /// The lines it says, until it ends.
    func line(startingWith prefix: String) async -> String? {
        for await line in lines where line.hasPrefix(prefix) { return line }
        return nil
    }

    /// Every line from here on.
    func remainingLines() async -> [String] {
        var all: [String] = []
        for await line in lines { all.append(line) }
        return all
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end; the status, or the signal that ended it.
    func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [process] in
                process.waitUntilExit()
                continuation.resume(returning: process.terminationStatus)
            }
        }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}

/// A directory of one test, removed with it.
final class Scratch: Sendable {
    let directory = FileManager.default.temporaryDirectory
        .appending(path: "mlops-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    deinit { try? FileManager.default.removeItem(at: directory) }
}
