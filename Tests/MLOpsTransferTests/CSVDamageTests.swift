import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

/// Damaged files of comma-separated values, and files of other kinds.
@Suite struct CSVDamageTests {
    private static func sample(rows: Int) -> Data {
        var text = "run,metric,step,timestamp,value\n"
        for row in 0..<rows {
            text += "r\(row / 50 % 4),\"m,\(row % 3)\",\(row),"
            text += "\(1_700_000_000 + row).25,\(Double(row) / 7)\n"
        }
        return Data(text.utf8)
    }

    private struct Point: Hashable {
        let run: String
        let metric: String
        let step: Int64
        let value: UInt64
    }

    private func points(_ fixture: TransferFixture) async throws -> Set<Point> {
        var found: Set<Point> = []
        for (name, run) in try await fixture.runs() {
            for (metric, points) in run.points {
                for point in points {
                    found.insert(
                        Point(
                            run: name, metric: metric, step: point.step,
                            value: point.value.bitPattern))
                }
            }
        }
        return found
    }

    @Test func ofATruncatedFileTheWholeLinesAreTaken() async throws {
        let data = Self.sample(rows: 400)
        let whole = try await TransferFixture()
        _ = try await whole.take(CSVSource(whole.file("a.csv", data)))
        let all = try await points(whole)
        #expect(all.count == 400)
        for length in stride(from: 1000, to: data.count, by: 1000) {
            let fixture = try await TransferFixture()
            let part = data.prefix(length)
            let report = try await fixture.take(CSVSource(fixture.file("a.csv", part)))
            let lines = part.count { $0 == 0x0A } - 1
            #expect(report.taken.points == lines, "\(length)")
            let torn = part.last == 0x0A ? 0 : 1
            #expect(report.notes.left.reduce(0) { $0 + $1.count } == torn, "\(length)")
            #expect(try await points(fixture).isSubset(of: all))
            // The file grows, and the next import goes on.
            let rest = try await fixture.take(CSVSource(fixture.file("a.csv", data)))
            #expect(rest.taken.points == 400 - lines)
            #expect(try await points(fixture) == all)
        }
    }

    @Test func aFlippedBitCostsAtMostItsRow() async throws {
        let data = Self.sample(rows: 100)
        var random = SeededGenerator()
        for _ in 0..<60 {
            var damaged = data
            let bit = Int.random(in: 32 * 8..<data.count * 8, using: &random)
            damaged[bit / 8] ^= 1 << (bit % 8)
            let fixture = try await TransferFixture()
            let report = try await fixture.take(CSVSource(fixture.file("a.csv", damaged)))
            // A bit can split a row in two, or join two.
            #expect(report.taken.points >= 97, "seed \(random.seed), bit \(bit)")
        }
    }

    @Test func otherKindsOfFilesAreRefused() async throws {
        let fixture = try await TransferFixture()
        let png = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13])
        let sixteen = try #require("step,loss\n1,2\n".data(using: .utf16))
        let cases: [(String, Data, ImportSourceError.Kind)] = [
            ("empty", Data(), .damaged), ("png", png, .anotherKind),
            ("utf16", sixteen, .anotherKind),
            ("semicolons", Data("step;loss\n1;2\n".utf8), .anotherKind),
        ]
        for (name, data, kind) in cases {
            let error = #expect(throws: ImportSourceError.self) {
                _ = try CSVSource(fixture.file(name, data))
            }
            #expect(error?.kind == kind, "\(name): \(error?.message ?? "")")
        }
        for (path, kind) in [
            (fixture.directory, ImportSourceError.Kind.anotherKind),
            (fixture.directory.appending(path: "none"), .missing),
            (URL(filePath: "/dev/null"), .anotherKind),
        ] {
            let error = #expect(throws: ImportSourceError.self) { _ = try CSVSource(path) }
            #expect(error?.kind == kind)
        }
    }

    @Test func aQuoteThatIsNotClosedCostsItsRow() async throws {
        let fixture = try await TransferFixture()
        var text = "run,metric,step,value\na,\"m,1,1\n"
        for step in 0..<30_000 { text += "a,loss,\(step),1\n" }
        let report = try await fixture.take(CSVSource(fixture.file("a.csv", text)))
        #expect(report.taken.points == 30_000)
        #expect(report.notes.left.count == 1)
    }

    @Test func oddNamesAndTimesAreTaken() async throws {
        let fixture = try await TransferFixture()
        let file = try fixture.file(
            "a.csv",
            """
            experiment,run,metric,step,timestamp,value
            эксперимент,تجربة,потери,-3,1901-02-03T04:05:06Z,1
            эксперимент,تجربة,потери,4,2150-01-01T00:00:00Z,2
            ,,損失 🙂,1,1,3

            """)
        let report = try await fixture.take(CSVSource(file))
        let runs = try await fixture.runs()
        let run = try #require(runs["تجربة"], "\(report)")
        #expect(run.experiment.name == "эксперимент")
        let points = try #require(run.points["потери"])
        #expect(points.map(\.step) == [-3, 4])
        #expect(points[0].timestamp == Date(timeIntervalSince1970: -2_174_586_894))
        #expect(points[1].timestamp == Date(timeIntervalSince1970: 5_680_281_600))
        // The row without run and experiment has those of the file's name.
        #expect(runs.values.contains { $0.points["損失 🙂"]?.count == 1 }, "\(report)")
    }

    @Test func aRunWithTooManyMetricsIsLeftWhole() async throws {
        let fixture = try await TransferFixture()
        let filler = String(repeating: "x", count: 150)
        var text = "run,metric,step,timestamp,value\nsmall,loss,1,1,1\n"
        for name in 0..<50_000 { text += "huge,\(name)\(filler),1,1,1\n" }
        let source = try CSVSource(fixture.file("a.csv", text))
        let dry = try await fixture.take(source, dryRun: true, batch: 1 << 16)
        let report = try await fixture.take(source, batch: 1 << 16)
        #expect(report.taken.runs == 1 && report.taken.points == 1)
        // The dry run foresees it, and both name the limit.
        #expect(dry.taken == report.taken && dry.notes == report.notes, "\(dry)\(report)")
        #expect(report.notes.left("8 MiB") == 1 || report.notes.left("8388608") == 1, "\(report)")
        #expect(report.notes.left.contains { $0.subject == "run" })
        #expect(try await fixture.runs().keys.sorted() == ["small"])
    }
}
