import Foundation
import MLOpsCore

extension FaultWorker {
    /// An image of a number of bytes; its height is the step.
    private static func image(_ step: Int, bytes: Int) throws -> RunImage {
        var data = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13])
        data += Data("IHDR".utf8) + Data([0, 0, 0, 1])
        data += withUnsafeBytes(of: UInt32(step + 1).bigEndian) { Data($0) }
        data += Data([8, 0, 0, 0, 0, 0, 0, 0, 0])
        return try RunImage(data + Data(repeating: 7, count: bytes))
    }

    /// Logs images in an endless loop.
    static func record(_ path: String) async throws {
        let workspace = try await SQLiteStore.open(path).localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        for step in 0... {
            try run.log(image: image(step, bytes: 100), named: "samples", step: step)
            guard step % 5 == 4 else { continue }
            try await run.flush()
            say("acknowledged \(step + 1)")
        }
    }

    /// Logs images until one does not fit, and tells whether those before it are there.
    static func recordUntilFull(_ path: String) async throws {
        let store = try await SQLiteStore.open(path)
        let workspace = try await store.localWorkspace()
        var options = TrackingOptions()
        options.flushInterval = .seconds(3600)
        let run = try await workspace.startRun(project: "p", experiment: "e", options: options)
        var acknowledged = 0
        do {
            for step in 0..<50 {
                // Too large for the disk, and for a limit on the size of a file.
                let bytes = step == 10 ? 5 << 20 : 10_000
                try run.log(image: image(step, bytes: bytes), named: "samples", step: step)
                try await run.flush()
                acknowledged = step + 1
            }
        } catch let error as StoreError {
            say("filled \(acknowledged) \(error.code.rawValue)")
        }
        let items = try await workspace.recordedItems(named: "samples", of: run.id)
        say("complete \(items.count == acknowledged && acknowledged == 10)")
        for item in items {
            _ = try await workspace.data(of: item, named: "samples", of: run.id)
        }
        say("undamaged")
        exit(0)
    }
}
