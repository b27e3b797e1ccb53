import Foundation
import MLOpsCore
import MLOpsTransfer
import Testing

@testable import MLOpsPostgres

/// Imports into PostgreSQL give what they give in SQLite.
@Suite(.onServer) struct ImportTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../.build-transfer/sources").standardized

    private static func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: sources.appending(path: "\(name)/dump.json").path)
    }

    /// Everything that an import stores, but ids and who stored it.
    private func content(of store: any Store) async throws -> [String] {
        try await store.withSystemAccess(reason: "test") { access in
            try await access.read { tx in
                var rows: [String] = []
                var experiments: [Identifier<Experiment>: String] = [:]
                for row in try tx.experiments.page(Query(limit: 10_000, deleted: .included)) {
                    experiments[row.id] = row.name
                    // Without its time: where the source has none, it is that of the import.
                    rows.append(
                        "experiment \(row.name) \(row.config) \(row.deletedAt.debugDescription)")
                }
                var runs: [Identifier<ExperimentRun>: String] = [:]
                let every = Query<ExperimentRun>(
                    where: { $0.kind.isIn(RunKind.allCases) }, limit: 10_000, deleted: .included)
                for run in try tx.runs.page(every) {
                    let name = "\(experiments[run.experimentID] ?? "?")/\(run.runName)"
                    runs[run.id] = name
                    let artifacts = run.artifacts.mapValues {
                        "\($0.kind) \($0.kind.isRecord ? "" : $0.sha256) \($0.sizeBytes)"
                    }
                    rows.append(
                        "run \(name) \(run.kind) \(run.status) \(run.parameters) "
                            + "\(run.tags.sorted { $0.key < $1.key }) \(run.environment) "
                            + "\(run.startedAt.debugDescription) "
                            + "\(run.completedAt.debugDescription) "
                            + "\(run.metrics.sorted { $0.key < $1.key }) "
                            + "\(artifacts.sorted { $0.key < $1.key })")
                }
                try tx.metrics.forEach(Query()) { point in
                    rows.append(
                        "point \(runs[point.runID] ?? "?") \(point.metricName) \(point.step) "
                            + "\(point.value) \(point.timestamp.timeIntervalSince1970)")
                    return true
                }
                var versions: [Identifier<ModelVersion>: String] = [:]
                for row in try tx.modelVersions.page(Query(limit: 10_000, deleted: .included)) {
                    versions[row.id] = row.version
                    rows.append(
                        "version \(row.version) \(row.number) \(row.stage) "
                            + "\(row.tags.sorted { $0.key < $1.key }) "
                            + "\(row.sourceRunID.flatMap { runs[$0] } ?? "-") "
                            + "\(row.description ?? "-") \(row.deletedAt.debugDescription)")
                }
                for row in try tx.models.page(Query(limit: 10_000, deleted: .included)) {
                    let aliases = row.aliases.versions.mapValues { versions[$0] ?? "?" }
                    rows.append(
                        "model \(row.name) \(row.metadata) "
                            + "\(aliases.sorted { $0.key < $1.key }) \(row.createdAt)")
                }
                return rows.sorted()
            }
        }
    }

    private func expectTheSame(_ source: any ImportSource) async throws {
        let server = try #require(TestServer.shared)
        let file = try await SQLiteStore.inMemory()
        let expected = try await Importer(from: source).run(into: file)
        #expect(expected.taken.runs > 0)
        try await server.withDatabase { database in
            let store = try await server.store(database)
            let report = try await Importer(from: source).run(into: store)
            #expect(report == expected)
            #expect(try await content(of: store) == content(of: file))
            let again = try await Importer(from: source).run(into: store)
            #expect(again.taken.runs == 0 && again.taken.points == 0 && again.taken.artifacts == 0)
            try await store.close()
        }
        try await file.close()
    }

    @Test(.enabled(if: exists("mlflow"))) func aDatabaseOfMLflowIsTaken() async throws {
        try await expectTheSame(
            MLflowSource(Self.sources.appending(path: "mlflow/mlflow.db")))
    }

    @Test(.enabled(if: exists("trackio"))) func databasesOfTrackioAreTaken() async throws {
        try await expectTheSame(TrackioSource(Self.sources.appending(path: "trackio")))
    }

    @Test(.enabled(if: exists("tensorboard"))) func filesOfTensorBoardAreTaken() async throws {
        try await expectTheSame(
            TensorBoardSource(Self.sources.appending(path: "tensorboard/logs")))
    }
}
