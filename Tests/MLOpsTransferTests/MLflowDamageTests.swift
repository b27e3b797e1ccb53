import CSQLite
import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

/// Databases that are damaged, of other programs, or odd.
@Suite struct MLflowDamageTests {
    /// A database with the tables of MLflow that an import needs, and what a script adds.
    private func database(
        _ fixture: TransferFixture, _ script: String, name: String = "mlflow.db"
    ) throws -> URL {
        let file = fixture.directory.appending(path: name)
        try? FileManager.default.removeItem(at: file)
        var handle: OpaquePointer?
        try #require(sqlite3_open(file.path, &handle) == SQLITE_OK)
        defer { sqlite3_close(handle) }
        let tables = """
            PRAGMA page_size = 512;
            CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT,
                artifact_location TEXT, lifecycle_stage TEXT);
            CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, name TEXT, status TEXT,
                start_time BIGINT, end_time BIGINT, lifecycle_stage TEXT, artifact_uri TEXT,
                experiment_id INTEGER, deleted_time BIGINT);
            CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT,
                step BIGINT, is_nan BOOLEAN);
            CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
            CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
            CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
            INSERT INTO experiments VALUES (1, 'one', NULL, 'active');
            """
        let code = sqlite3_exec(handle, tables + script, nil, nil, nil)
        try #require(code == SQLITE_OK, "\(String(cString: sqlite3_errmsg(handle)))")
        return file
    }

