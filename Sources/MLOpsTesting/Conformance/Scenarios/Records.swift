import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Tables, images, texts, histograms and datasets of runs.
    static let records: [Scenario] = [
        Scenario("Records: values come back by the type that they were logged with") { context in
            let values = try RecordedValues()
            let workspace = context.workspace
            let id = try await workspace.withRun(project: "p", experiment: "e") { run in
                try values.log(to: run)
                return run.id
            }
            #expect(
                try await workspace.table(named: "predictions", of: id, step: 3) == values.table)
            #expect(try await workspace.image(named: "samples", of: id) == values.image)
            #expect(try await workspace.text(named: "note \"ä\"", of: id, step: -1) == "ä\n")
            #expect(try await workspace.text(named: "note \"ä\"", of: id) == "last")
            #expect(try await workspace.histogram(named: "weights", of: id) == values.histogram)
            #expect(try await workspace.datasets(of: id) == [values.dataset])
            let run = try await workspace.runs.find(id)
            #expect(
                run.artifacts.mapValues(\.kind) == [
                    "predictions": .table, "samples": .image, "note \"ä\"": .text,
                    "weights": .histogram, "training/digits@sha256:00ff": .dataset,
                ])
            #expect(run.artifacts["note \"ä\""]?.itemCount == 3)
            let items = try await workspace.recordedItems(named: "samples", of: id)
            #expect(items.map(\.step) == [7] && items[0].details["width"] == 3)
            #expect(
                try await workspace.data(of: items[0], named: "samples", of: id)
                    == values.image.data)
            // The names look alike.
            #expect(try await workspace.text(named: "note \"a\u{308}\"", of: id) == "last")
            await expectError(.invalidValue, "another kind") {
                try await workspace.image(named: "predictions", of: id)
            }
            await expectError(.invalidValue, "no record") {
                try await workspace.recordedItems(named: "training/digits@sha256:00ff", of: id)
            }
            await expectError(.notFound, "no such step") {
                try await workspace.image(named: "samples", of: id, step: 8)
            }
            await expectError(.notFound, "no such name") {
                try await workspace.image(named: "other", of: id)
            }
        },
        Scenario("Records: a record is one entry, whatever the number of its steps") { context in
            let run = try await context.workspace.startRun(project: "p", experiment: "e")
            for step in 0..<40 {
                try run.log(text: "step \(step)", named: "log", step: step)
                // An entry each, merged with what is there.
                if step % 3 == 0 { try await run.flush() }
            }
            try await run.finish()
            let artifacts = try await context.workspace.runs.find(run.id).artifacts
            #expect(artifacts.count == 1 && artifacts["log"]?.itemCount == 40)
            #expect((1...7).contains(artifacts["log"]?.segments.count ?? 0))
            let items = try await context.workspace.recordedItems(named: "log", of: run.id)
            #expect(items.map(\.step) == Array(0..<40))
            for step in [0, 17, 39] {
                let text = try await context.workspace.text(named: "log", of: run.id, step: step)
                #expect(text == "step \(step)")
            }
        },
        Scenario("Records: loggers of one run keep each other's items") { context in
            let run = try await context.workspace.startRun(project: "p", experiment: "e")
            try run.log(text: "mine", named: "log", step: 0)
            try await run.flush()
            let mine = try await context.workspace.runs.find(run.id).artifacts["log"]?.segments
            // As another logger does; its list is found again after a commit that was lost sight
            // of.
            let other = Artifact.Segment(
                sha256: String(repeating: "b", count: 64), count: 1, sizeBytes: 1, firstStep: 1,
                lastStep: 1)
            let change = RecordChange(
                name: "log", content: .segment(.text, other, merging: [], added: 1))
            for _ in 0..<2 {
                let outcome = try await context.write {
                    try $0.runs.logged.record([change], in: run.id)
                }
                #expect(outcome.artifacts["log"]?.segments == (mine ?? []) + [other])
            }
            // The next items would be merged with the list of before.
            try run.log(text: "mine too", named: "log", step: 2)
            try await run.finish()
            let lists = try await context.workspace.runs.find(run.id).artifacts["log"]?.segments
            #expect(lists?.map(\.firstStep) == [0, 1, 2])
            // A record that is not what it was is left alone.
            let stale = RecordChange(
                name: "log", content: .segment(.text, other, merging: mine ?? [], added: 0))
            let late = Artifact.Segment(
                sha256: String(repeating: "c", count: 64), count: 2, sizeBytes: 1, firstStep: 0,
                lastStep: 1)
            let merged = RecordChange(
                name: "log", content: .segment(.text, late, merging: mine ?? [], added: 1))
            let outcome = try await context.write {
                try $0.runs.logged.record([stale, merged], in: run.id)
            }
            #expect(outcome.stale == ["log"] && outcome.lists["log"] == lists)
            #expect(
                try await context.workspace.runs.find(run.id).artifacts["log"]?.segments == lists)
        },
        Scenario("Records: a resumption from a step removes the items from it on") { context in
            let workspace = context.workspace
            let id = try await workspace.withRun(project: "p", experiment: "e") { run in
                for step in 0..<10 {
                    try run.log(text: "\(step)", named: "log", step: step)
                    try run.log(text: "\(step)", named: "late", step: step + 100)
                    if step % 4 == 0 { try await run.flush() }
                }
                run.log("system/cpu_percent", 1, step: 1000)
                run.log("loss", 1, step: 1000)
                return run.id
            }
            let run = try await workspace.resumeRun(id, fromStep: 6)
            try run.log(text: "again", named: "log", step: 6)
            try await run.finish()
            let items = try await workspace.recordedItems(named: "log", of: id)
            #expect(items.map(\.step) == Array(0...6))
            #expect(try await workspace.text(named: "log", of: id) == "again")
            let stored = try await workspace.runs.find(id)
            #expect(stored.artifacts["late"] == nil)
            #expect(stored.metrics.keys.sorted() == ["system/cpu_percent"])
            // Without a step, everything stays, and a step may have several items.
            let again = try await workspace.resumeRun(id)
            try again.log(text: "third", named: "log", step: 6)
            try await again.finish()
            #expect(
                try await workspace.recordedItems(named: "log", of: id).map(\.step)
                    == [0, 1, 2, 3, 4, 5, 6, 6])
            #expect(try await workspace.text(named: "log", of: id, step: 6) == "third")
        },
        Scenario("Records: a hash alone opens no file") { context in
            let values = try RecordedValues()
            let id = try await context.workspace.withRun(project: "p", experiment: "e") { run in
                try run.log(image: values.image, named: "samples", step: 1)
                try run.log(text: "other \(run.id)", named: "note", step: 1)
                return run.id
            }
            let items = try await context.workspace.recordedItems(named: "note", of: id)
            let secret = try #require(items.first)
            await expectError(.notFound, "of another record") {
                try await context.workspace.data(of: secret, named: "samples", of: id)
            }
            let stranger = try await context.otherWorkspace()
            await expectError(.notFound, "of a run that is not seen") {
                try await stranger.data(of: secret, named: "note", of: id)
            }
            let own = try await stranger.withRun(project: "p", experiment: "e") { run in
                try run.log(text: "mine \(run.id)", named: "note", step: 1)
                return run.id
            }
            await expectError(.notFound, "of a run of another organization") {
                try await stranger.data(of: secret, named: "note", of: own)
            }
        },
        Scenario("Records: only those of the other kind are refused of one name") { context in
            let values = try RecordedValues()
            let run = try await context.workspace.startRun(project: "p", experiment: "e")
            for step in 0..<3 { try run.log(text: "a", named: "x", step: step) }
            try run.log(image: values.image, named: "x")
            await expectError(.alreadyExists) { try await run.flush() }
            #expect(run.refusedRecords == 1)
            #expect(
                try await context.workspace.recordedItems(named: "x", of: run.id).count == 3)
            try await run.finish()
        },
        Scenario("Records: an error of points hides none of records") { context in
            let values = try RecordedValues()
            let run = try await context.workspace.startRun(project: "p", experiment: "e")
            try run.log(text: "a", named: "x")
            try await run.flush()
            _ = try await context.write {
                try $0.runs.end(run.id, as: .cancelled, error: nil, with: MetricBatch())
            }
            run.log("loss", 1.0)
            try run.log(image: values.image, named: "x")
            await expectError(.conflict) { try await run.flush() }
            await expectError(.alreadyExists) { try await run.flush() }
            try await run.flush()
        },
        Scenario("Records: a name stays with its kind") { context in
            let values = try RecordedValues()
            let run = try await context.workspace.startRun(project: "p", experiment: "e")
            try run.log(text: "a", named: "x")
            try await run.flush()
            try run.log(image: values.image, named: "x")
            try run.log(text: "b", named: "y")
            await expectError(.alreadyExists) { try await run.flush() }
            #expect(run.refusedRecords == 1)
            // Told once; the others of the batch are stored.
            try await run.flush()
            await expectError(.alreadyExists) {
                try await run.logArtifact(Data("z".utf8), named: "x")
            }
            try await run.logArtifact(Data("z".utf8), named: "file.bin")
            try run.log(text: "c", named: "file.bin")
            await expectError(.alreadyExists) { try await run.finish() }
            try await run.finish()
            let artifacts = try await context.workspace.runs.find(run.id).artifacts
            #expect(
                artifacts.mapValues(\.kind) == ["x": .text, "y": .text, "file.bin": .file])
            #expect(artifacts["file.bin"]?.fileExtension == "bin")
            await expectError(.invalidValue, "no name") { try run.log(text: "", named: "") }
            await expectError(.invalidValue, "NUL") { try run.log(text: "", named: "a\0") }
            await expectError(.invalidValue, "too long") {
                try run.log(text: "", named: String(repeating: "a", count: 1025))
            }
        },
        Scenario("Records: bytes and values as files") { context in
            struct Settings: Codable, Equatable { var rate = 0.1, layers = [64, 10] }
            let workspace = context.workspace
            let run = try await workspace.startRun(project: "p", experiment: "e")
            try await run.logArtifact(Data([0, 255]), named: "raw/bytes.bin")
            try await run.logArtifact(encoding: Settings(), named: "settings")
            try await run.finish()
            #expect(try await workspace.artifactData(named: "raw/bytes.bin", of: run.id).count == 2)
            let read = try await workspace.artifact(Settings.self, named: "settings", of: run.id)
            #expect(read == Settings())
            let recorded = try await workspace.runs.find(run.id).artifacts
            #expect(recorded["raw/bytes.bin"]?.fileExtension == "bin")
            #expect(recorded["settings"]?.fileExtension == "json")
        },
        Scenario("Records: datasets lead from a version to its data, and back") { context in
            let workspace = context.workspace
            let tree = try await context.tree()
            func dataset(_ digest: String, _ context: String? = nil) throws -> Dataset {
                try Dataset(
                    name: "digits", digest: digest, source: "s3://bucket/\"x\"",
                    schema: ["columns": [["digest": "other"]]], context: context)
            }
            let used = [
                try dataset("other", "validation"), try dataset("v1", "training"),
                try dataset("v1", "validation"),
            ]
            let id = try await workspace.withRun(project: "p", experiment: "e") { run in
                for dataset in used { run.log(dataset: dataset) }
                run.log(dataset: used[0])
                return run.id
            }
            let second = try await workspace.withRun(project: "p", experiment: "e") { run in
                try run.log(dataset: dataset("v1"))
                try run.log(dataset: Dataset(name: "other", digest: "v10"))
                return run.id
            }
            let version = try await workspace.modelVersions.insert(
                Fixtures.modelVersion(5, of: tree.model.id, sourceRun: id))
            let lineage = try await context.read { try $0.modelVersions.lineage(of: version.id) }
            #expect(Set(lineage.datasets) == Set(used) && lineage.datasets.count == 3)
            func runs(_ digest: String, _ limit: Int = 10) async throws -> [Identifier<
                ExperimentRun
            >] {
                try await context.read {
                    try $0.runs.using(datasetDigest: digest, limit: limit).map(\.id)
                }
            }
            #expect(try await runs("v1") == [second, id])
            #expect(try await runs("v1", 1) == [second])
            // The schema of the second has the same text in another place.
            #expect(try await runs("other") == [id])
            for digest in ["", "v", "V1", "%", "\"", "training"] {
                #expect(try await runs(digest) == [], "\(digest)")
            }
            await expectError(.invalidValue) { try await runs("v1", 0) }
            let versions = try await context.read {
                try $0.modelVersions.using(datasetDigest: "v1").map(\.id)
            }
            #expect(versions == [version.id])
            let other = try await context.otherWorkspace()
            let hidden = try await other.read { try $0.runs.using(datasetDigest: "v1") }
            #expect(hidden.isEmpty)
            try await workspace.runs.delete(second)
            #expect(try await runs("v1") == [id])
        },
        Scenario("Tags: a note, a group and marks are reserved tags") { context in
            let workspace = context.workspace
            let id = try await workspace.withRun(
                project: "p", experiment: "e", group: "sweep 1"
            ) { run in
                try await run.setNote("ä\n\"")
                try await run.mark("favorite")
                try await run.mark("to keep")
                try await run.unmark("favorite")
                try await run.unmark("none")
                return run.id
            }
            let run = try await workspace.runs.find(id)
            #expect(run.note == "ä\n\"" && run.group == "sweep 1" && run.marks == ["to keep"])
            let found = try await workspace.runs.all {
                $0.tags[key: "mlops.mark.to keep"] == "true"
                    && $0.tags[key: "mlops.group"] == "sweep 1"
            }
            #expect(found.map(\.id) == [id])
            var other = run
            other.note = nil
            other.marks = []
            #expect(other.tags == ["mlops.group": "sweep 1"])
            for tag in ["mlops.other", "mlops.", "mlops.mark.", "mlops.notes"] {
                other.tags = [tag: ""]
                await expectError(.invalidValue, tag) { [other] in
                    try await workspace.runs.update(other)
                }
                await expectError(.invalidValue, tag) {
                    try await workspace.startRun(project: "p", experiment: "e", tags: [tag: ""])
                }
            }
        },
        Scenario("Records: no stored list leads to a file") { context in
            let tree = try await context.tree()
            let hashes = ["../secret", "/etc/passwd", "", String(repeating: "A", count: 64)]
            var run = Fixtures.run(2, of: tree.experiment.id)
            for (number, hash) in hashes.enumerated() {
                run.artifacts["record \(number)"] = try Artifact(json: [
                    "sha256": .string(hash), "size_bytes": 1, "kind": "image",
                    "segments": [
                        [
                            "sha256": .string(hash), "count": .int(.max), "size_bytes": .int(.max),
                            "first_step": 0, "last_step": 0,
                        ],
                        [
                            "sha256": .string(hash), "count": .int(.max), "size_bytes": .int(.min),
                            "first_step": 0, "last_step": 0,
                        ],
                    ],
                ])
            }
            run.artifacts["empty"] = try Artifact(json: [
                "sha256": "", "size_bytes": 0, "kind": "table",
            ])
            run.artifacts["nothing"] = try Artifact(json: [
                "sha256": "", "size_bytes": 0, "kind": "dataset",
            ])
            let stored = try await context.history(run)
            let target = FileManager.default.temporaryDirectory.appending(path: "none-\(UUID())")
            #expect(stored.artifacts["record 0"]?.itemCount == .max)
            for number in hashes.indices {
                await expectError(.corrupt) {
                    try await context.workspace.image(named: "record \(number)", of: stored.id)
                }
                await expectError(.corrupt) {
                    try await context.workspace.exportArtifact(
                        named: "record \(number)", of: stored.id, to: target)
                }
            }
            await expectError(.notFound) {
                try await context.workspace.table(named: "empty", of: stored.id)
            }
            await expectError(.corrupt) {
                try await context.workspace.exportArtifact(
                    named: "nothing", of: stored.id, to: target)
            }
            #expect(try await context.workspace.datasets(of: stored.id) == [])
            #expect(!FileManager.default.fileExists(atPath: target.path))
        },
    ]
}

