import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// The files of artifacts: where they are found, kept and given back.
    static let artifacts: [Scenario] = [
        Scenario("Artifacts: no stored text leads to a file") { context in
            let tree = try await context.tree()
            let folder = try ArtifactFolder()
            defer { folder.remove() }
            let secret = try folder.file("secret", "secret")
            let hashes = ["../secret", secret.path, "", String(repeating: "A", count: 64)]
            var run = Fixtures.run(2, of: tree.experiment.id)
            for (number, hash) in hashes.enumerated() {
                for kind in [Artifact.Kind.file, .directory] {
                    run.artifacts["\(kind) \(number)"] = Artifact(
                        sha256: hash, sizeBytes: 1, kind: kind)
                }
            }
            let stored = try await context.history(run)
            for (name, artifact) in stored.artifacts {
                await expectError(.corrupt, name) {
                    try await context.workspace.exportArtifact(
                        named: name, of: stored.id, to: folder.url)
                }
                await expectError(artifact.kind == .file ? .corrupt : .invalidValue, name) {
                    try await context.workspace.artifact(named: name, of: stored.id)
                }
            }
            #expect(try folder.files() == ArtifactFolder.set(["secret": "secret"]))
        },
        Scenario("Artifacts: a directory comes back under its names") { context in
            let folder = try ArtifactFolder()
            defer { folder.remove() }
            let files = [
                "weights.bin": "w", "empty": "", "sub/a/config.json": "{}", "sub/b": "w",
                "sub/cafe\u{301}": "1",
            ]
            for (name, text) in files { try folder.file("m.mlpackage/" + name, text) }
            let run = try await context.workspace.startRun(project: "p", experiment: "e")
            let logged = try await run.logArtifact(folder.url("m.mlpackage"), named: "model")
            #expect(logged.kind == .directory && logged.sizeBytes == 5)
            let again = try await run.logArtifact(folder.url("m.mlpackage"), named: "again")
            #expect(again.sha256 == logged.sha256)
            let recorded = try await context.workspace.runs.find(run.id).artifacts["model"]
            #expect(recorded == logged)
            let target = try ArtifactFolder()
            defer { target.remove() }
            let exported = try await context.workspace.exportArtifact(
                named: "model", of: run.id, to: target.url)
            #expect(exported.lastPathComponent == "model.mlpackage")
            #expect(try target.files() == ArtifactFolder.set(files, below: "model.mlpackage/"))
            await expectError(.alreadyExists) {
                try await context.workspace.exportArtifact(
                    named: "model", of: run.id, to: target.url)
            }
            try await run.finish()
        },
        Scenario("Artifacts: logging the same bytes again mends a damaged copy") { context in
            let folder = try ArtifactFolder()
            defer { folder.remove() }
            let run = try await context.workspace.startRun(project: "p", experiment: "e")
            let source = try folder.file("weights.safetensors", "weights \(run.id)")
            try await run.logArtifact(source, named: "weights")
            func export(_ name: String) async throws -> URL {
                try await context.workspace.exportArtifact(
                    named: "weights", of: run.id, to: folder.url(name))
            }
            let kept = try await context.workspace.artifact(named: "weights", of: run.id)
            try Data("damaged".utf8).write(to: kept)
            await expectError(.corrupt) { try await export("damaged") }
            try await run.logArtifact(source, named: "weights")
            _ = try await export("mended")
            try FileManager.default.removeItem(at: kept)
            await expectError(.notFound) { try await export("missing") }
            try FileManager.default.createDirectory(
                at: folder.url("in"), withIntermediateDirectories: true)
            try await run.logArtifact(source, named: "weights")
            _ = try await export("in")
            let text = "weights \(run.id)"
            #expect(
                try folder.files()
                    == ArtifactFolder.set([
                        "weights.safetensors": text, "mended": text,
                        "in/weights.safetensors": text,
                    ]))
            try await run.finish()
        },
    ]
}

/// A temporary directory of a scenario.
struct ArtifactFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "mlops-files-\(UUID())")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    func url(_ name: String) -> URL { url.appending(path: name) }

    @discardableResult
    func file(_ name: String, _ text: String) throws -> URL {
        try FileManager.default.createDirectory(
            at: url(name).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url(name))
        return url(name)
    }

    /// The paths of all files with their texts.
    func files() throws -> Set<Data> {
        var found: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: url.path) {
            if let data = try? Data(contentsOf: url(name)) {
                found[name] = String(decoding: data, as: UTF8.self)
            }
        }
        return Self.set(found)
    }

    /// Paths and texts as bytes: equal strings may have different bytes.
    static func set(_ files: [String: String], below folder: String = "") -> Set<Data> {
        Set(files.map { Data("\(folder)\($0.key)=\($0.value)".utf8) })
    }

    func remove() { try? FileManager.default.removeItem(at: url) }
}
