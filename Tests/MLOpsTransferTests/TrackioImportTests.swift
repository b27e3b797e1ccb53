import CSQLite
import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

/// Databases that Trackio 0.43.0 wrote, and what was logged to it.
@Suite(.enabled(if: RealSources.exist("trackio"))) struct TrackioImportTests {
    private static let directory = RealSources.directory.appending(path: "trackio")

    @Test func whatWasLoggedIsWhatTheStoreHas() async throws {
        let fixture = try await TransferFixture()
        let report = try await fixture.take(TrackioSource(Self.directory))
        let dump = try #require(try RealSources.dump("trackio").object)
        let runs = try await fixture.runs()
        #expect(runs.keys.sorted() == dump.keys.sorted() && report.taken.runs == 3)
        for (name, logged) in dump {
            let run = try #require(runs[name])
            #expect(run.experiment.name == logged["project"]?.string)
            #expect(run.run.parameters == logged["config"])
            let wanted = try #require(logged["points"]?.object)
            #expect(run.points.keys.sorted() == wanted.keys.sorted())
            for (metric, points) in wanted {
                let own = try #require(run.points[metric])
                let expected = try #require(points.array)
                #expect(own.map(\.step) == expected.compactMap { $0[0]?.int })
                for (point, text) in zip(own, expected.compactMap { $0[1]?.string }) {
                    let value = try #require(Double(text))
                    #expect(
                        point.value.bitPattern == value.bitPattern
                            || point.value.isNaN && value.isNaN, "\(metric) \(text)")
                }
            }
        }
        #expect(report.notes.left("it is text") == 1 && report.notes.changed("no state") == 1)
        #expect(report.notes.left("no place for it") == 1)
        #expect(report.notes.changed("of several types") == 2, "\(report)")
    }

    @Test func tablesPicturesAndFilesAreTaken() async throws {
        let fixture = try await TransferFixture()
        let dry = try await fixture.take(TrackioSource(Self.directory), dryRun: true)
        let report = try await fixture.take(TrackioSource(Self.directory))
        #expect(report.taken.artifacts == 7 && dry.taken == report.taken, "\(dry)\(report)")
        let workspace = try await fixture.store.localWorkspace()
        let run = try #require(try await fixture.runs()["first"]).run
        let table = try await workspace.table(named: "table", of: run.id, step: 8)
        #expect(table.columns.map(\.name) == ["name", "b", "a", "ok", "mixed", "nested"])
        #expect(table["name"] == .strings(["é漢", "b"]) && table["b"] == .integers([1, 2]))
        #expect(table["ok"] == .booleans([true, false]))
        #expect(table["mixed"] == .strings(["1", "x"]))
        #expect(table["nested"] == .strings([nil, #"[1,{"k":2}]"#]))
        guard case .doubles(let doubles) = table["a"] else {
            Issue.record("\(table)")
            return
        }
        #expect(doubles[0] == 0.5 && doubles[1]?.isNaN == true)
        let last = try await workspace.table(named: "table", of: run.id)
        #expect(last["a"] == .integers([1 << 60]))
        let histogram = try await workspace.histogram(named: "weights", of: run.id)
        #expect(histogram.counts.count == 64 && histogram.total == 10)
        let image = try await workspace.image(named: "picture", of: run.id, step: 9)
        #expect(image.width == 3 && image.height == 2)
        #expect(try await workspace.text(named: "report", of: run.id) == "# Title\n\n漢")
        let weights = try await workspace.artifactData(
            named: "weights/v0/deep/weights.bin", of: run.id)
        #expect(weights.count == 1_280_000)
        let page = try #require(run.artifacts.keys.first { $0.hasPrefix("media/page/9/") })
        let html = try await workspace.artifactData(named: page, of: run.id)
        #expect(String(decoding: html, as: UTF8.self).contains("hello"))
        let alerts = try await workspace.artifactData(named: "alerts.jsonl", of: run.id)
        let alert = try JSONValue(parsing: alerts.dropLast())
        #expect(alert["title"] == "Loss is high" && alert["level"] == "warn")
    }

    /// A database with rows, beside files of its own.
    private func database(_ fixture: TransferFixture, _ rows: [(Int, String)]) throws -> URL {
        let file = fixture.directory.appending(path: "own.db")
        try? FileManager.default.removeItem(at: file)
        var handle: OpaquePointer?
        try #require(sqlite3_open(file.path, &handle) == SQLITE_OK)
        defer { sqlite3_close(handle) }
        var script = """
            CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT,
                step INTEGER, metrics TEXT);
            """
        for (step, text) in rows {
            let quoted = text.replacing("'", with: "''")
            script += """
                INSERT INTO metrics (timestamp, run_name, step, metrics) VALUES
                    ('2025-01-02T03:04:05', 'a', \(step), '\(quoted)');
                """
        }
        try #require(sqlite3_exec(handle, script, nil, nil, nil) == SQLITE_OK)
        return file
    }

    @Test func recordsGrowWithTheSource() async throws {
        let fixture = try await TransferFixture()
        let row = { (step: Int) in
            (step, #"{"t": {"_type": "trackio.table", "_value": [{"x": \#(step)}]}}"#)
        }
        _ = try await fixture.take(TrackioSource(database(fixture, [row(1), row(2)])))
        let grown = try database(fixture, [row(1), row(2), row(3)])
        let dry = try await fixture.take(TrackioSource(grown), dryRun: true)
        let report = try await fixture.take(TrackioSource(grown))
        #expect(report.taken.artifacts == 1 && dry.taken == report.taken)
        #expect(report.notes.changed("it has grown") == 1)
        let workspace = try await fixture.store.localWorkspace()
        let run = try #require(try await fixture.runs()["a"]).run
        let items = try await workspace.recordedItems(named: "t", of: run.id)
        #expect(items.map(\.step) == [1, 2, 3])
        let again = try await fixture.take(TrackioSource(grown))
        #expect(again.taken == ImportReport.Counts() && again.present.artifacts == 1)
    }

    @Test func whatIsNoRecordIsLeft() async throws {
        let fixture = try await TransferFixture()
        let secret = try fixture.file("secret.png", Data([0x89, 0x50]))
        let media = fixture.directory.appending(path: "media")
        try FileManager.default.createDirectory(at: media, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: media.appending(path: "link.png"), withDestinationURL: secret)
        let image = { (path: String) in
            #"{"i": {"_type": "trackio.image", "file_path": "\#(path)", "caption": null}}"#
        }
        let rows = [
            image("../secret.png"), image("link.png"), image(secret.path), image("none.png"),
            #"{"h": {"_type": "trackio.histogram", "bins": [1, 0], "values": [1]}}"#,
            #"{"h": {"_type": "trackio.histogram", "bins": [0, 1], "values": [0.5]}}"#,
            #"{"h": {"_type": "trackio.histogram", "bins": "x"}}"#,
            #"{"t": {"_type": "trackio.table", "_value": []}}"#,
            #"{"t": {"_type": "trackio.table", "_value": [{"": 1}]}}"#,
            #"{"k": {"_type": "trackio.markdown", "_value": "text"}}"#,
            #"{"k": {"_type": "trackio.table", "_value": [{"x": 1}]}}"#,
            #"{"n": {"_type": "trackio.trace"}}"#,
        ]
        let file = try database(fixture, Array(rows.enumerated()))
        let report = try await fixture.take(TrackioSource(file))
        #expect(report.notes.left("not below the directory") == 4, "\(report)")
        #expect(report.notes.left("edges that ascend") == 1)
        #expect(report.notes.left("a negative count") == 1)
        #expect(report.notes.left("not in the form") == 1 && report.notes.left("no rows") == 1)
        #expect(report.notes.left("name is empty") == 1)
        #expect(report.notes.left("another kind under its name") == 1)
        #expect(report.notes.left("trackio.trace") == 1 && report.taken.artifacts == 1)
    }

    @Test func aSecondImportChangesNothing() async throws {
        let fixture = try await TransferFixture()
        let first = try await fixture.take(TrackioSource(Self.directory))
        let before = try await fixture.digest()
        let file = Self.directory.appending(path: "digits.db")
        let again = try await fixture.take(TrackioSource(Self.directory))
        #expect(again.taken == ImportReport.Counts() && again.present.points == first.taken.points)
        let one = try await fixture.take(TrackioSource(file))
        #expect(one.taken == ImportReport.Counts() && one.present.runs == 2)
        #expect(try await fixture.digest() == before)
    }

    @Test func oddNamesAndTimesAreTaken() async throws {
        let fixture = try await TransferFixture()
        let file = try database(
            fixture, [(-3, #"{"потери": 1, "損失 🙂": 2, "": 3}"#), (4, #"{"потери": 5}"#)])
        var handle: OpaquePointer?
        try #require(sqlite3_open(file.path, &handle) == SQLITE_OK)
        let change = """
            UPDATE metrics SET timestamp = '1901-02-03T04:05:06Z', run_name = 'تجربة' WHERE id = 1;
            UPDATE metrics SET timestamp = '2150-01-01T00:00:00Z', run_name = 'تجربة' WHERE id = 2;
            """
        try #require(sqlite3_exec(handle, change, nil, nil, nil) == SQLITE_OK)
        sqlite3_close(handle)
        let report = try await fixture.take(TrackioSource(file))
        let run = try #require(try await fixture.runs()["تجربة"])
        #expect(run.points["потери"]?.map(\.step) == [-3, 4] && run.points["損失 🙂"]?.count == 1)
        #expect(run.points["потери"]?[0].timestamp == Date(timeIntervalSince1970: -2_174_586_894))
        #expect(run.run.completedAt == Date(timeIntervalSince1970: 5_680_281_600))
        #expect(report.notes.left("the name of its metric") == 1)
    }

    @Test func olderDatabasesKnowRunsByName() async throws {
        let fixture = try await TransferFixture()
        let file = fixture.directory.appending(path: "old.db")
        var handle: OpaquePointer?
        try #require(sqlite3_open(file.path, &handle) == SQLITE_OK)
        let script = """
            CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT,
                step INTEGER, metrics TEXT);
            INSERT INTO metrics (timestamp, run_name, step, metrics) VALUES
                ('2025-01-02T03:04:05', 'a', 1, '{"loss": NaN, "x": {"y": -0.0, "z": [1]}}'),
                ('2025-01-02T03:04:05', 'a', 0, '{"loss": 2, "torn'),
                ('when?', 'a', 2, '{"loss": 2}'),
                ('1969-12-31T23:59:59+00:00', 'b', 0, '{"lo\\u0073s": 1e-3}');
            """
        try #require(sqlite3_exec(handle, script, nil, nil, nil) == SQLITE_OK)
        sqlite3_close(handle)
        let report = try await fixture.take(TrackioSource(file))
        let runs = try await fixture.runs()
        #expect(runs["a"]?.points["loss"]?.map(\.step) == [0, 1])
        #expect(runs["a"]?.points["x/y"]?.first?.value.sign == .minus)
        #expect(runs["b"]?.points["loss"]?.first?.value == 0.001)
        #expect(report.notes.left("its JSON is damaged") == 1)
        #expect(report.notes.left("its time cannot be read") == 1)
        #expect(report.notes.left("it is a list") == 1)
    }
}
