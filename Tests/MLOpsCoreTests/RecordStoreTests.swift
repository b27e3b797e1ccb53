import Foundation
import MLOpsTesting
import Synchronization
import Testing

@testable import MLOpsCore

/// The files of records: their lists, what maintenance makes of them, and what damage does.
@Suite struct RecordStoreTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func url(_ name: String) -> URL { scratch.directory.appending(path: name) }

    private static func image(_ number: Int) throws -> RunImage {
        try RunImage(RecordValueTests.png(1, UInt32(number + 1)))
    }

    private func verify(_ store: SQLiteStore) async throws -> ArtifactReport {
        try await store.withSystemAccess(reason: "test") { try await $0.verifyArtifacts() }
    }

    @discardableResult
    private func prune(_ store: SQLiteStore) async throws -> Int {
        try await store.withSystemAccess(reason: "test") {
            try await $0.pruneArtifacts(grace: -60).files
        }
    }

    // MARK: Lists

    /// An item is written again as often as the logarithm of their number.
    @Test func listsOfItemsGrowLinearly() {
        func cost(_ count: Int, _ batch: Int) -> (written: Int, lists: Int) {
            var (lists, written) = ([Int](), 0)
            for _ in 0..<count / batch {
                let merged = RecordSegment.merged(lists, adding: batch)
                let total = lists.suffix(merged).reduce(batch, +)
                lists.removeLast(merged)
                lists.append(total)
                written += total
            }
            #expect(lists.reduce(0, +) == count / batch * batch)
            return (written, lists.count)
        }
        for batch in [1, 7, 100] {
            let (few, many) = (cost(1000, batch), cost(10_000, batch))
            #expect(Double(many.written) <= 13 * Double(few.written), "\(batch)")
            #expect(many.lists <= 14, "\(batch)")
        }
        // Beyond the longest list the number of lists grows, and no list is written again.
        let (most, twice) = (cost(1 << 18, 64), cost(1 << 19, 64))
        #expect(twice.written <= 2 * most.written + (1 << 16))
        #expect(twice.lists <= 2 * most.lists)
        // A large batch is not rewritten for small ones.
        #expect(RecordSegment.merged([1, 1, 1], adding: 100) == 3)
        #expect(RecordSegment.merged([100], adding: 1) == 0)
    }

    @Test func tenTimesTheImagesWriteAboutTenTimesTheLists() async throws {
        try await scratch.opened { store, workspace in
            let folder = URL(filePath: store.artifacts.directory)
            func bytesOfLists() throws -> Int {
                let files = FileManager.default.enumerator(
                    at: folder, includingPropertiesForKeys: nil)
                return try (files?.allObjects as? [URL] ?? []).reduce(0) { sum, file in
                    guard !file.hasDirectoryPath else { return sum }
                    let data = try Data(contentsOf: file)
                    return data.starts(with: RecordSegment.beginning) ? sum + data.count : sum
                }
            }
            func written(_ count: Int) async throws -> Int {
                let before = try bytesOfLists()
                let run = try await workspace.startRun(project: "p", experiment: "e")
                for step in 0..<count {
                    try run.log(image: Self.image(step), named: "samples", step: step)
                    if step % 5 == 4 { try await run.flush() }
                }
                try await run.finish()
                let artifact = try await workspace.runs.find(run.id).artifacts["samples"]
                #expect(artifact?.itemCount == count && (artifact?.segments.count ?? 99) <= 14)
                return try bytesOfLists() - before
            }
            // Lists that were merged into others are counted as well: they stay until a prune.
            let (few, many) = (try await written(20), try await written(200))
            #expect(few > 0 && Double(many) <= 25 * Double(few), "\(few), \(many)")
        }
    }

    // MARK: Maintenance

    @Test func maintenanceFollowsTheLists() async throws {
        let backup = scratch.path("backup.db")
        try await scratch.opened { store, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            for step in 0..<5 {
                try run.log(image: Self.image(step), named: "samples", step: step)
                if step == 3 { try await run.flush() }
            }
            try run.log(text: "t", named: "note")
            try run.log(dataset: Dataset(name: "d", digest: "1"))
            try await run.finish()
            // A list of four and one of one, five images, and a list with its text.
            #expect(try await verify(store).files == 9)
            #expect(try await prune(store) == 0)
            #expect(try await verify(store).problems == [])
            try await store.backup(to: backup, artifacts: true)
            try await workspace.runs.delete(run.id)
            try await workspace.runs.purge(run.id)
            #expect(try await prune(store) == 9)
        }
        _ = try await SQLiteStore.restore(backup, to: scratch.path("restored.db"), artifacts: true)
        let store = try await SQLiteStore.open(scratch.path("restored.db"))
        let workspace = try await store.localWorkspace()
        let id = try #require(try await workspace.runs.first()?.id)
        #expect(try await workspace.image(named: "samples", of: id, step: 3).height == 4)
        #expect(try await workspace.datasets(of: id).map(\.name) == ["d"])
        try await store.close()
    }

    @Test func aRecordIsExportedByItsSteps() async throws {
        try await scratch.opened { _, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            for step in [5, -3, 123_456_789, 5] {
                try run.log(text: "\(step)", named: "log", step: step)
            }
            try run.log(dataset: Dataset(name: "d", digest: "1", source: "here"))
            try await run.finish()
            let target = try await workspace.exportArtifact(
                named: "log", of: run.id, to: url("exported"))
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: target.path).sorted() == [
                    "-00000003.txt", "00000005-1.txt", "00000005.txt", "123456789.txt",
                ])
            let dataset = try await workspace.exportArtifact(
                named: "d@1", of: run.id, to: url("dataset.json"))
            #expect(
                try String(contentsOf: dataset, encoding: .utf8)
                    == #"{"digest":"1","name":"d","source":"here"}"#)
            await expectError(.invalidValue) {
                try await workspace.artifact(named: "log", of: run.id)
            }
        }
    }

    // MARK: Damage

    /// A damaged or missing list loses its own items and no others, and the run goes on.
    @Test(arguments: ["damaged", "missing", "forged"])
    func aDamagedListLosesOnlyItsOwnItems(how: String) async throws {
        try await scratch.opened { store, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            for step in 0..<6 {
                try run.log(text: "\(step)", named: "log", step: step)
                if step == 3 { try await run.flush() }
            }
            try await run.flush()
            func lists() async throws -> [Artifact.Segment] {
                try await workspace.runs.find(run.id).artifacts["log"]?.segments ?? []
            }
            let (first, last) = (try await lists()[0], try await lists()[1])
            #expect(first.count == 4 && last.count == 2)
            let file = try store.artifacts.place(of: last.sha256)
            switch how {
            case "missing": try FileManager.default.removeItem(at: file)
            case "damaged": try Data("{}".utf8).write(to: file)
            default:
                let first = try store.artifacts.place(of: first.sha256)
                try Data(contentsOf: first).write(to: file)
            }
            let code: StoreError.Code = how == "missing" ? .notFound : .corrupt
            // Would be merged with both.
            for step in 6..<9 { try run.log(text: "\(step)", named: "log", step: step) }
            try await run.finish()
            #expect(try await lists().map(\.count) == [4, 2, 3])
            #expect(try await workspace.text(named: "log", of: run.id, step: 2) == "2")
            #expect(try await workspace.text(named: "log", of: run.id) == "8")
            await expectError(code) {
                try await workspace.text(named: "log", of: run.id, step: 5)
            }
            await expectError(code) {
                try await workspace.recordedItems(named: "log", of: run.id)
            }
            #expect(try await verify(store).problems.count == 1)
            if how == "missing" {
                // The items that only the missing list had.
                #expect(try await prune(store) == 2)
            } else {
                await expectError(.corrupt) { try await prune(store) }
            }
            // A resumption leaves what it cannot read.
            let again = try await workspace.resumeRun(run.id, fromStep: 5)
            try await again.finish()
            #expect(try await lists().map(\.count) == [4, 2])
        }
    }

    /// A list is read as a stranger's: a valid hash does not make its content true.
    @Test(arguments: [
        #"{"record":{}}"#, #"{"record":[]}"#, "{}", "",
        #"{"record":{"id":"0198c000-0000-7000-8000-000000000000","items":[1],"kind":"text"}}"#,
        #"{"record":{"id":"0198c000-0000-7000-8000-000000000000","items":[],"kind":"image"}}"#,
        #"""
        {"record":{"id":"0198c000-0000-7000-8000-000000000000","items":[{"details":{},\#
        "file_extension":"txt","logged_at":0,"sha256":"../../secret","size_bytes":1,"step":0}],\#
        "kind":"text"}}
        """#,
    ]) func aListThatIsNoneIsNotTrusted(text: String) async throws {
        try await scratch.opened { store, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            let kept = try store.artifacts.keep(Data(text.utf8), fileExtension: "")
            let list = Artifact.Segment(
                sha256: kept.sha256, count: 1, sizeBytes: 1, firstStep: 0, lastStep: 0)
            _ = try await workspace.write { tx in
                try tx.runs.logged.record(
                    [
                        RecordChange(
                            name: "x", content: .segment(.text, list, merging: [], added: 1))
                    ], in: run.id)
            }
            try await run.finish()
            await expectError(.corrupt) { try await workspace.text(named: "x", of: run.id) }
            await expectError(.corrupt) {
                try await workspace.exportArtifact(named: "x", of: run.id, to: url("out"))
            }
            #expect(try await prune(store) == 0)
            // A list of images, which the row does not promise, is whole all the same.
            let isList = text.contains(#""items":[]"#)
            #expect(try await verify(store).problems.count == (isList ? 0 : 1))
        }
    }

    /// A version that names a list keeps its items, as one that names a directory does.
    @Test func aVersionKeepsTheItemsOfAList() async throws {
        try await scratch.opened { store, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            try run.log(text: "a", named: "x")
            try await run.finish()
            let record = try #require(try await workspace.runs.find(run.id).artifacts["x"])
            let project = try #require(try await workspace.projects.first())
            let model = try await workspace.models.insert(Model(project: project.id, name: "m"))
            try await workspace.modelVersions.insert(
                ModelVersion(model: model.id, version: "1", artifactSHA256: record.sha256))
            try await workspace.runs.delete(run.id)
            try await workspace.runs.purge(run.id)
            #expect(try await prune(store) == 0)
            #expect(try await verify(store).files == 2)
        }
    }

    // MARK: The buffer

    @Test func aFullBufferWaitsOrDrops() async throws {
        try await scratch.opened { _, workspace in
            var options = TrackingOptions()
            options.recordBufferBytes = 4096
            let run = try await workspace.startRun(
                project: "p", experiment: "e", options: options)
            let large = try RunImage(RecordValueTests.png(1, 1, filler: 10_000))
            for step in 0..<20 { try run.log(image: large, named: "large", step: step) }
            for step in 0..<100 { try run.log(text: "\(step)", named: "log", step: step) }
            try await run.finish()
            let artifacts = try await workspace.runs.find(run.id).artifacts
            #expect(artifacts["large"]?.itemCount == 20 && artifacts["log"]?.itemCount == 100)
            try run.log(text: "late", named: "log")
            #expect(run.refusedRecords == 1)
            options.whenFull = .drop
            options.flushInterval = .seconds(3600)
            let other = try await workspace.startRun(
                project: "p", experiment: "e", options: options)
            try other.log(image: large, named: "large")
            try other.log(image: large, named: "large")
            try await other.finish()
            let kept = try await workspace.runs.find(other.id).artifacts["large"]?.itemCount
            #expect(kept == 2 - other.droppedRecords)
        }
    }

    /// A write that fails is repeated, in order, and the run cannot end as completed before.
    @Test func aWriteThatFailsIsRepeated() async throws {
        try await scratch.opened { store, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            try run.log(text: "0", named: "log", step: 0)
            try await run.flush()
            // In the place of the directory of copies.
            let incoming = store.artifacts.scratch
            try FileManager.default.removeItem(at: incoming)
            try Data().write(to: incoming)
            try run.log(text: "1", named: "log", step: 1)
            run.log("loss", 1, step: 1)
            await expectError(.inputOutput) { try await run.flush() }
            #expect(try await workspace.runs.find(run.id).metrics["loss"]?.count == 1)
            await expectError(.inputOutput) { try await run.finish() }
            #expect(try await workspace.runs.find(run.id).status == .running)
            try run.log(text: "2", named: "log", step: 2)
            try FileManager.default.removeItem(at: incoming)
            try await run.finish()
            let items = try await workspace.recordedItems(named: "log", of: run.id)
            #expect(items.map(\.step) == [0, 1, 2] && run.refusedRecords == 0)
        }
    }

    @Test func recordsOfADeletedRunAreRefusedOnce() async throws {
        try await scratch.opened { _, workspace in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            try await workspace.runs.delete(run.id)
            try run.log(text: "0", named: "log")
            await expectError(.notFound) { try await run.flush() }
            #expect(run.refusedRecords == 1)
            try await run.flush()
        }
    }
}
