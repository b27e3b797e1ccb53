import Foundation
import MLOpsCore
import MLOpsTransfer
import Testing

/// A directory for sources, and a store in memory that takes them.
final class TransferFixture: Sendable {
    let directory: URL
    let store: SQLiteStore

    init() async throws {
        directory = FileManager.default.temporaryDirectory
            .appending(path: "mlops-transfer-\(Identifier<Project>())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        store = try await SQLiteStore.inMemory()
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func file(_ name: String, _ data: Data) throws -> URL {
        let file = directory.appending(path: name)
        try data.write(to: file)
        return file
    }

    func file(_ name: String, _ text: String) throws -> URL { try file(name, Data(text.utf8)) }

    @discardableResult
    func take(
        _ source: any ImportSource, project: String = "imported", dryRun: Bool = false,
        batch: Int = 1000
    ) async throws -> ImportReport {
        var options = ImportOptions()
        options.project = project
        options.isDryRun = dryRun
        options.batch = batch
        return try await Importer(from: source, options: options).run(into: store)
    }

    /// A run with everything that an import stores of it.
    struct Run: Sendable {
        let experiment: Experiment
        let run: ExperimentRun
        let points: [String: [MetricPoint]]
    }

    /// The live and deleted runs of all projects, by name.
    func runs() async throws -> [String: Run] {
        try await store.withSystemAccess(reason: "test") { access in
            try await access.read { tx in
                var found: [String: Run] = [:]
                for run in try tx.runs.page(Self.everyRun) {
                    let query = Query<Experiment>(
                        where: { $0.id == run.experimentID }, deleted: .included)
                    var points: [String: [MetricPoint]] = [:]
                    try tx.metrics.forEach(Query(where: { $0.runID == run.id })) { point in
                        points[point.metricName, default: []].append(
                            MetricPoint(
                                step: point.step, value: point.value, timestamp: point.timestamp))
                        return true
                    }
                    found[run.runName] = Run(
                        experiment: try tx.experiments.page(query)[0], run: run, points: points)
                }
                return found
            }
        }
    }

    /// Every row of the tables that imports write, as text; equal if nothing has changed.
    func digest() async throws -> [String] {
        try await store.withSystemAccess(reason: "test") { access in
            try await access.read { tx in
                var rows: [String] = []
                rows += try tx.projects.all().map(Self.text)
                rows += try tx.experiments.page(Query(limit: 10_000, deleted: .included))
                    .map(Self.text)
                rows += try tx.runs.page(Self.everyRun).map(Self.text)
                rows += try tx.models.page(Query(limit: 10_000, deleted: .included)).map(Self.text)
                rows += try tx.modelVersions.page(Query(limit: 10_000, deleted: .included))
                    .map(Self.text)
                try tx.metrics.forEach(Query()) {
                    rows.append("\($0)")
                    return true
                }
                return rows
            }
        }
    }

    private static var everyRun: Query<ExperimentRun> {
        Query(where: { $0.kind.isIn(RunKind.allCases) }, limit: 10_000, deleted: .included)
    }

    private static func text(_ row: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(row), as: UTF8.self)
    }
}

extension ImportNotes {
    /// How many things were left for a reason that contains a text.
    func left(_ text: String) -> Int {
        left.filter { $0.reason.contains(text) }.reduce(0) { $0 + $1.count }
    }

    /// How many things were changed for a reason that contains a text.
    func changed(_ text: String) -> Int {
        changed.filter { $0.reason.contains(text) }.reduce(0) { $0 + $1.count }
    }
}

/// A generator whose seed a failing test prints; `MLOPS_TEST_SEED` replays it.
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init() {
        let replayed = ProcessInfo.processInfo.environment["MLOPS_TEST_SEED"].flatMap { UInt64($0) }
        seed = replayed ?? .random(in: 0 ... .max)
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
