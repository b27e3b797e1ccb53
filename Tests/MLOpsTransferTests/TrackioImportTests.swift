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
        #expect(report.notes.left("trackio.histogram") == 1)
        #expect(report.notes.left("trackio.table") == 1)
        #expect(report.notes.left("it is text") == 1 && report.notes.left("alerts of runs") == 1)
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

    @Test func aTruncatedDatabaseGivesWhatCanBeRead() async throws {
        let data = try Data(contentsOf: Self.directory.appending(path: "other.db"))
        for length in stride(from: 1000, to: data.count, by: 1000) {
            let fixture = try await TransferFixture()
            let file = try fixture.file("other.db", data.prefix(length))
            do {
                let report = try await fixture.take(TrackioSource(file))
                #expect(report.taken.points <= 1)
            } catch let error as ImportSourceError {
                #expect([.damaged, .anotherKind, .unreadable].contains(error.kind), "\(error)")
            }
        }
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
