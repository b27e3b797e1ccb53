import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

/// Stores that the real programs wrote; `Scripts/sources` makes them.
enum RealSources {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../.build-transfer/sources").standardized

    /// Whether a program's store is there.
    static func exist(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: directory.appending(path: "\(name)/dump.json").path)
    }

    /// The output of a script of this target, by the Python that wrote the stores.
    static func python(_ script: String, _ arguments: String...) async throws -> String {
        let output = FileManager.default.temporaryDirectory
            .appending(path: "mlops-python-\(Identifier<Project>())")
        try Data().write(to: output)
        defer { try? FileManager.default.removeItem(at: output) }
        let process = Process()
        process.executableURL = directory.appending(path: "../bin/python")
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        process.arguments = [folder.appending(path: "Sources/\(script)").path] + arguments
        process.standardInput = FileHandle.nullDevice
        let file = try FileHandle(forWritingTo: output)
        defer { try? file.close() }
        process.standardOutput = file
        process.standardError = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        #expect(status == 0, "\(script)")
        return try String(contentsOf: output, encoding: .utf8)
    }

    static func dump(_ name: String) throws -> JSONValue {
        let file = directory.appending(path: "\(name)/dump.json")
        return try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: file))
    }
}

/// The database and the directory that MLflow 3.17.2 wrote, and what its own client reads there.
@Suite(.enabled(if: RealSources.exist("mlflow") && RealSources.exist("mlruns")))
struct MLflowImportTests {
    static let stores = ["mlflow", "mlruns"]

    static func source(_ store: String) throws -> any ImportSource {
        let directory = RealSources.directory.appending(path: store)
        return store == "mlflow"
            ? try MLflowSource(directory.appending(path: "mlflow.db"))
            : try MLflowFilesSource(
                directory.appending(path: "mlruns"), artifactRoots: [directory])
    }

    @Test(arguments: stores)
    func whatMLflowReadsIsWhatTheStoreHas(store: String) async throws {
        let fixture = try await TransferFixture()
        let report = try await fixture.take(Self.source(store))
        let dump = try RealSources.dump(store)
        let expected = try #require(dump["runs"]?.array)
        #expect(report.taken.runs == expected.count + (store == "mlflow" ? 1 : 0), "\(report)")
        try await check(fixture, store)
    }

    /// What came from MLflow goes out as an archive, and is in another store what it was in MLflow.
    @Test(arguments: stores) func whatIsTakenCanBeExportedWhole(store: String) async throws {
        let fixture = try await TransferFixture()
        try await fixture.take(Self.source(store))
        let workspace = try await fixture.store.localWorkspace()
        let project = try #require(try await workspace.projects.all().first)
        let archive = fixture.directory.appending(path: "project.tar")
        _ = try await ProjectExporter(
            of: project.id, in: workspace, artifacts: fixture.store.artifacts
        ).run(to: archive)
        let other = try await TransferFixture()
        _ = try await ProjectImporter(from: archive).run(into: other.store)
        try await check(other, store)
        try await checkRegistry(other)
        let copy = try await other.store.localWorkspace()
        let run = try #require(try await other.runs()["parent"]).run
        let file = try await copy.artifact(named: "notes/readme.txt", of: run.id)
        #expect(try Data(contentsOf: file) == Data("hello\n".utf8))
    }