/// A value of each kind.
private struct RecordedValues {
    let table: RunTable
    let image: RunImage
    let histogram: RunHistogram
    let dataset: Dataset

    init() throws {
        table = try RunTable([
            "id": .integers([.min, nil, 3]), "p": .doubles([.infinity, nil, -0.1]),
            "label": .strings(["NaN", "", nil]), "ok": .booleans([true, false, nil]),
        ])
        var png = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13])
        png += Data("IHDR".utf8) + Data([0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0, 0, 0, 0, 0])
        image = try RunImage(png)
        histogram = try RunHistogram(of: [0, 1, 1, 2, .nan, .infinity], bins: 4)
        dataset = try Dataset(
            name: "digits", digest: "sha256:00ff", source: "digits.csv",
            schema: ["cafe\u{301}": "double"], context: "training")
    }

    func log(to run: RunLogger) throws {
        try run.log(table: table, named: "predictions", step: 3)
        try run.log(image: image, named: "samples", step: 7)
        try run.log(text: "ä\n", named: "note \"ä\"", step: -1)
        try run.log(text: "first", named: "note \"ä\"", step: 2)
        try run.log(text: "last", named: "note \"ä\"", step: 2)
        try run.log(histogram: histogram, named: "weights")
        run.log(dataset: dataset)
    }
}