    private func id(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    private func run(
        _ number: Int, _ name: String = "run", experiment: String = "1", start: String = "1000",
        end: String = "2000", place: String = ""
    ) -> String {
        """
        INSERT INTO runs VALUES ('\(id(number))', '\(name)\(number)', 'FINISHED', \(start), \
        \(end), 'active', '\(place)', \(experiment), NULL);
        """
    }

    private func parent(_ child: Int, _ parent: Int) -> String {
        "INSERT INTO tags VALUES ('mlflow.parentRunId', '\(id(parent))', '\(id(child))');"
    }

    @Test func oddRowsAreTakenAsFarAsTheyCan() async throws {
        let fixture = try await TransferFixture()
        let file = try database(
            fixture,
            run(1) + run(2) + run(3) + parent(1, 2) + parent(2, 3) + parent(3, 1)
                + run(4) + parent(4, 1) + run(5) + parent(5, 5) + run(6, experiment: "77")
                + run(7, experiment: "NULL") + run(8, start: "2000", end: "1000")
                + run(9, start: "-62135769600001", end: "253402300800000")
                + run(10, start: "-1", end: "4102444800001")
                    + """
                    INSERT INTO metrics VALUES ('loss', 'text', 1, '\(id(1))', 1, 0);
                    INSERT INTO metrics VALUES ('loss', 2, 1, '\(id(1))', 1, 0);
                    INSERT INTO metrics VALUES ('', 3, 1, '\(id(1))', 1, 0);
                    INSERT INTO metrics VALUES ('loss', 4, 253402300800000, '\(id(1))', 1, 0);
                    INSERT INTO metrics VALUES ('loss', 5, 9223372036854775807, '\(id(1))', 1, 0);
                    INSERT INTO metrics VALUES ('loss', 6, -1, '\(id(1))', -9223372036854775808, 0);
                    INSERT INTO metrics VALUES (printf('%.1025c', 'x'), 6, 1, '\(id(1))', 1, 0);
                    INSERT INTO params VALUES ('nul', 'a' || char(0) || 'b', '\(id(1))');
                    """)
        let report = try await fixture.take(MLflowSource(file))
        #expect(report.taken.runs == 10, "\(report)")
        let runs = try await fixture.runs()
        #expect(["run1", "run2", "run3", "run5"].allSatisfy { runs[$0]?.run.parentRunID == nil })
        #expect(runs["run4"]?.run.parentRunID == runs["run1"]?.run.id)
        #expect(report.notes.changed("its own ancestor") == 4)
        #expect(report.notes.changed("its experiment is missing") == 2)
        #expect(runs["run6"]?.experiment.name == "77")
        #expect(runs["run7"]?.experiment.name == "without experiment")
        #expect(runs["run8"]?.run.completedAt == nil && runs["run9"]?.run.startedAt == nil)
        #expect(runs["run10"]?.run.startedAt == Date(timeIntervalSince1970: -0.001))
        let points = try #require(runs["run1"]?.points["loss"])
        #expect(points.map(\.value) == [6, 2] && points[0].step == .min)
        #expect(report.notes.left("not a number") == 1)
        #expect(report.notes.left("outside of the years") == 1)
        #expect(report.notes.left("not one of the years") == 1)
        #expect(report.notes.left("the name of its metric") == 2)
        #expect(runs["run1"]?.run.parameters == ["nul": "a\u{FFFD}b"])
    }

    @Test func pathsThatLeaveTheDirectoryAreNotRead() async throws {
        let fixture = try await TransferFixture()
        let secrets = fixture.directory.appending(path: "secrets")
        let own = fixture.directory.appending(path: "store/files")
        for folder in [secrets, own] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        try Data("secret".utf8).write(to: secrets.appending(path: "key.pem"))
        try Data("public".utf8).write(to: own.appending(path: "model.bin"))
        try FileManager.default.createSymbolicLink(
            at: own.appending(path: "link"), withDestinationURL: secrets)
        try FileManager.default.createSymbolicLink(
            at: fixture.directory.appending(path: "store/out"), withDestinationURL: secrets)
        let file = try database(
            fixture,
            run(1, place: own.path) + run(2, place: "file://\(secrets.path)")
                + run(3, place: "../secrets") + run(4, place: "\(own.path)/../../secrets")
                + run(5, place: "out") + run(6, place: "s3://bucket/run"),
            name: "store/mlflow.db")
        let report = try await fixture.take(MLflowSource(file))
        let runs = try await fixture.runs()
        #expect(runs["run1"]?.run.artifacts.keys.sorted() == ["model.bin"])
        for number in 2...6 { #expect(runs["run\(number)"]?.run.artifacts.isEmpty == true) }
        #expect(report.notes.left("outside of the directories") == 4, "\(report)")
        #expect(report.notes.left("it is a link") == 1)
        #expect(report.notes.left("not on this machine") == 1)
        #expect(runs["run2"]?.run.environment["imported"]?["artifact_uri"] != nil)
    }

    private func sample(_ fixture: TransferFixture) throws -> Data {
        var script = "BEGIN;"
        for number in 1...6 {
            script += run(number)
            for step in 0..<150 {
                script += """
                    INSERT INTO metrics VALUES ('loss', \(number * 1000 + step) / 7.0, \
                    \(step), '\(id(number))', \(step), 0);
                    """
            }
        }
        return try Data(contentsOf: database(fixture, script + "COMMIT;"))
    }

    /// The values that an import stored, by run, metric and step.
    private func values(_ fixture: TransferFixture) async throws -> Set<String> {
        var found: Set<String> = []
        for (name, run) in try await fixture.runs() {
            for (metric, points) in run.points {
                for point in points { found.insert("\(name) \(metric) \(point)") }
            }
        }
        return found
    }

    @Test func ofATruncatedDatabaseWhatCanBeReadIsTaken() async throws {
        let whole = try await TransferFixture()
        let data = try sample(whole)
        _ = try await whole.take(
            MLflowSource(whole.directory.appending(path: "mlflow.db")))
        let all = try await values(whole)
        #expect(all.count == 900)
        var taken = 0
        for length in stride(from: 1000, to: data.count, by: 1000) {
            let fixture = try await TransferFixture()
            let file = try fixture.file("mlflow.db", data.prefix(length))
            do {
                let report = try await fixture.take(MLflowSource(file))
                let found = try await values(fixture)
                #expect(found.isSubset(of: all), "\(length)")
                #expect(!report.notes.left.isEmpty, "\(length): \(report)")
                taken += found.count
            } catch let error as ImportSourceError {
                #expect([.damaged, .anotherKind].contains(error.kind), "\(error)")
            }
            // The whole file, then: the import goes on.
            _ = try await fixture.take(MLflowSource(fixture.file("mlflow.db", data)))
            #expect(try await values(fixture) == all, "\(length)")
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
                    MLflowSource(fixture.file("mlflow.db", damaged)))
                #expect(report.taken.points <= 901, "seed \(random.seed), bit \(bit)")
            } catch let error as ImportSourceError {
                #expect(!error.message.isEmpty)
            }
        }
    }