    /// Compares the runs of a store with what MLflow's own client has read.
    private func check(_ fixture: TransferFixture, _ store: String) async throws {
        let dump = try RealSources.dump(store)
        let runs = try await fixture.runs()
        let expected = try #require(dump["runs"]?.array)
        let names = Dictionary(
            uniqueKeysWithValues: try #require(dump["experiments"]?.array).map {
                ($0["id"]?.string ?? "", $0)
            })
        for wanted in expected {
            let name = try #require(wanted["name"]?.string)
            let found = try #require(runs[name], "\(name)")
            let id = try #require(wanted["id"]?.string)
            #expect(found.run.id.description.replacing("-", with: "") == id)
            #expect(found.run.environment["imported"]?["id"]?.string == id)
            #expect(Self.millis(found.run.startedAt) == wanted["start"]?.int, "\(name)")
            #expect(Self.millis(found.run.completedAt) == wanted["end"]?.int, "\(name)")
            #expect(found.run.parameters == wanted["params"], "\(name)")
            #expect(.object(found.run.tags.mapValues(JSONValue.string)) == wanted["tags"])
            #expect((found.run.deletedAt != nil) == (wanted["stage"] == "deleted"), "\(name)")
            let experiment = try #require(names[wanted["experiment"]?.string ?? ""])
            #expect(found.experiment.name == experiment["name"]?.string)
            #expect((found.experiment.deletedAt != nil) == (experiment["stage"] == "deleted"))
            #expect(Self.millis(found.experiment.createdAt) == experiment["created"]?.int)
            try check(found, wanted["metrics"]?.object ?? [:], store)
        }
    }

    private static func millis(_ date: Date?) -> Int64? {
        date.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) }
    }

    private struct Point: Hashable {
        let step: Int64
        let time: Int64
        let value: UInt64
    }

    /// Compares every point; the order of points of one step is that of their times.
    private func check(
        _ found: TransferFixture.Run, _ wanted: [String: JSONValue], _ store: String
    ) throws {
        if found.run.deletedAt != nil {
            // Points of deleted runs are not shown; their summary is.
            #expect(found.run.metrics.keys.sorted() == wanted.keys.sorted())
            #expect(found.run.metrics["loss"]?.count == wanted["loss"]?.array?.count)
            return
        }
        #expect(found.points.keys.sorted() == wanted.keys.sorted(), "\(found.run.runName)")
        for (metric, points) in wanted {
            let own = try #require(found.points[metric])
            let read = own.map {
                Point(
                    step: $0.step, time: Self.millis($0.timestamp) ?? 0,
                    value: $0.value.isNaN ? 1 : $0.value.bitPattern)
            }
            let expected = try #require(points.array).map { point in
                let text = try #require(point[2]?.string)
                var value = try #require(text == "inf" ? .infinity : Double(text))
                if text == "-inf" { value = -.infinity }
                return Point(
                    step: try #require(point[0]?.int), time: try #require(point[1]?.int),
                    value: value.isNaN ? 1 : value.bitPattern)
            }
            #expect(read.count == expected.count && Set(read) == Set(expected), "\(metric)")
            // A directory has the order in which points were logged, a database only their times.
            for (left, right) in zip(read, read.dropFirst())
            where left.step == right.step && store == "mlflow" {
                #expect(left.time <= right.time)
            }
            #expect(found.run.metrics[metric]?.count == expected.count)
        }
    }

    @Test(arguments: stores) func statesAndParentsAreThose(store: String) async throws {
        let fixture = try await TransferFixture()
        let report = try await fixture.take(Self.source(store))
        let runs = try await fixture.runs()
        let states: [(String, RunStatus)] = [
            ("parent", .completed), ("grandchild", .failed), ("stranger", .cancelled),
            ("under way", .running), ("queued", .queued),
        ]
        for (name, status) in states { #expect(runs[name]?.run.status == status, "\(name)") }
        #expect(runs["under way"]?.run.heartbeatAt == nil)
        #expect(runs["child"]?.run.parentRunID == runs["parent"]?.run.id)
        #expect(runs["grandchild"]?.run.parentRunID == runs["child"]?.run.id)
        #expect(runs["stranger"]?.run.parentRunID == nil && runs["orphan"]?.run.parentRunID == nil)
        #expect(report.notes.changed("its parent is of another experiment") == 1)
        #expect(report.notes.changed("its parent is not in the source") == 1)
        let gone = try #require(runs["buried"])
        #expect(gone.run.deletionID == gone.experiment.deletionID)
        let sweep = try #require(runs["parent"]).experiment
        #expect(sweep.description == "Which rate?" && sweep.config["tags"]?["team"] == "vision")
        // Deleted alone, it comes back alone; the experiment brings its runs back.
        let workspace = try await fixture.store.localWorkspace()
        try await workspace.runs.restore(try #require(runs["deleted"]).run.id)
        try await workspace.experiments.restore(gone.experiment.id)
        #expect(try await workspace.runs.find(gone.run.id).deletedAt == nil)
    }

    @Test(arguments: stores) func filesAreCopied(store: String) async throws {
        let fixture = try await TransferFixture()
        let report = try await fixture.take(Self.source(store))
        #expect(report.taken.artifacts == 2)
        let workspace = try await fixture.store.localWorkspace()
        let run = try #require(try await fixture.runs()["parent"]).run
        #expect(run.artifacts.keys.sorted() == ["config.json", "notes/readme.txt"])
        let file = try await workspace.artifact(named: "notes/readme.txt", of: run.id)
        #expect(try Data(contentsOf: file) == Data("hello\n".utf8))
    }

    @Test(arguments: stores) func theRegistryIsTaken(store: String) async throws {
        let fixture = try await TransferFixture()
        let report = try await fixture.take(Self.source(store))
        #expect(report.taken.models == 2 && report.taken.modelVersions == 3, "\(report)")
        try await checkRegistry(fixture)
    }

    private func checkRegistry(_ fixture: TransferFixture) async throws {
        let workspace = try await fixture.store.localWorkspace()
        let model = try #require(try await workspace.models.all { $0.name == "digits" }.first)
        #expect(model.description == "Reads digits." && model.metadata["tags"] == ["task": "ocr"])
        let versions = try await workspace.modelVersions.page(
            Query(
                where: { $0.modelID == model.id }, order: { [$0.number.ascending] },
                deleted: .included))
        #expect(versions.map(\.version) == ["1", "2", "3"])
        #expect(versions.map(\.number) == [1, 2, 3])
        #expect(versions.map(\.stage) == [.archived, .production, .development])
        #expect(versions.map { $0.deletedAt != nil } == [false, false, true])
        #expect(model.aliases == ["champion": versions[1].id])
        let child = try #require(try await fixture.runs()["child"]).run.id
        #expect(versions[1].sourceRunID == child && versions[1].tags == ["name": "second"])
        #expect(versions[1].artifactURI?.hasSuffix("models/second") == true)
        #expect(versions[1].description == "The second.")
    }

    @Test(arguments: stores) func aSecondImportChangesNothing(store: String) async throws {
        let fixture = try await TransferFixture()
        let first = try await fixture.take(Self.source(store))
        let before = try await fixture.digest()
        let second = try await fixture.take(Self.source(store))
        #expect(second.taken == ImportReport.Counts(), "\(second)")
        #expect(second.present.runs == first.taken.runs)
        #expect(second.present.modelVersions == first.taken.modelVersions)
        #expect(try await fixture.digest() == before)
        let dry = try await fixture.take(Self.source(store), project: "other", dryRun: true)
        #expect(dry.taken.points == first.taken.points && dry.taken.runs == first.taken.runs)
        #expect(try await fixture.digest() == before)
    }

    @Test func aLoggedModelIsARunOfItsKind() async throws {
        let fixture = try await TransferFixture()
        _ = try await fixture.take(Self.source("mlflow"))
        let workspace = try await fixture.store.localWorkspace()
        let models = try await workspace.runs.all { $0.kind == .loggedModel }
        let model = try #require(models.first)
        #expect(models.count == 1 && model.runName == "net" && model.status == .completed)
        #expect(model.parameters == ["depth": "3"] && model.tags["size"] == "small")
        let child = try #require(try await fixture.runs()["child"]).run
        #expect(model.parentRunID == child.id)
        let points = try await workspace.read {
            try $0.metrics.history(of: model.id, metric: "model accuracy")
        }
        #expect(points.map(\.value) == [0.875] && points.map(\.step) == [7])
        let data = try #require(child.environment["imported"]?["datasets"]?[0])
        #expect(data["name"] == "points" && data["tags"]?["split"] == "a")
    }

    @Test func theSourceIsNotTouched() async throws {
        let fixture = try await TransferFixture()
        let directory = RealSources.directory.appending(path: "mlflow")
        func state() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted().map {
                let path = directory.appending(path: $0).path
                let values = try FileManager.default.attributesOfItem(atPath: path)
                return "\($0) \(values[.size] ?? 0) \(values[.modificationDate] ?? 0)"
            }
        }
        let before = try state()
        _ = try await fixture.take(Self.source("mlflow"))
        #expect(try state() == before)
    }
}
