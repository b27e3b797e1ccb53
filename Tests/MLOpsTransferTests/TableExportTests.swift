import Foundation
import MLOpsCore
import Synchronization
import Testing

@testable import MLOpsTransfer

@Suite struct TableExportTests {
    @Test func pointsComeBackToTheLastBit() async throws {
        let fixture = try await ExportFixture()
        let file = fixture.path("points.csv")
        let summary = try await fixture.tables.metrics(as: .csv, to: .file(file))
        let count = ExportFixture.names.count * ExportFixture.values.count
        #expect(summary.points == count && summary.rows == count && summary.runs == 2)
        #expect(try Data(contentsOf: file).count == summary.bytes)
        let second = try await TransferFixture()
        let report = try await second.take(CSVSource(file), project: "Digits")
        #expect(report.taken.points == count && report.notes == ImportNotes(), "\(report)")
        let before = try #require(try await fixture.transfer.runs()[fixture.run.runName])
        let id = fixture.run.id.description
        let after = try #require(try await second.runs()[id])
        #expect(after.run.id == before.run.id && after.experiment.name == before.experiment.name)
        #expect(ExportFixture.points(after) == ExportFixture.points(before))
        // The copy differs in the name of the run alone, which the import knows by its id.
        let workspace = try await second.store.localWorkspace()
        let copy = fixture.path("copy.csv")
        try await TableExport(workspace).metrics(as: .csv, to: .file(copy))
        let quoted = "\"-2+3, \"\"baseline\"\"\""
        #expect(
            try fixture.text("points.csv").replacing(quoted, with: id) == fixture.text("copy.csv"))
    }

    @Test func rowsOfRunsHaveTheirFieldsAsTheyAre() async throws {
        let fixture = try await ExportFixture()
        let query = Query<ExperimentRun>()
        let summary = try await fixture.tables.runs(query, as: .csv, to: .file(fixture.path("r")))
        #expect(summary.rows == 2)
        let text = try fixture.text("r")
        let header = try #require(text.components(separatedBy: "metrics. padded ").first)
        #expect(
            header == "run_id,run_name,experiment,project,status,parent_run_id,created_at,"
                + "started_at,completed_at,duration_seconds,group,note,params.big,params.layers,"
                + "params.none,params.optimizer.betas,params.optimizer.name,params.rate,"
                + "params.shuffle,")
        #expect(text.contains(",tags.host,tags.team\n"))
        let created = ExportText.iso8601(fixture.run.createdAt)
        #expect(
            text.contains(
                "\n\(fixture.run.id),\"-2+3, \"\"baseline\"\"\",\"sweep, \"\"wide\"\"\",digits,"
                    + "completed,,\(created),2026-01-05T08:00:00.123456Z,"
                    + "2026-01-05T08:01:30.623456Z,90.5,,,9007199254740993,3,null,"
                    + "\"[0.9,0.999]\",adam,0.1,true,"))
        // The last, the smallest and the largest of each metric.
        #expect(text.contains(",-42,-Infinity,Infinity,"))
        #expect(text.hasSuffix(",\n"))
        #expect(text.contains(",\"a\nb\",=cmd|' /C calc'!A0\n"))
        #expect(text.contains("\n\(fixture.other.id),other,"))
        #expect(text.contains(",,,,g1,@note,,,"))
    }

    @Test func everyLineIsAnObject() async throws {
        let fixture = try await ExportFixture()
        func lines(_ name: String) throws -> [JSONValue] {
            try fixture.text(name).split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        }
        try await fixture.tables.metrics(
            named: ["two\nlines"], as: .jsonl, to: .file(fixture.path("p")))
        let points = try lines("p")
        #expect(points.count == ExportFixture.values.count)
        #expect(
            points[2] == [
                "run_id": .string(fixture.run.id.description), "metric": "two\nlines",
                "run_name": "-2+3, \"baseline\"", "experiment": "sweep, \"wide\"",
                "project": "digits", "step": 1, "value": "NaN",
                "timestamp": "2026-01-05T08:00:02.123458Z",
            ])
        #expect(points[0]["value"]?.double == 1 / 3 && points[1]["value"]?.double == 0.1 + 0.2)
        try await fixture.tables.runs(as: .jsonl, to: .file(fixture.path("r")))
        let runs = try lines("r")
        #expect(runs.count == 2 && runs[0]["parameters"] == fixture.run.parameters)
        #expect(runs[0]["metrics"]?["loss"]?["last"] == -42 && runs[0]["type"] == "run")
        let both = try await fixture.tables.runsWithPoints(to: .file(fixture.path("b")))
        let mixed = try lines("b")
        #expect(both.rows == mixed.count && mixed[0] == runs[0])
        #expect(mixed[both.rows - 1] == runs[1])
        #expect(mixed[1].object?.count == 6 && mixed[1]["type"] == "point")
    }

    @Test func theRegistryHasAliasesAndSignatures() async throws {
        let fixture = try await ExportFixture()
        let (project, source) = (fixture.project.id, fixture.run.id)
        let (model, version) = try await fixture.workspace.write { tx in
            let model = try tx.models.insert(
                Model(project: project, name: "digits", tags: ["a", "b,c"], createdAt: .now))
            let version = try tx.modelVersions.insert(
                ModelVersion(
                    model: model.id, version: "1.0.0", sourceRun: source,
                    artifactURI: "s3://b/k,1", artifactSHA256: String(repeating: "a", count: 64),
                    modelSizeBytes: 2048, modelSchema: ["inputs": [["type": "long", "name": "x"]]],
                    tags: ["k": "=v"]))
            try tx.modelVersions.insert(ModelVersion(model: model.id, version: "1.1.0"))
            return (try tx.models.setAlias("champion", to: version.id, of: model.id), version)
        }
        let tables = fixture.tables
        #expect(
            try await tables.modelVersions(as: .csv, to: .file(fixture.path("v.csv"))).rows == 2)
        let text = try fixture.text("v.csv")
        #expect(
            text.contains(
                "\n\(version.id),\(model.id),digits,digits,1.0.0,1,development,"
                    + "\"[\"\"champion\"\"]\",\"{\"\"k\"\":\"\"=v\"\"}\",,\(source),\"s3://b/k,1\","
                    + "\(String(repeating: "a", count: 64)),2048,"
                    + "\"{\"\"inputs\"\":[{\"\"name\"\":\"\"x\"\",\"\"type\"\":\"\"long\"\"}]}\","))
        try await tables.modelVersions(as: .jsonl, to: .file(fixture.path("v.jsonl")))
        let line = try #require(try fixture.text("v.jsonl").split(separator: "\n").first)
        let json = try JSONValue(parsing: String(line))
        #expect(json["signature"] == version.modelSchema && json["aliases"] == ["champion"])
        #expect(json["description"] == .null && json["size_bytes"] == 2048)
        try await tables.models(as: .jsonl, to: .file(fixture.path("m.jsonl")))
        let row = try JSONValue(parsing: try fixture.text("m.jsonl"))
        #expect(row["aliases"] == ["champion": "1.0.0"] && row["versions"] == 2)
        #expect(row["tags"] == ["a", "b,c"] && row["model_id"] == model.id.json)
        try await tables.models(
            Query(where: { $0.name == "none" }), as: .csv, to: .file(fixture.path("none.csv")))
        #expect(try fixture.text("none.csv").hasPrefix("model_id,model,"))
        #expect(try fixture.text("none.csv").split(separator: "\n").count == 1)
    }

    /// More points than a piece, more runs than a page, and several points of one step.
    @Test func piecesLeaveNothingOutAndRepeatNothing() async throws {
        let fixture = try await ExportFixture()
        let experiment = fixture.experiment.id
        try await fixture.workspace.write { tx in
            for index in 0..<120 {
                let run = try tx.runs.insert(
                    ExperimentRun(experiment: experiment, runName: "many"))
                var batch = MetricBatch()
                for point in 0..<(index == 60 ? 20_000 : index % 3) {
                    batch.add("m\(point % 2)", Double(point), step: Int64(point / 7), at: .now)
                }
                try tx.runs.append(batch, to: run.id)
            }
        }
        let told = Mutex<[ExportProgress]>([])
        let many = Query<ExperimentRun>(where: { $0.runName == "many" })
        let summary = try await fixture.tables.metrics(
            of: many, as: .csv, to: .file(fixture.path("all.csv"))
        ) { step in told.withLock { $0.append(step) } }
        let expected = try await fixture.workspace.read { tx in
            var lines: [String] = []
            for run in try tx.runs.all(where: { $0.runName == "many" }) {
                try tx.metrics.forEach(Query(where: { $0.runID == run.id })) { point in
                    lines.append("\(run.id),\(point.metricName),\(point.step),\(Int(point.value))")
                    return true
                }
            }
            return lines
        }
        let lines = try fixture.text("all.csv").split(separator: "\n").dropFirst().map { line in
            let fields = line.components(separatedBy: ",")
            return ([fields[0]] + fields.suffix(4).dropLast()).joined(separator: ",")
        }
        #expect(summary.points == expected.count && summary.runs == 120)
        #expect(lines == expected)
        let last = try #require(told.withLock { $0.last })
        #expect(last.runs == 120 && last.totalRuns == 120 && last.points == summary.points)
        try await fixture.tables.metrics(
            of: many, named: ["m1", "m0", "m1", "absent"], as: .csv, to: .file(fixture.path("m")))
        #expect(try fixture.text("m") == fixture.text("all.csv"))
    }

    @Test func whoSeesLessExportsLess() async throws {
        let fixture = try await ExportFixture()
        let viewer = try await fixture.workspaceOfOneWhoSeesLess()
        let kinds = ["r.csv", "r.jsonl", "p.csv", "p.jsonl", "b.jsonl", "m.csv", "v.csv"]
        func export(_ tables: TableExport, _ folder: String) async throws -> String {
            func file(_ name: String) -> ExportDestination {
                .file(fixture.path("\(folder)-\(name)"))
            }
            try await tables.runs(as: .csv, to: file("r.csv"))
            try await tables.runs(as: .jsonl, to: file("r.jsonl"))
            try await tables.metrics(as: .csv, to: file("p.csv"))
            try await tables.metrics(as: .jsonl, to: file("p.jsonl"))
            try await tables.runsWithPoints(to: file("b.jsonl"))
            try await tables.models(as: .csv, to: file("m.csv"))
            try await tables.modelVersions(as: .csv, to: file("v.csv"))
            return try kinds.map { try fixture.text("\(folder)-\($0)") }.joined()
        }
        let all = try await export(fixture.tables, "all")
        let less = try await export(TableExport(viewer), "less")
        for word in ["secret run", "secret metric", "secret model"] {
            #expect(all.contains(word) && !less.contains(word), "\(word)")
        }
        #expect(less.contains("two\nlines") && less.contains("other"))
        let logs = fixture.path("logs")
        let summary = try await TensorBoardExport(viewer).runs(to: logs)
        #expect(summary.runs == 2)
    }
}

