import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

@Suite struct CSVImportTests {
    private static let long = """
        experiment,run,metric,step,timestamp,value
        sweep,a,loss,0,2026-01-05T08:00:00.123456Z,0.3333333333333333
        sweep,a,"loss, ""val""\",0,2026-01-05T08:00:00.123457Z,nan
        sweep,b,loss,-3,-1.5,-Infinity
        sweep,a,loss,9007199254740993,4102444800123,1e-300
        ,6f1c0a2b3d4e4f5a8b9cadbecfd0e1f2,accuracy,1,2150-01-01,0.1
        sweep,b,потери,2,1969-12-31 23:59:59.999999,
        sweep,b,потери,3,1700000000.000001,NA
        sweep,b,потери,4,1700000000.000001,-0.0

        """

    @Test func theLongFormIsTakenToTheLastDigit() async throws {
        let fixture = try await TransferFixture()
        let source = try CSVSource(fixture.file("data.csv", Self.long))
        let report = try await fixture.take(source)
        #expect(report.taken.experiments == 2 && report.taken.runs == 3)
        #expect(report.taken.points == 6 && report.notes == ImportNotes())
        let runs = try await fixture.runs()
        let a = try #require(runs["a"])
        #expect(a.experiment.name == "sweep" && a.run.status == .completed)
        #expect(a.points["loss"]?.map(\.value) == [0.3333333333333333, 1e-300])
        #expect(a.points["loss"]?.map(\.step) == [0, 9_007_199_254_740_993])
        #expect(a.points["loss, \"val\""]?[0].value.isNaN == true)
        let time = try #require(a.points["loss"]?[0].timestamp)
        #expect(try time.storedValue() == .time(1_767_600_000_123_456))
        #expect(
            try a.points["loss"]?[1].timestamp.storedValue() == .time(4_102_444_800_123_000))
        #expect(try a.run.startedAt?.storedValue() == .time(1_767_600_000_123_456))
        let b = try #require(runs["b"])
        #expect(b.points["loss"]?[0].value == -.infinity && b.points["loss"]?[0].step == -3)
        #expect(try b.points["loss"]?[0].timestamp.storedValue() == .time(-1_500_000))
        #expect(b.points["потери"]?.map(\.step) == [4])
        #expect(b.points["потери"]?[0].value.sign == .minus)
        #expect(b.run.environment["imported"]?["id"] == "sweep/b")
        let c = try #require(runs["6f1c0a2b3d4e4f5a8b9cadbecfd0e1f2"])
        #expect(c.run.id.description == "6f1c0a2b-3d4e-4f5a-8b9c-adbecfd0e1f2")
        #expect(c.experiment.name == "data")
        #expect(c.run.metrics["accuracy"] == MetricSummary(0.1, step: 1))
    }

    @Test func theWideFormHasAColumnForEachMetric() async throws {
        let fixture = try await TransferFixture()
        let text = "\u{FEFF}Step,loss,\"acc\"\"\"\r\n0,1.5,\r\n1,,2\r\n2,text,inf\r\n"
        let report = try await fixture.take(CSVSource(fixture.file("wide.csv", text)))
        let run = try #require(try await fixture.runs()["wide"])
        #expect(run.points["loss"]?.map(\.step) == [0])
        #expect(run.points["acc\""]?.map(\.value) == [2, .infinity])
        #expect(report.notes.left("it is text") == 1)
        #expect(report.notes.changed("no time") == 3)
    }

    @Test func aSecondImportAddsWhatIsNew() async throws {
        let fixture = try await TransferFixture()
        _ = try await fixture.take(CSVSource(fixture.file("data.csv", Self.long)))
        let before = try await fixture.digest()
        let again = try await fixture.take(CSVSource(fixture.file("data.csv", Self.long)))
        #expect(again.taken == ImportReport.Counts())
        #expect(again.present.points == 6 && again.present.runs == 3)
        #expect(try await fixture.digest() == before)
        let more = Self.long + "sweep,a,loss,1,2026-01-05T08:00:01Z,0.2\nsweep,c,loss,1,5,7\n"
        let added = try await fixture.take(CSVSource(fixture.file("data.csv", more)))
        #expect(added.taken.points == 2 && added.taken.runs == 1 && added.present.points == 6)
        let run = try #require(try await fixture.runs()["a"])
        #expect(run.points["loss"]?.map(\.step) == [0, 1, 9_007_199_254_740_993])
        #expect(run.run.metrics["loss"]?.count == 3 && run.run.revision == 1)
    }

    @Test func pointsWithoutATimeAreNotAddedTwice() async throws {
        let fixture = try await TransferFixture()
        let text = "step,loss\n0,1\n1,2\n1,2\n"
        let first = try await fixture.take(CSVSource(fixture.file("a.csv", text)))
        #expect(first.taken.points == 3)
        let second = try await fixture.take(CSVSource(fixture.file("a.csv", text + "2,3\n")))
        #expect(second.taken.points == 1 && second.present.points == 3)
    }

    @Test func aDryRunWritesNothingAndReportsTheSame() async throws {
        let fixture = try await TransferFixture()
        let source = try CSVSource(fixture.file("data.csv", Self.long))
        let dry = try await fixture.take(source, dryRun: true)
        #expect(dry.isDryRun && dry.taken.points == 6 && dry.taken.runs == 3)
        #expect(try await fixture.digest().isEmpty)
        let real = try await fixture.take(source)
        #expect(real.taken == dry.taken)
        let before = try await fixture.digest()
        let second = try await fixture.take(source, dryRun: true)
        #expect(second.taken == ImportReport.Counts() && second.present.points == 6)
        #expect(try await fixture.digest() == before)
    }

    @Test func idsThatExistElsewhereAreMappedAnew() async throws {
        let fixture = try await TransferFixture()
        let id = "6f1c0a2b3d4e4f5a8b9cadbecfd0e1f2"
        let text = "run,metric,step,timestamp,value\n\(id),loss,1,2,3\nother,loss,1,2,3\n"
        let source = try CSVSource(fixture.file("data.csv", text))
        _ = try await fixture.take(source, project: "one")
        _ = try await fixture.take(source, project: "two")
        let counts = try await fixture.store.localWorkspace().runs.all()
        #expect(counts.count == 4)
        let copies = counts.filter { $0.runName == id }
        #expect(copies.count == 2 && copies[0].id != copies[1].id)
        for copy in copies { #expect(copy.environment["imported"]?["id"] == .string(id)) }
        let again = try await fixture.take(source, project: "two")
        #expect(again.taken == ImportReport.Counts() && again.present.runs == 2)
    }

    @Test func deletedHereStaysDeleted() async throws {
        let fixture = try await TransferFixture()
        let source = try CSVSource(fixture.file("data.csv", Self.long))
        _ = try await fixture.take(source)
        let workspace = try await fixture.store.localWorkspace()
        let run = try #require(try await fixture.runs()["a"]).run
        try await workspace.runs.delete(run.id)
        let before = try await fixture.digest()
        let report = try await fixture.take(source)
        #expect(report.notes.left("is deleted here") == 1)
        #expect(try await fixture.digest() == before)
    }

    @Test func aReportFitsTheTerminal() async throws {
        let fixture = try await TransferFixture()
        let name = String(repeating: "long name ", count: 30)
        let text =
            "run,metric,step,value\n" + (0..<5000).map { "\(name)\($0 % 9),m,x\($0),1\n" }.joined()
        let report = try await fixture.take(CSVSource(fixture.file("data.csv", text)))
        let lines = report.description.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 80 } && lines.count < 12, "\(report)")
        #expect(report.notes.left("its step is not a whole number") == 5000)
        #expect(report.description.contains("5,000 rows"))
        let copy = try JSONDecoder().decode(
            ImportReport.self, from: JSONEncoder().encode(report))
        #expect(copy == report)
    }
}
