import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

/// Directories of MLflow's file store, odd and damaged.
@Suite struct MLflowFilesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Sources")

    /// `meta.yaml` is what PyYAML writes of `meta.json`, as MLflow calls it.
    @Test func whatPyYAMLWritesIsRead() throws {
        let meta = try MetaFile(contentsOf: Self.folder.appending(path: "meta.yaml"))
        let json = try JSONDecoder().decode(
            JSONValue.self,
            from: Data(contentsOf: Self.folder.appending(path: "meta.json")))
        for (key, value) in try #require(json.object) {
            switch value {
            case .string(let text): #expect(meta[key] == text, "\(key)")
            case .int(let number): #expect(meta.integer(key) == number)
            case .object(let members):
                #expect(meta.mapping(key) == members.compactMapValues(\.string), "\(key)")
            default: #expect(meta[key] == nil, "\(key)")
            }
        }
    }

    @Test func anyTextIsReadWithoutACrash() {
        var random = SeededGenerator()
        let characters = Array("ab: '\"\\\n-#[]{}\t xU0é")
        for _ in 0..<3000 {
            let count = Int.random(in: 0..<60, using: &random)
            let text = String(
                (0..<count).map { _ in characters.randomElement(using: &random) ?? " " })
            _ = try? MetaFile(text)
        }
    }

    private func store(_ fixture: TransferFixture, _ files: [String: String]) throws -> URL {
        let root = fixture.directory.appending(path: "mlruns")
        for (name, text) in files {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return root
    }

    private let run = "00000000000000000000000000000001"

    @Test func linesOfEveryFormAreRead() async throws {
        let fixture = try await TransferFixture()
        let root = try store(
            fixture,
            [
                "1/meta.yaml": "experiment_id: '1'\nname: one\n",
                "1/\(run)/meta.yaml": "run_uuid: \(run)\nstatus: 4\nstart_time: 5\n",
                "1/\(run)/metrics/val/loss":
                    "10 nan 3\n11 -inf 4 data 0a1b\n12 0.5\nbroken\n13 0x1p3 5\n14 1.5 6",
                "1/\(run)/params/lr": "0.10\n",
                "2/\(run.dropLast())2/meta.yaml": "status: 'torn\n",
                "2/\(run.dropLast())3/params/x": "1",
                "1/notes.txt": "no run",
            ])
        try FileManager.default.createSymbolicLink(
            at: root.appending(path: "1/\(run)/params/passwd"),
            withDestinationURL: URL(filePath: "/etc/passwd"))
        let report = try await fixture.take(MLflowFilesSource(root))
        #expect(report.taken.runs == 1 && report.taken.points == 3, "\(report)")
        let found = try #require(try await fixture.runs().values.first)
        #expect(found.run.status == .failed && found.run.parameters == ["lr": "0.10\n"])
        let points = try #require(found.points["val/loss"])
        #expect(points.map(\.step) == [0, 3, 4])
        #expect(points[1].value.isNaN && points[2].value == -.infinity)
        #expect(report.notes.left("it cannot be read") == 2)
        #expect(report.notes.left("may be torn") == 1 && report.notes.left("it is a link") == 1)
        #expect(report.notes.left("a quote is not closed") == 1)
        #expect(report.notes.left("it has no meta.yaml") == 1)
        #expect(report.notes.changed("named after its directory") == 1)
    }

    @Test func otherDirectoriesAreRefused() async throws {
        let fixture = try await TransferFixture()
        let file = try fixture.file("file", "")
        for place in [fixture.directory, file, fixture.directory.appending(path: "none")] {
            #expect(throws: ImportSourceError.self) { _ = try MLflowFilesSource(place) }
        }
    }
}
