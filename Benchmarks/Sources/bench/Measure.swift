import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsPostgres

/// The library's side of one case, in its own process; prints the figures as a JSON object.
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Does the library's side of one case.", shouldDisplay: false)

    enum Case: String, ExpressibleByArgument, CaseIterable {
        case prepare, count, ingest, log, allocations, run, operations, history, search, open
        case memory, backup, export, csv, seed, growth, synchronous, observers
        case monitor, monitorAllocations, monitorMemory, drift
        case raising, delivery, dispatch, storm
        case postgresPrepare, postgresCount, postgresIngest, postgresOperations
    }

    @Argument var name: Case
    @Argument var database: String
    @Option(help: "Points, calls, runs or rounds: what the case counts.")
    var count = 0
    @Option var metrics = 1
    @Option(help: "Runs of the case of growth.")
    var runs = 0
    @Option(help: "The run whose points the case of history reads, instead of logging some.")
    var logged: String?

    func run() async throws {
        let figures =
            switch name {
            case .prepare: try await prepare(open())
            case .count: try await countPoints(open())
            case .ingest: try await ingest(open())
            case .log: try await logCost(open())
            case .allocations: try await allocations(open())
            case .run: try await wholeRuns(open())
            case .operations: try await operations(open())
            case .synchronous: try await synchronousOperations(open())
            case .observers: try await observers(open())
            case .history: try await history(open())
            case .search: try await search(open())
            case .open: try await opening()
            case .memory: try await memory(open())
            case .backup: try await backup(open())
            case .export: try await export(open())
            case .csv: try await csv(open())
            case .seed: try await seed()
            case .growth: try await growth(open())
            case .monitor: try await monitorCost(open())
            case .monitorAllocations: try await monitorAllocations(open())
            case .monitorMemory: try await monitorMemory()
            case .drift: try drift()
            case .raising: try await raising(openWithKeys())
            case .delivery: try await delivery(openWithKeys())
            case .dispatch: try await dispatch(openWithKeys())
            case .storm: try await storm(openWithKeys())
            case .postgresPrepare: try await prepare(openPostgres())
            case .postgresCount: try await countPoints(openPostgres())
            case .postgresIngest: try await ingest(openPostgres())
            case .postgresOperations: try await operations(openPostgres())
            }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        print(String(decoding: try encoder.encode(figures), as: UTF8.self))
    }

    /// A value of the output.
    enum Figure: Encodable, ExpressibleByFloatLiteral {
        case number(Double)
        case text(String)

        init(floatLiteral value: Double) { self = .number(value) }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            }
        }
    }

    private func open() async throws -> SQLiteStore { try await SQLiteStore.open(database) }

    private func openPostgres() async throws -> PostgresStore {
        var configuration = PostgresConfiguration()
        configuration.systemURL = database.replacing("mlops_app@", with: "mlops_system@")
        // Like the C program.
        configuration.preparesStatements = true
        return try await PostgresStore.open(database, configuration: configuration)
    }

    /// Makes the rows that the cases need; prints their ids for the peers.
    private func prepare(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let project = try await workspace.projects.insert(Project(name: "bench"))
        let run = try await workspace.startRun(project: "bench", experiment: "bench")
        try await run.finish()
        try await store.close()
        return [
            "organization": .text("\(workspace.organizationID)"), "project": .text("\(project.id)"),
            "experiment": .text("\(run.experimentID)"), "run": .text("\(run.id)"),
            "user": .text("\(workspace.principal.userID)"),
        ]
    }

    /// Counts all points of a store.
    private func countPoints(_ store: some Store) async throws -> [String: Figure] {
        let rows = try await store.localWorkspace().metrics.count()
        try await store.close()
        return ["rows": .number(Double(rows))]
    }
}

extension Measure {
    /// Starts the run that a case logs.
    func startRun(in workspace: Workspace) async throws -> RunLogger {
        try await workspace.startRun(project: "bench", experiment: "bench")
    }

    /// Logs a value of one metric for each step, as a training loop would.
    func logPoints(_ count: Int, to run: RunLogger) {
        for step in 0..<count { run.log("metric-0", 1 / (1 + Double(step)), step: step) }
    }
}

/// Runs a body, and returns its value and the seconds it took.
func seconds<Value>(_ body: () async throws -> Value) async rethrows -> (Value, Double) {
    let start = ContinuousClock.now
    let value = try await body()
    return (value, (ContinuousClock.now - start) / .seconds(1))
}

/// The median of the seconds that a body takes.
func medianSeconds(of rounds: Int, _ body: (Int) async throws -> Void) async rethrows -> Double {
    var times: [Double] = []
    for round in 0..<rounds { times.append(try await seconds { try await body(round) }.1) }
    return times.sorted()[rounds / 2]
}
