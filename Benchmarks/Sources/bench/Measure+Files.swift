import Foundation
import MLOpsCore
import MLOpsSampleData
import MLOpsTransfer

/// The cases that work on whole files.
extension Measure {
    /// Milliseconds to create, to open again, and to make a workspace in memory.
    ///
    /// Creating includes the migrations.
    func opening() async throws -> [String: Figure] {
        func median(_ open: (Int) async throws -> SQLiteStore) async throws -> Double {
            var times: [Double] = []
            for number in 0..<15 {
                let (store, duration) = try await seconds { try await open(number) }
                times.append(duration * 1000)
                try await store.close()
            }
            return times.sorted()[times.count / 2]
        }
        return [
            "new": .number(try await median { try await SQLiteStore.open("\(database)-\($0)") }),
            "existing": .number(
                try await median { try await SQLiteStore.open("\(database)-\($0)") }),
            "workspace": .number(
                try await median { _ in
                    let store = try await SQLiteStore.inMemory()
                    _ = try await store.localWorkspace()
                    return store
                }),
        ]
    }

    /// Seconds to copy a file to `<file>.copy`, including the sync to disk.
    func backup(_ store: SQLiteStore) async throws -> [String: Figure] {
        let (_, duration) = try await seconds { try await store.backup(to: "\(database).copy") }
        try await store.close()
        return ["backup": .number(duration)]
    }

    /// Seconds to copy every row into a new store, `<file>.copy`, and to compare both.
    func export(_ store: SQLiteStore) async throws -> [String: Figure] {
        let target = try await SQLiteStore.open("\(database).copy")
        let (digests, duration) = try await seconds {
            try await StoreCopy(from: store, to: target).run()
        }
        let rows = digests.first { $0.table == "run_metrics" }?.rows ?? 0
        try await target.close()
        try await store.close()
        return ["export by db copy": .number(duration), "rows": .number(Double(rows))]
    }

    /// Points a second that are written as CSV, to `<file>.csv`.
    func csv(_ store: SQLiteStore) async throws -> [String: Figure] {
        let tables = TableExport(try await store.localWorkspace())
        let file = ExportDestination.file(URL(filePath: "\(database).csv"))
        let (summary, duration) = try await seconds {
            try await tables.metrics(as: .csv, to: file)
        }
        try await store.close()
        return [
            "csv": .number(Double(summary.points) / duration),
            "rows": .number(Double(summary.points)),
        ]
    }

    /// Milliseconds to fill a new store with the sample data.
    func seed() async throws -> [String: Figure] {
        let seed = try await medianSeconds(of: 5) { number in
            let store = try await SQLiteStore.open("\(database)-\(number)")
            try await SampleData.insert(into: store)
            try await store.close()
        }
        return ["sample seed": .number(seed * 1000)]
    }
}
