import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

/// Event files that tensorboardX 2.6.5 and TensorBoard's own writer wrote, and what tbparse reads.
@Suite(.enabled(if: RealSources.exist("tensorboard"))) struct TensorBoardImportTests {
    private static let logs = RealSources.directory.appending(path: "tensorboard/logs")

    private struct Point: Hashable {
        let step: Int64
        let time: Int64
        let value: UInt64

        init(_ step: Int64, _ seconds: Double, _ value: Double) {
            self.step = step
            time = Int64((seconds * 1_000_000).rounded())
            self.value = value.isNaN ? 1 : value.bitPattern
        }
    }

    private static func number(_ text: String?) throws -> Double {
        let text = try #require(text)
        return try #require(Double(text))
    }

    @Test func whatTbparseReadsIsWhatTheStoreHas() async throws {
        let fixture = try await TransferFixture()
        let report = try await fixture.take(
            TensorBoardSource(Self.logs, purgesRestarts: false))
        let dump = try #require(try RealSources.dump("tensorboard").object)
        let runs = try await fixture.runs()
        #expect(runs.keys.sorted() == dump.keys.sorted(), "\(report)")
        for (name, tags) in dump {
            let run = try #require(runs[name])
            #expect(run.experiment.name == "logs" && run.run.status == .completed)
            let wanted = try #require(tags.object)
            #expect(run.points.keys.sorted() == wanted.keys.sorted(), "\(name)")
            for (tag, points) in wanted {
                let own = try #require(run.points[tag]).map {
                    Point($0.step, $0.timestamp.timeIntervalSince1970, $0.value)
                }
                let expected = try #require(points.array).map {
                    Point(
                        try #require($0[0]?.int), try Self.number($0[1]?.string),
                        try Self.number($0[2]?.string))
                }
                #expect(own.count == expected.count && Set(own) == Set(expected), "\(name) \(tag)")
            }
        }
    }

    @Test func aRestartTakesBackWhatItRepeats() async throws {
        let fixture = try await TransferFixture()
        let report = try await fixture.take(TensorBoardSource(Self.logs))
        let run = try #require(try await fixture.runs()["restarted"])
        #expect(run.points["loss"]?.map(\.step) == [0, 1, 2, 3, 4, 5, 6, 7])
        #expect(run.points["loss"]?.last?.value == 1.7)
        #expect(report.notes.left("began again") == 5)
    }

    @Test func hyperparametersAndFilesAreTaken() async throws {
        let fixture = try await TransferFixture()
        let report = try await fixture.take(TensorBoardSource(Self.logs))
        let runs = try await fixture.runs()
        let trial = try #require(runs["trial/0"]).run
        #expect(
            trial.parameters == ["learning_rate": 0.1, "optimizer": "adam", "nesterov": true],
            "\(report)")
        let train = try #require(runs["train"]).run
        #expect(
            train.artifacts.keys.sorted() == [
                "tensorboard/histograms/weights.jsonl", "tensorboard/images/picture/2.png",
                "tensorboard/text/note/text_summary.jsonl",
            ])
        let workspace = try await fixture.store.localWorkspace()
        func text(_ name: String) async throws -> String {
            try String(
                contentsOf: try await workspace.artifact(named: name, of: train.id),
                encoding: .utf8)
        }
        let note = try await text("tensorboard/text/note/text_summary.jsonl")
        #expect(try JSONValue(parsing: note)["text"] == "Ein Text é漢")
        let histogram = try JSONValue(
            parsing: try await text("tensorboard/histograms/weights.jsonl"))
        #expect(histogram["step"] == 5 && histogram["num"]?.double == 100)
        #expect(histogram["bucket"]?.array?.isEmpty == false)
    }

    @Test func aSecondImportChangesNothing() async throws {
        let fixture = try await TransferFixture()
        let first = try await fixture.take(TensorBoardSource(Self.logs))
        let before = try await fixture.digest()
        let again = try await fixture.take(TensorBoardSource(Self.logs))
        #expect(again.taken == ImportReport.Counts(), "\(again)")
        #expect(again.present.points == first.taken.points)
        #expect(try await fixture.digest() == before)
    }

    private func events() throws -> Data {
        let folder = Self.logs.appending(path: "train")
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).first)
        return try Data(contentsOf: folder.appending(path: name))
    }

    /// A directory with one event file of some bytes.
    private func folder(_ fixture: TransferFixture, _ data: Data) throws -> URL {
        let folder = fixture.directory.appending(path: "logs")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try data.write(to: folder.appending(path: "events.out.tfevents.1"))
        return folder
    }

    @Test func aTornFileEndsWithItsLastWholeRecord() async throws {
        let data = try events()
        var last = 0
        for length in stride(from: 1000, to: data.count, by: 1000) {
            let fixture = try await TransferFixture()
            let report = try await fixture.take(
                TensorBoardSource(folder(fixture, data.prefix(length))))
            #expect(report.taken.points >= last, "\(length)")
            last = report.taken.points
            if length % 10_000 == 0 {
                // The file grows, and the next import goes on.
                let rest = try await fixture.take(TensorBoardSource(folder(fixture, data)))
                #expect(rest.present.points == last && last + rest.taken.points == 1006)
            }
        }
        #expect(last > 900)
    }

    @Test func aFlippedBitIsFoundByItsChecksum() async throws {
        let data = try events()
        var random = SeededGenerator()
        for _ in 0..<40 {
            var damaged = data
            let bit = Int.random(in: 0..<data.count * 8, using: &random)
            damaged[bit / 8] ^= 1 << (bit % 8)
            let fixture = try await TransferFixture()
            let report = try await fixture.take(TensorBoardSource(folder(fixture, damaged)))
            #expect(report.notes.left("checksum") == 1, "seed \(random.seed), bit \(bit)")
        }
    }

    @Test func otherFilesAreRefused() async throws {
        let fixture = try await TransferFixture()
        for place in [
            fixture.directory, fixture.directory.appending(path: "none"),
            try fixture.file("file", "text"),
        ] {
            #expect(throws: ImportSourceError.self) { _ = try TensorBoardSource(place) }
        }
        let noise = try await fixture.take(
            TensorBoardSource(folder(fixture, Data("no event file at all".utf8))))
        #expect(noise.taken.points == 0 && noise.notes.left("checksum") == 1)
        let empty = try await TransferFixture()
        let report = try await empty.take(TensorBoardSource(folder(empty, Data())))
        #expect(report.notes.left("it is empty") == 1)
    }
}

@Suite struct WireFormatTests {
    /// The check value of the catalogue of CRC algorithms.
    @Test func checksums() {
        func checksum(_ text: String) -> UInt32 {
            Array(text.utf8).withUnsafeBytes { CRC32C.checksum($0) }
        }
        #expect(checksum("123456789") == 0xE306_9283 && checksum("") == 0)
    }

    @Test func anyBytesAreReadWithoutACrash() {
        var random = SeededGenerator()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
                UInt8.random(in: 0 ... .max, using: &random)
            }
            bytes.withUnsafeBytes { bytes in
                let event = TensorBoardEvent(bytes)
                event.forEachValue { value in
                    if case .tensor(let tensor) = value.content { _ = tensor.values }
                }
                var parameters = HyperParameters()
                parameters.read(bytes)
            }
        }
    }
}
