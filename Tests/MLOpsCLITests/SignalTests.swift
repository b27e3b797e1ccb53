import Foundation
import MLOpsCore
import Testing

/// A signal ends the tool, however early it comes.
@Suite struct SignalTests {
    @Test(.timeLimit(.minutes(5))) func aSignalIsNotLost() async throws {
        let tool = try Tool()
        try await tool.store { _ in }
        let seed = UInt64.random(in: .min ... .max)
        var generator = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let process = Process()
            process.executableURL = Tool.executable
            process.arguments = ["notify", "run"]
            process.environment = ["MLOPS_DATABASE": tool.database]
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            let delay = Duration.microseconds(Int.random(in: 0...40_000, using: &generator))
            try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { _ in continuation.resume() }
                do {
                    try process.run()
                } catch {
                    process.terminationHandler = nil
                    continuation.resume(throwing: error)
                }
                let id = process.processIdentifier
                Task {
                    try await Task.sleep(for: delay)
                    kill(id, SIGTERM)
                    try await Task.sleep(for: .seconds(30))
                    if process.isRunning { kill(id, SIGKILL) }
                }
            }
            let isKilled =
                process.terminationReason == .uncaughtSignal
                && process.terminationStatus == SIGKILL
            #expect(!isKilled, "SIGTERM after \(delay) is lost (seed \(seed))")
        }
    }
}
