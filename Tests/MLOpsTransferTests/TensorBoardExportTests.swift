import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

@Suite struct TensorBoardExportTests {
    private static let text = "Ein Text é漢 👩‍🔬\n| a |"

    /// Adds a run with records, whose images and histogram have the name of a metric.
    private func addRecords(_ fixture: ExportFixture) async throws -> ExperimentRun {
        let run = try await fixture.workspace.startRun(
            project: "Digits", experiment: "records", name: "../..//records")
        run.log("samples", 0.5, step: 1)
        let png = try #require(ExportFixture.png)
        for step in [1, 4] { try run.log(image: png, named: "samples", step: step) }
        try run.log(text: Self.text, named: "note", step: 2)
        try run.log(
            histogram: RunHistogram(edges: [-1, 0, 0.5, 2], counts: [1, 0, 3], nans: 2),
            named: "weights", step: 3)
        try await run.finish()
        return try await fixture.workspace.runs.find(run.id)
    }

    private static func folder(_ name: String, _ run: ExperimentRun) -> String {
        "\(name)-\(run.id.description.suffix(8))"
    }

    @Test func ownImportTakesBackWhatWasWritten() async throws {
        let fixture = try await ExportFixture()
        let records = try await addRecords(fixture)
        let logs = fixture.path("logs")
        let summary = try await TensorBoardExport(fixture.workspace).runs(to: logs)
        let count = ExportFixture.names.count * ExportFixture.values.count
        #expect(summary.runs == 3 && summary.points == count + 1 && summary.rows == 4)
        let second = try await TransferFixture()
        let report = try await second.take(TensorBoardSource(logs))
        #expect(report.taken.points == count + 1 && report.notes == ImportNotes(), "\(report)")
        let runs = try await second.runs()
        let before = try #require(try await fixture.transfer.runs()[fixture.run.runName])
        let after = try #require(runs[Self.folder("-2+3___baseline_", fixture.run)])
        #expect(ExportFixture.points(after) == ExportFixture.points(before))
        #expect(
            after.run.parameters == [
                "optimizer.name": "adam", "optimizer.betas": "[0.9,0.999]", "rate": 0.1,
                "layers": 3, "shuffle": true, "big": "9007199254740993", "none": "null",
            ])
        #expect(after.run.status == .completed)
        #expect(after.run.startedAt == fixture.run.startedAt)
        #expect(after.run.completedAt == fixture.run.completedAt)
        #expect(runs[Self.folder("other", fixture.other)]?.run.status == .failed)
        let copy = try #require(runs[Self.folder("_.._..__records", records)]).run
        #expect(
            copy.artifacts.keys.sorted() == [
                "tensorboard/histograms/weights.jsonl", "tensorboard/images/samples/image/1.png",
                "tensorboard/images/samples/image/4.png", "tensorboard/text/note.jsonl",
            ])
        let workspace = try await second.store.localWorkspace()
        let image = try await workspace.artifactData(
            named: "tensorboard/images/samples/image/4.png", of: copy.id)
        #expect(image == ExportFixture.png)
        let line = try await workspace.artifactData(
            named: "tensorboard/histograms/weights.jsonl", of: copy.id)
        let histogram = try JSONValue(parsing: line)
        #expect(histogram["buckets"] == [[-1.0, 0.0, 1.0], [0.0, 0.5, 0.0], [0.5, 2.0, 3.0]])
    }

    /// The `read_tensorboard.py` of this target asks TensorBoard's data provider and tbparse.
    @Test(.enabled(if: RealSources.exist("tensorboard")))
    func tensorBoardReadsTheSame() async throws {
        let fixture = try await ExportFixture()
        let records = try await addRecords(fixture)
        let logs = fixture.path("logs")
        try await TensorBoardExport(fixture.workspace).runs(to: logs)
        let read = try await RealSources.python("read_tensorboard.py", logs.path)
        let runs = try #require(try JSONValue(parsing: read).object)
        #expect(runs.count == 3)
        let own = try #require(try await fixture.transfer.runs()[fixture.run.runName])
        let run = try #require(runs[Self.folder("-2+3___baseline_", fixture.run)])
        for reader in ["scalars", "tbparse"] {
            let tags = try #require(run[reader]?.object)
            #expect(tags.keys.sorted() == own.points.keys.sorted(), "\(reader)")
            for (tag, points) in tags {
                let values = try #require(points.array).map { point in
                    "\(point[0]?.int ?? -1) \(point[1]?.double ?? -1) \(point[2]?.string ?? "")"
                }
                let expected = try #require(own.points[tag]).map { point in
                    let digits = String(point.value.bitPattern, radix: 16)
                    let padded = String(repeating: "0", count: 16 - digits.count) + digits
                    let bits = point.value.isNaN ? "nan" : padded
                    return "\(point.step) \(point.timestamp.timeIntervalSince1970) \(bits)"
                }
                #expect(values == expected, "\(reader), \(tag)")
            }
        }
        #expect(
            run["hparams"] == [
                "optimizer.name": "adam", "optimizer.betas": "[0.9,0.999]", "rate": 0.1,
                "layers": 3.0, "shuffle": true, "big": "9007199254740993", "none": "null",
            ])
        let other = try #require(runs[Self.folder("_.._..__records", records)])
        #expect(other["text"]?["note"]?[0] == [2, .string(Self.text)])
        let png = try #require(ExportFixture.png)
        let width = "31"
        let hexadecimal = png.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        #expect(
            other["images"]?["samples/image"] == [
                [1, .string(width), .string(width), .string(hexadecimal)],
                [4, .string(width), .string(width), .string(hexadecimal)],
            ])
        #expect(
            other["histograms"]?["weights"]?[0] == [
                3, [-1.0, 0.0, 1.0], [0.0, 0.5, 0.0], [0.5, 2.0, 3.0],
            ])
        #expect(other["scalars"]?.object?.keys.sorted() == ["samples"])
    }

    @Test func directoriesAreNotMixed() async throws {
        let fixture = try await ExportFixture()
        let logs = fixture.path("logs")
        let export = TensorBoardExport(fixture.workspace)
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        let query = Query<ExperimentRun>(where: { $0.runName == "other" })
        try await export.runs(query, to: logs)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: logs.path)
                == [Self.folder("other", fixture.other)])
        let mode = try FileManager.default.attributesOfItem(atPath: logs.path)[.posixPermissions]
        #expect(mode as? Int == 0o700)
        let file = try fixture.transfer.file("file", "text")
        for taken in [logs, file] {
            await #expect { try await export.runs(to: taken) } throws: {
                ($0 as? StoreError)?.code == .alreadyExists
            }
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: fixture.transfer.directory.path)
                .sorted() == ["file", "logs"])
    }

    @Test func namesThatAreAlikeGetTheWholeId() async throws {
        let fixture = try await ExportFixture()
        let experiment = fixture.experiment.id
        let ids = try (1...2).map { number in
            try #require(
                Identifier<ExperimentRun>("019b0000-0000-7000-800\(number)-0000deadbeef"))
        }
        try await fixture.workspace.write { tx in
            for (id, name) in zip(ids, ["Same", "same"]) {
                try tx.runs.insert(
                    ExperimentRun(id: id, experiment: experiment, runName: name))
            }
        }
        let logs = fixture.path("logs")
        let query = Query<ExperimentRun>(where: { $0.id.isIn(ids) })
        try await TensorBoardExport(fixture.workspace).runs(query, to: logs)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: logs.path).sorted()
                == ["Same-deadbeef", "same-\(ids[1])"])
    }

    @Test func manyPointsAreWrittenInPieces() async throws {
        let fixture = try await ExportFixture()
        let experiment = fixture.experiment.id
        try await fixture.workspace.write { tx in
            let run = try tx.runs.insert(ExperimentRun(experiment: experiment, runName: "long"))
            var batch = MetricBatch()
            for step in 0..<25_000 { batch.add("m", Double(step) / 3, step: Int64(step), at: .now) }
            try tx.runs.append(batch, to: run.id)
        }
        let logs = fixture.path("logs")
        let query = Query<ExperimentRun>(where: { $0.runName == "long" })
        let summary = try await TensorBoardExport(fixture.workspace).runs(query, to: logs)
        #expect(summary.points == 25_000)
        let second = try await TransferFixture()
        try await second.take(TensorBoardSource(logs))
        let points = try #require(try await second.runs().values.first?.points["m"])
        #expect(points.map(\.step) == Array(0..<25_000))
        #expect(points.map(\.value) == (0..<25_000).map { Double($0) / 3 })
    }
}

@Suite struct WireWriterTests {
    @Test func whatIsWrittenIsRead() {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let number = Int64(
                truncatingIfNeeded: random.next() >> UInt64.random(in: 0..<64, using: &random))
            let double = Double(bitPattern: random.next())
            let text = String(repeating: "é", count: Int.random(in: 0..<200, using: &random))
            let field = Int.random(in: 1..<5000, using: &random)
            var writer = WireWriter()
            writer.write(field, number)
            writer.write(field, -number)
            writer.write(field, double)
            writer.write(field) { $0.write(1, text) }
            writer.write(field, [double, 1])
            writer.bytes.withUnsafeBytes { bytes in
                var reader = WireReader(bytes)
                #expect(reader.next(field) && reader.integer == number, "seed \(random.seed)")
                #expect(reader.next(field) && reader.integer == -number, "seed \(random.seed)")
                #expect(reader.next(field) && reader.double.bitPattern == double.bitPattern)
                var message = reader.next(field) ? reader.message : WireReader(bytes)
                #expect(message.next(1) && message.text == text, "seed \(random.seed)")
                #expect(reader.next(field) && reader.doubles.count == 2)
                #expect(!reader.next() && !reader.isDamaged, "seed \(random.seed)")
            }
        }
    }
}