    @Test func otherFilesAreRefused() async throws {
        let fixture = try await TransferFixture()
        let cases: [(Data, ImportSourceError.Kind)] = [
            (Data(), .damaged), (Data("text".utf8), .anotherKind),
            (Data("SQLite format 3\0".utf8), .anotherKind),
        ]
        for (data, kind) in cases {
            let error = #expect(throws: ImportSourceError.self) {
                _ = try MLflowSource(fixture.file("mlflow.db", data))
            }
            #expect(error?.kind == kind, "\(error?.message ?? "")")
        }
        // A store of this library is a database, too.
        let own = fixture.directory.appending(path: "own.db")
        let store = try await SQLiteStore.open(own.path)
        try await store.close()
        #expect(throws: ImportSourceError.self) { _ = try MLflowSource(own) }
        let future = try database(
            fixture,
            "CREATE TABLE alembic_version (version_num TEXT);"
                + "INSERT INTO alembic_version VALUES ('ffffffffffff');" + run(1))
        let report = try await fixture.take(MLflowSource(future))
        #expect(report.taken.runs == 1 && report.notes.changed("a version that is not known") == 1)
    }

    private func registry(_ versions: Int, _ aliases: [String: Int]) -> String {
        var script = """
            CREATE TABLE registered_models (name TEXT, creation_time BIGINT,
                last_updated_time BIGINT, description TEXT);
            CREATE TABLE registered_model_aliases (alias TEXT, version INTEGER, name TEXT);
            CREATE TABLE registered_model_tags (key TEXT, value TEXT, name TEXT);
            CREATE TABLE model_versions (name TEXT, version INTEGER, creation_time BIGINT,
                last_updated_time BIGINT, description TEXT, user_id TEXT, current_stage TEXT,
                source TEXT, run_id TEXT);
            INSERT INTO registered_models VALUES ('net', 1, 1, NULL);
            """
        for version in 1...versions {
            script += """
                INSERT INTO model_versions VALUES ('net', \(version), 1, 1, NULL, NULL, 'None',
                    's', NULL);
                """
        }
        for (alias, version) in aliases {
            script += "INSERT INTO registered_model_aliases VALUES ('\(alias)', \(version), 'net');"
        }
        return script
    }

    @Test func aliasesOfNewVersionsAreSetWhereTheyAreFree() async throws {
        let fixture = try await TransferFixture()
        func take(_ versions: Int, _ aliases: [String: Int]) async throws -> ImportReport {
            try await fixture.take(MLflowSource(database(fixture, registry(versions, aliases))))
        }
        _ = try await take(2, ["champion": 1, "old": 2])
        let workspace = try await fixture.store.localWorkspace()
        let model = try #require(try await workspace.models.all().first)
        try await workspace.models.removeAlias("old", of: model.id)
        let report = try await take(
            4, ["champion": 3, "old": 2, "new": 4, "latest": 4, "gone": 9])
        let aliases = try await workspace.models.aliases(of: model.id).mapValues(\.version)
        #expect(aliases == ["champion": "1", "new": "4"])
        #expect(report.notes.left("names another version here") == 1, "\(report)")
        #expect(report.notes.left("was there before it") == 2)
        #expect(report.notes.left("is reserved") == 1)
    }

    @Test func aSourceThatGrowsIsTakenFurther() async throws {
        let fixture = try await TransferFixture()
        let point = { (step: Int, run: Int) in
            "INSERT INTO metrics VALUES ('loss', \(step), 5, '\(self.id(run))', \(step), 0);"
        }
        let first = run(1, end: "NULL") + "UPDATE runs SET status = 'RUNNING';"
        _ = try await fixture.take(
            MLflowSource(database(fixture, first + point(1, 1) + point(2, 1))))
        #expect(try await fixture.runs()["run1"]?.run.status == .running)
        let second =
            run(1, end: "9000") + point(1, 1) + point(2, 1) + point(3, 1) + run(2) + point(1, 2)
            + "INSERT INTO params VALUES ('lr', '0.1', '\(id(1))');"
        let report = try await fixture.take(MLflowSource(database(fixture, second)))
        #expect(report.taken.points == 2 && report.present.points == 2)
        #expect(report.taken.runs == 1 && report.taken.parameters == 1)
        let run = try #require(try await fixture.runs()["run1"]).run
        #expect(run.status == .completed && run.durationSeconds == 8)
        #expect(run.parameters == ["lr": "0.1"] && run.metrics["loss"]?.count == 3)
    }
}