@Suite struct ExportFileTests {
    private static func code(_ body: () async throws -> Void) async -> StoreError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    @Test func aFileIsMadeOnceAndForItsOwner() async throws {
        let fixture = try await ExportFixture()
        let (file, tables) = (fixture.path("a.csv"), fixture.tables)
        try await tables.runs(as: .csv, to: .file(file))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let before = try Data(contentsOf: file)
        let again = await Self.code { try await tables.metrics(as: .csv, to: .file(file)) }
        #expect(again == .alreadyExists)
        #expect(try Data(contentsOf: file) == before)
        try await tables.metrics(as: .csv, to: .file(file, replacing: true))
        #expect(try fixture.text("a.csv").hasPrefix("run_id,run_name,experiment,project,metric,"))
        let link = fixture.path("link.csv")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
        let onLink = await Self.code {
            try await tables.runs(as: .csv, to: .file(link, replacing: true))
        }
        #expect(onLink == .alreadyExists)
        let absent = await Self.code {
            try await tables.runs(as: .csv, to: .file(fixture.path("no/a.csv")))
        }
        #expect(absent == .cannotOpen)
        #expect(try Self.names(fixture) == ["a.csv", "link.csv"])
    }

    @Test func whatFailsLeavesNothing() async throws {
        let fixture = try await ExportFixture()
        let file = try fixture.transfer.file("kept.csv", "kept")
        try await fixture.transfer.store.close()
        let tables = fixture.tables
        for destination in [
            ExportDestination.file(fixture.path("b.csv")), .file(file, replacing: true),
        ] {
            let code = await Self.code { try await tables.metrics(as: .csv, to: destination) }
            #expect(code == .closed)
        }
        let code = await Self.code {
            try await TensorBoardExport(fixture.workspace).runs(to: fixture.path("logs"))
        }
        #expect(code == .closed)
        #expect(try Self.names(fixture) == ["kept.csv"])
        #expect(try fixture.text("kept.csv") == "kept")
    }

