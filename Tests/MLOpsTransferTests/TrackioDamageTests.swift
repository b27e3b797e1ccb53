import CSQLite
import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

/// Databases of Trackio that are cut off or have flipped bits.
@Suite struct TrackioDamageTests {
    private static let runs = 4
    private static let steps = 120

    private static func id(_ run: Int) -> String { String(repeating: "\(run)", count: 32) }

    private func sample(_ fixture: TransferFixture) throws -> Data {
        let file = fixture.directory.appending(path: "whole.db")
        var handle: OpaquePointer?
        try #require(sqlite3_open(file.path, &handle) == SQLITE_OK)
        var script = """
            PRAGMA page_size = 512;
            CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL,
                timestamp TEXT NOT NULL, run_name TEXT NOT NULL, step INTEGER NOT NULL,
                metrics TEXT NOT NULL);
            CREATE INDEX idx_metrics_run_step ON metrics(run_id, step);
            CREATE TABLE configs (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL,
                run_name TEXT NOT NULL, config TEXT NOT NULL, created_at TEXT NOT NULL);
            CREATE TABLE alerts (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL,
                timestamp TEXT NOT NULL, run_name TEXT NOT NULL, title TEXT NOT NULL, text TEXT,
                level TEXT NOT NULL, step INTEGER);
            BEGIN;
            """
        for run in 1...Self.runs {
            let start = "('\(Self.id(run))', '2025-01-02T03:04:05+00:00', 'run\(run)'"
            script += """
                INSERT INTO configs (run_id, created_at, run_name, config)
                    VALUES \(start), '{"depth": \(run)}');
                INSERT INTO alerts (run_id, timestamp, run_name, title, text, level)
                    VALUES \(start), 'High', NULL, 'warn');
                """
            for step in 0..<Self.steps {
                let table =
                    step % 40 == 7
                    ? #", "t": {"_type": "trackio.table", "_value": [{"x": \#(step)}]}"# : ""
                script += """
                    INSERT INTO metrics (run_id, timestamp, run_name, step, metrics)
                        VALUES \(start), \(step), '{"loss": \(run * 1000 + step)\(table)}');
                    """
            }
        }
        let code = sqlite3_exec(handle, script + "COMMIT;", nil, nil, nil)
        try #require(code == SQLITE_OK, "\(String(cString: sqlite3_errmsg(handle)))")
        sqlite3_close(handle)
        return try Data(contentsOf: file)
    }

    private func values(_ fixture: TransferFixture) async throws -> Set<String> {
        var found: Set<String> = []
        for run in try await fixture.runs().values {
            let id = run.run.environment["imported"]?["id"]?.string ?? ""
            for (metric, points) in run.points {
                for point in points { found.insert("\(id) \(metric) \(point)") }
            }
        }
        return found
    }

    @Test func ofATruncatedDatabaseWhatCanBeReadIsTaken() async throws {
        let whole = try await TransferFixture()
        let data = try sample(whole)
        let report = try await whole.take(
            TrackioSource(whole.directory.appending(path: "whole.db")))
        let all = try await values(whole)
        #expect(all.count == Self.runs * Self.steps && report.taken.artifacts == 2 * Self.runs)
        var taken = 0
        for length in stride(from: 1000, to: data.count, by: 1000) {
            let fixture = try await TransferFixture()
            do {
                let report = try await fixture.take(
                    TrackioSource(fixture.file("whole.db", data.prefix(length))))
                let found = try await values(fixture)
                #expect(found.isSubset(of: all), "\(length)")
                #expect(!report.notes.left.isEmpty, "\(length): \(report)")
                taken += found.count
            } catch let error as ImportSourceError {
                #expect([.damaged, .anotherKind].contains(error.kind), "\(length): \(error)")
            }
            // The whole file, then: the import goes on.
            let rest = try await fixture.take(TrackioSource(fixture.file("whole.db", data)))
            #expect(try await values(fixture) == all, "\(length): \(rest)")
        }
        #expect(taken > 0)
    }

    @Test func aFlippedBitNeverCrashes() async throws {
        let whole = try await TransferFixture()
        let data = try sample(whole)
        var random = SeededGenerator()
        for _ in 0..<60 {
            var damaged = data
            let bit = Int.random(in: 0..<data.count * 8, using: &random)
            damaged[bit / 8] ^= 1 << (bit % 8)
            let fixture = try await TransferFixture()
            do {
                let report = try await fixture.take(
                    TrackioSource(fixture.file("whole.db", damaged)))
                #expect(
                    report.taken.points <= Self.runs * Self.steps + 1,
                    "seed \(random.seed), bit \(bit)")
            } catch let error as ImportSourceError {
                #expect(!error.message.isEmpty, "seed \(random.seed), bit \(bit)")
            }
        }
    }
}
