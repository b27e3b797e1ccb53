import Foundation
import MLOpsCore

extension FaultWorker {
    /// Reads many points in every available way; prints the KiB of memory that each takes.
    static func stream(_ path: String, points: Int) async throws {
        var configuration = SQLiteConfiguration()
        // A small page cache, because only the library's memory is measured.
        configuration.cacheSize = 1 << 20
        let store = try await SQLiteStore.open(path, configuration: configuration)
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        for start in stride(from: 0, to: points, by: 5000) {
            try await workspace.write { tx in
                var batch = MetricBatch()
                for step in start..<min(start + 5000, points) {
                    batch.add("m", 0.5, step: Int64(step))
                }
                try tx.runs.append(batch, to: run.id)
            }
        }
        try await measure("stream") {
            var count = 0
            for try await _ in workspace.metrics.stream() { count += 1 }
            return count
        }
        try await measure("forEach") {
            try await workspace.read { tx in
                var count = 0
                try tx.metrics.forEach(Query()) { _ in
                    count += 1
                    return true
                }
                return count
            }
        }
        try await measure("history") {
            try await workspace.read { tx in
                var count = 0
                try tx.metrics.forEachPoint(of: run.id, metric: "m") { _ in
                    count += 1
                    return true
                }
                return count
            }
        }
        try await measure("buckets") {
            try await workspace.read { tx in
                try tx.metrics.buckets(of: run.id, metric: "m", count: 100)
                    .reduce(0) { $0 + $1.count }
            }
        }
        try await measure("all") { try await workspace.metrics.all().count }
        try await store.close()
    }

    private static func measure(_ name: String, _ body: () async throws -> Int) async throws {
        // Resets the process's peak memory to its present size; see proc(5).
        try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
        let before = try kibibytes("VmHWM")
        let count = try await body()
        say("\(name) \(count) \(try kibibytes("VmHWM") - before)")
    }

    private static func kibibytes(_ name: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
            ?? 0
    }
}