    @Test func whatIsCancelledLeavesNothing() async throws {
        let fixture = try await ExportFixture()
        let experiment = fixture.experiment.id
        try await fixture.workspace.write { tx in
            for _ in 0..<100 {
                try tx.runs.insert(ExperimentRun(experiment: experiment, runName: "many"))
            }
        }
        let (file, logs) = (fixture.path("a.csv"), fixture.path("logs"))
        let cancel: TableExport.Report = { _ in withUnsafeCurrentTask { $0?.cancel() } }
        let table = Task {
            try await fixture.tables.metrics(as: .csv, to: .file(file), progress: cancel)
        }
        await #expect(throws: CancellationError.self) { try await table.value }
        let events = Task {
            try await TensorBoardExport(fixture.workspace).runs(to: logs, progress: cancel)
        }
        await #expect(throws: CancellationError.self) { try await events.value }
        #expect(try Self.names(fixture) == [])
    }

    @Test func anOpenDatabaseIsNotReplaced() async throws {
        let fixture = try await ExportFixture()
        let path = fixture.path("store.db")
        let store = try await SQLiteStore.open(path.path)
        let code = await Self.code {
            try await fixture.tables.runs(as: .csv, to: .file(path, replacing: true))
        }
        #expect(code == .invalidValue)
        try await store.close()
    }

    private static func names(_ fixture: ExportFixture) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fixture.transfer.directory.path)
            .sorted()
    }

    @Test func timesAreThoseOfTheCalendar() {
        var random = SeededGenerator()
        for _ in 0..<20_000 {
            // From the year 1583 to 2200.
            let micros = Int64.random(
                in: -12_212_553_600_000_000...7_258_118_400_000_000, using: &random)
            let date = TimeText.date(microseconds: micros)
            let text = ExportText.iso8601(date)
            let rest = (micros % 1_000_000 + 1_000_000) % 1_000_000
            let seconds = Date(timeIntervalSince1970: Double((micros - rest) / 1_000_000))
            #expect(TimeText.date(text) == date, "seed \(random.seed): \(text)")
            #expect(
                text.prefix(19) == seconds.formatted(.iso8601).prefix(19),
                "seed \(random.seed): \(micros)")
        }
        #expect(
            ExportText.iso8601(TimeText.date(microseconds: -62_135_596_800_000_000))
                == "0001-01-01T00:00:00.000000Z")
    }
}
