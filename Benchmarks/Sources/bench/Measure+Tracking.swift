import Foundation
import MLOpsCore

/// The cases of a training program.
extension Measure {
    /// Points per second, from the first call to the commit of the last point.
    func ingest(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let run = try await startRun(in: workspace)
        let names = (0..<5).map { "metric-\($0)" }
        let (_, duration) = try await seconds {
            if metrics == 1 {
                logPoints(count, to: run)
            } else {
                for step in 0..<count / 5 {
                    let value = 1 / (1 + Double(step))
                    run.log(
                        [
                            names[0]: value, names[1]: value, names[2]: value, names[3]: value,
                            names[4]: value,
                        ], step: step)
                }
            }
            try await run.flush()
        }
        try await run.finish()
        try await store.close()
        return ["ingest": .number(Double(count) / duration)]
    }

    /// Microseconds per call.
    func logCost(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let run = try await startRun(in: workspace)
        var nanoseconds: [UInt64] = []
        nanoseconds.reserveCapacity(count)
        withWorkBetween { step in
            let start = DispatchTime.now().uptimeNanoseconds
            run.log("loss", 1 / (1 + Double(step)), step: step)
            nanoseconds.append(DispatchTime.now().uptimeNanoseconds - start)
        }
        try await run.finish()
        try await store.close()
        nanoseconds.sort()
        return [
            "p50": .number(Double(nanoseconds[count / 2]) / 1000),
            "p99": .number(Double(nanoseconds[count * 99 / 100]) / 1000),
        ]
    }

    /// Several times the capacity of the buffer.
    static let warmUpPoints = 1 << 18

    /// The allocations of one call on its own thread, once the buffers have their final size.
    ///
    /// The store's thread writes batches meanwhile.
    func allocations(_ store: some Store) async throws -> [String: Figure] {
        let allocations = try AllocationCounter()
        let workspace = try await store.localWorkspace()
        let run = try await startRun(in: workspace)
        logPoints(Self.warmUpPoints, to: run)
        try await run.flush()
        var counts = [UInt64](repeating: 0, count: count)
        withWorkBetween { step in
            let before = allocations.ofThisThread()
            run.log("metric-0", 1 / (1 + Double(step)), step: step)
            counts[step] = allocations.ofThisThread() - before
        }
        try await run.finish()
        try await store.close()
        let sum = counts.reduce(0, +)
        counts.sort()
        return [
            "allocations p99": .number(Double(counts[count * 99 / 100])),
            "allocations mean": .number(Double(sum) / Double(count)),
        ]
    }

    /// Makes `count` calls, each followed by 10 us of work, as in a fast training loop.
    private func withWorkBetween(_ call: (Int) -> Void) {
        for step in 0..<count {
            let start = DispatchTime.now().uptimeNanoseconds
            call(step)
            while DispatchTime.now().uptimeNanoseconds < start + 10_000 {}
        }
    }

    /// Runs per second, each started with 10 parameters, logged with 5 metrics, and finished.
    func wholeRuns(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let parameters = Dictionary(uniqueKeysWithValues: (0..<10).map { ("parameter-\($0)", $0) })
        let before = try await workspace.runs.count { $0.status == .completed }
        let (_, duration) = try await seconds {
            for _ in 0..<count {
                let run = try await workspace.startRun(
                    project: "bench", experiment: "bench", parameters: parameters)
                run.log(
                    [
                        "metric-0": 0.5, "metric-1": 0.5, "metric-2": 0.5, "metric-3": 0.5,
                        "metric-4": 0.5,
                    ], step: 0)
                try await run.finish()
            }
        }
        let rows = try await workspace.runs.count { $0.status == .completed } - before
        try await store.close()
        return ["run": .number(Double(count) / duration), "rows": .number(Double(rows))]
    }

    /// The growth of resident memory while points are logged, and while they are streamed.
    func memory(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let run = try await startRun(in: workspace)
        let start = try ResidentMemory.now()
        try ResidentMemory.resetPeak()
        logPoints(count, to: run)
        try await run.finish()
        let written = try ResidentMemory.peak() - start
        try ResidentMemory.resetPeak()
        let id = run.id
        let rows = try await workspace.read { tx in
            var rows = 0
            try tx.metrics.forEachPoint(of: id, metric: "metric-0") { _ in
                rows += 1
                return true
            }
            return rows
        }
        let read = try ResidentMemory.peak() - start
        try await store.close()
        return [
            "memory in": .number(written), "memory out": .number(read),
            "rows": .number(Double(rows)),
        ]
    }
}

/// The process's resident memory in MiB, as Linux reports it.
enum ResidentMemory {
    static func now() throws -> Double { try field("VmRSS") }

    /// The peak since the start or the last ``resetPeak()``.
    static func peak() throws -> Double { try field("VmHWM") }

    static func resetPeak() throws {
        // See proc(5), clear_refs.
        try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    }

    private static func field(_ name: String) throws -> Double {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") } ?? ""
        return Double(line.filter(\.isNumber)).map { $0 / 1024 } ?? .nan
    }
}
