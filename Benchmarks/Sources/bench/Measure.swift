import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsPostgres

/// The library's side of one case, in a process of its own; prints a JSON object of figures.
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Does the library's side of one case.", shouldDisplay: false)

    enum Case: String, ExpressibleByArgument, CaseIterable {
        case prepare, ingest, operations, history, log, open, memory
        case postgresPrepare, postgresIngest, postgresOperations
    }

    @Argument var name: Case
    @Argument var database: String
    @Option var points = 1_000_000
    @Option var metrics = 1

    func run() async throws {
        let figures =
            switch name {
            case .prepare: try await prepare(SQLiteStore.open(database))
            case .ingest: try await ingest(SQLiteStore.open(database))
            case .operations: try await operations(SQLiteStore.open(database))
            case .history: try await history(SQLiteStore.open(database))
            case .log: try await logCost(SQLiteStore.open(database))
            case .open: try await open()
            case .memory: try await memory()
            case .postgresPrepare: try await prepare(postgres())
            case .postgresIngest: try await ingest(postgres())
            case .postgresOperations: try await operations(postgres())
            }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        print(String(decoding: try encoder.encode(figures), as: UTF8.self))
    }

    private enum Figure: Encodable {
        case number(Double)
        case text(String)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            }
        }
    }

    private func postgres() async throws -> PostgresStore {
        var configuration = PostgresConfiguration()
        configuration.systemURL = database.replacing("mlops_app@", with: "mlops_system@")
        return try await PostgresStore.open(database, configuration: configuration)
    }

    /// Makes what the cases need, and tells the peers its ids.
    private func prepare(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let project = try await workspace.projects.insert(Project(name: "bench"))
        let run = try await workspace.startRun(project: "bench", experiment: "bench")
        try await run.finish()
        try await store.close()
        return [
            "organization": .text("\(workspace.organizationID)"), "project": .text("\(project.id)"),
            "run": .text("\(run.id)"), "user": .text("\(workspace.actor.userID)"),
        ]
    }

    private func ingest(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "bench", experiment: "bench")
        let names = (0..<metrics).map { "metric-\($0)" }
        let start = ContinuousClock.now
        if metrics == 1 {
            for step in 0..<points { run.log(names[0], 1 / (1 + Double(step)), step: step) }
        } else {
            for step in 0..<points / metrics {
                let value = 1 / (1 + Double(step))
                run.log(
                    [
                        names[0]: value, names[1]: value, names[2]: value, names[3]: value,
                        names[4]: value,
                    ], step: step)
            }
        }
        try await run.flush()
        let duration = ContinuousClock.now - start
        let rows = try await workspace.metrics.count { $0.runID == run.id }
        try await run.finish()
        try await store.close()
        return ["ingest": .number(duration / .seconds(1)), "rows": .number(Double(rows))]
    }

    private func operations(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        guard let project = try await workspace.projects.first(where: { $0.slug == "bench" }) else {
            throw ValidationError("the database is not prepared")
        }
        var models: [Model] = []
        let insert = try await microseconds { number in
            models.append(
                try await workspace.models.insert(
                    Model(project: project.id, name: "model \(number)")))
        }
        let find =
            if store is PostgresStore {
                try await microseconds { _ in _ = try await workspace.projects.find(project.id) }
            } else {
                try await microseconds { _ = try await workspace.models.find(models[$0].id) }
            }
        var figures = ["insert": Figure.number(insert), "find": .number(find)]
        // PostgreSQL's planner has no statistics of a table this young, and takes an index for the
        // update that it would not take a minute later.
        if store is SQLiteStore {
            let update = try await microseconds { number in
                models[number].description = "again"
                _ = try await workspace.models.update(models[number])
            }
            figures["update"] = .number(update)
        }
        try await store.close()
        return figures
    }

    /// Microseconds of one of `points` calls.
    private func microseconds(_ body: (Int) async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        for number in 0..<points { try await body(number) }
        return (ContinuousClock.now - start) / .microseconds(1) / Double(points)
    }

    private func history(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "bench", experiment: "bench")
        for step in 0..<points { run.log("metric-0", 1 / (1 + Double(step)), step: step) }
        try await run.finish()
        let start = ContinuousClock.now
        let rows = try await workspace.read {
            try $0.metrics.history(of: run.id, metric: "metric-0").count
        }
        let middle = ContinuousClock.now
        let buckets = try await workspace.read {
            try $0.metrics.buckets(of: run.id, metric: "metric-0", count: 500)
        }
        let end = ContinuousClock.now
        guard buckets.count == 500 else { throw ValidationError("\(buckets.count) buckets") }
        try await store.close()
        return [
            "run": .text("\(run.id)"), "rows": .number(Double(rows)),
            "read": .number((middle - start) / .seconds(1)),
            "buckets": .number((end - middle) / .seconds(1)),
        ]
    }

    /// Each call is followed by ten microseconds of work, as a fast training loop would.
    private func logCost(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "bench", experiment: "bench")
        var nanoseconds: [UInt64] = []
        nanoseconds.reserveCapacity(points)
        for step in 0..<points {
            let start = DispatchTime.now().uptimeNanoseconds
            run.log("loss", 1 / (1 + Double(step)), step: step)
            nanoseconds.append(DispatchTime.now().uptimeNanoseconds - start)
            while DispatchTime.now().uptimeNanoseconds < start + 10_000 {}
        }
        try await run.finish()
        try await store.close()
        nanoseconds.sort()
        return [
            "p50": .number(Double(nanoseconds[points / 2]) / 1000),
            "p99": .number(Double(nanoseconds[points * 99 / 100]) / 1000),
        ]
    }

    /// Milliseconds to open and migrate a new file, and to open it again.
    private func open() async throws -> [String: Figure] {
        func median(of count: Int, _ path: (Int) -> String) async throws -> Double {
            var times: [Double] = []
            for number in 0..<count {
                let start = ContinuousClock.now
                let store = try await SQLiteStore.open(path(number))
                times.append((ContinuousClock.now - start) / .milliseconds(1))
                try await store.close()
            }
            return times.sorted()[count / 2]
        }
        return [
            "new": .number(try await median(of: 15) { database + "-\($0)" }),
            "existing": .number(try await median(of: 15) { database + "-\($0)" }),
        ]
    }

    /// Milliseconds to make a workspace in memory.
    private func memory() async throws -> [String: Figure] {
        var times: [Double] = []
        for _ in 0..<15 {
            let start = ContinuousClock.now
            let store = try await SQLiteStore.inMemory()
            _ = try await store.localWorkspace()
            times.append((ContinuousClock.now - start) / .milliseconds(1))
            try await store.close()
        }
        return ["workspace": .number(times.sorted()[times.count / 2])]
    }
}
