import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Versions that are registered from a run's artifacts, and loaded.
    static let registration: [Scenario] = [
        Scenario("Workspace.register makes the model and its next version from an artifact") {
            context in
            let site = try await RegistrationSite(context)
            let signature = ModelSignature(inputs: .columns([.init("age", .long)]))
            let first = try await site.run.register(
                model: "classifier", artifact: "weights", aliases: ["champion"],
                signature: signature, metrics: ["accuracy": 0.9], description: "good",
                tags: ["by": "ada"], modelType: "classifier", taskType: "fraud", framework: "xgb")
            try await site.run.finish()
            let second = try await context.workspace.register(
                model: "classifier", artifact: "package", of: site.run.id, framework: "other")
            #expect(first.version == "1" && second.version == "2" && second.number == 2)
            #expect(first.artifactSHA256 == site.weights.sha256)
            #expect(first.modelSizeBytes == Int64(site.text.utf8.count))
            #expect(first.artifactURI == "sha256:\(site.weights.sha256)#weights")
            #expect(first.sourceRunID == site.run.id && first.description == "good")
            #expect(first.performanceMetrics == ["accuracy": 0.9] && first.tags == ["by": "ada"])
            #expect(try first.signature() == signature)
            #expect(try second.signature() == nil && second.stage == .development)
            let model = try await context.workspace.models.find(first.modelID)
            #expect(second.modelID == model.id && model.aliases == ["champion": first.id])
            #expect(model.framework == "xgb" && model.taskType == "fraud")
            let lineage = try await context.read { try $0.modelVersions.lineage(of: first.id) }
            #expect(lineage.run?.id == site.run.id && lineage.model.name == "classifier")
        },
        Scenario("Workspace.register: an error keeps nothing") { context in
            let site = try await RegistrationSite(context)
            let id = site.run.id
            let workspace = context.workspace
            await expectError(.notFound) {
                try await workspace.register(model: "m", artifact: "other", of: id)
            }
            await expectError(.notFound) {
                try await workspace.register(model: "m", artifact: "weights", of: Identifier())
            }
            await expectError(.invalidValue) {
                try await workspace.register(
                    model: "m", artifact: "weights", of: id, aliases: ["good", "latest"])
            }
            #expect(try await workspace.models.count() == 0)
            try await workspace.register(model: "m", artifact: "weights", of: id, version: "1.0")
            await expectError(.alreadyExists) {
                try await workspace.register(
                    model: "m", artifact: "weights", of: id, version: "1.0")
            }
            #expect(try await workspace.modelVersions.count() == 1)
            try await site.run.finish()
        },
        Scenario("Workspace.register: programs at once make one model, and a version each") {
            context in
            let site = try await RegistrationSite(context)
            let run = site.run
            let versions = try await withThrowingTaskGroup(of: ModelVersion.self) { group in
                for _ in 1...6 {
                    group.addTask { try await run.register(model: "m", artifact: "weights") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(versions.map(\.modelID)).count == 1)
            #expect(versions.map(\.number).sorted() == Array(1...6))
            #expect(Set(versions.map(\.version)) == Set((1...6).map { "\($0)" }))
            try await run.finish()
        },
        Scenario("Workspace.load gives the checked files of an alias, a version and a stage") {
            context in
            let site = try await RegistrationSite(context)
            let workspace = context.workspace
            let first = try await site.run.register(
                model: "classifier", artifact: "weights", aliases: ["champion"])
            let second = try await site.run.register(model: "classifier", artifact: "package")
            try await site.run.finish()
            let file = try await workspace.load(model: "classifier", alias: "champion")
            #expect(file.version == first && file.model.name == "classifier")
            #expect(file.temporaryDirectory == nil)
            #expect(try Data(contentsOf: file.files) == Data(site.text.utf8))
            let package = try await workspace.load(model: "classifier", version: "2")
            #expect(package.version == second)
            #expect(package.files.lastPathComponent == "package.mlpackage")
            let inside = package.files.appending(path: "sub/config.json")
            #expect(try String(contentsOf: inside, encoding: .utf8) == "{}")
            let temporary = try #require(package.temporaryDirectory)
            try package.removeTemporaryFiles()
            #expect(!FileManager.default.fileExists(atPath: temporary.path))
            let folder = try ArtifactFolder()
            defer { folder.remove() }
            let placed = try await workspace.load(
                model: "classifier", alias: "latest", project: "p", to: folder.url)
            #expect(placed.version == second && placed.temporaryDirectory == nil)
            #expect(placed.files == folder.url("package.mlpackage"))
            let named = try await workspace.load(
                model: "classifier", alias: "v1", to: folder.url)
            #expect(named.files == folder.url("weights.bin"))
            await expectError(.notFound, "nothing is in staging") {
                try await workspace.load(model: "classifier", stage: .staging)
            }
            for version in [second, first] {
                try await workspace.promote(version.id, to: .staging, archivingCurrent: false)
            }
            let staged = try await workspace.load(model: "classifier", stage: .staging)
            #expect(staged.version.id == first.id)
        },
        Scenario("Workspace.load: what is absent, ambiguous, damaged or not kept") { context in
            let site = try await RegistrationSite(context)
            let workspace = context.workspace
            let version = try await site.run.register(model: "m", artifact: "weights")
            for (alias, project) in [("champion", nil), ("latest", "q"), ("v2", "p")] {
                await expectError(.notFound, alias) {
                    try await workspace.load(model: "m", alias: alias, project: project)
                }
            }
            await expectError(.notFound) { try await workspace.load(model: "n", version: "1") }
            let other = try await workspace.projects.findOrCreate(named: "Q r")
            let twin = try await workspace.models.findOrCreate(
                Model(project: other.id, name: "m"))
            let error = await expectError(.invalidValue) {
                try await workspace.load(model: "m", version: "1")
            }
            #expect(error?.message.contains("p, q-r") == true)
            _ = try await workspace.load(model: "m", version: "1", project: "p")
            try await workspace.modelVersions.insert(ModelVersion(model: twin.id, version: "1"))
            for project in ["Q r", "q-r"] {
                await expectError(.notFound, "it has no SHA-256") {
                    try await workspace.load(model: "m", version: "1", project: project)
                }
            }
            // The run that recorded it need not be there.
            try await site.run.finish()
            try await workspace.runs.delete(site.run.id)
            let loaded = try await workspace.load(model: "m", version: "1", project: "p")
            #expect(loaded.version.id == version.id)
            try Data("damaged".utf8).write(to: loaded.files)
            await expectError(.corrupt) {
                try await workspace.load(model: "m", version: "1", project: "p")
            }
        },
        Scenario("Workspace.load: a directory is one without its run") { context in
            let site = try await RegistrationSite(context)
            try await site.run.register(model: "m", artifact: "package")
            try await site.run.finish()
            try await context.workspace.runs.delete(site.run.id)
            let loaded = try await context.workspace.load(model: "m", alias: "latest")
            #expect(loaded.files.lastPathComponent == "package")
            let inside = loaded.files.appending(path: "sub/config.json")
            #expect(try String(contentsOf: inside, encoding: .utf8) == "{}")
            try loaded.removeTemporaryFiles()
        },
        Scenario("Workspace.register: a version is a file or a directory") { context in
            let site = try await RegistrationSite(context)
            try site.run.log(text: "a", named: "note")
            site.run.log(dataset: try Dataset(name: "d", digest: "1"))
            try await site.run.flush()
            for name in ["note", "d@1"] {
                let error = await expectError(.invalidValue, name) {
                    try await site.run.register(model: "m", artifact: name)
                }
                #expect(error?.field == "kind")
            }
            #expect(try await context.workspace.models.count() == 0)
            try await site.run.finish()
        },
        Scenario("Workspace.load: the name is the registered one, whatever has the same bytes") {
            context in
            let site = try await RegistrationSite(context)
            let folder = try ArtifactFolder()
            defer { folder.remove() }
            for name in ["!/../x", "a.pkl", "ä ö#%.bin"] {
                try await site.run.logArtifact(folder.file("w.bin", site.text), named: name)
            }
            try await site.run.register(model: "m", artifact: "weights")
            try await site.run.register(model: "m", artifact: "ä ö#%.bin")
            try await site.run.finish()
            for (version, name) in [("1", "weights.bin"), ("2", "ä ö#%.bin")] {
                let place = folder.url(version)
                try FileManager.default.createDirectory(
                    at: place, withIntermediateDirectories: true)
                let loaded = try await context.workspace.load(
                    model: "m", version: version, to: place)
                #expect(loaded.files.lastPathComponent == name)
            }
        },
        Scenario("Workspace.load: whoever knows a hash reads no file by it") { context in
            let site = try await RegistrationSite(context)
            try await site.run.finish()
            let hash = site.weights.sha256
            let stranger = try await context.otherWorkspace()
            let project = try await stranger.projects.findOrCreate(named: "mine")
            let model = try await stranger.models.findOrCreate(
                Model(project: project.id, name: "m"))
            let own = try await stranger.withRun(project: "mine", experiment: "e") { $0.id }
            for uri in ["sha256:\(hash)", "SHA256:\(hash)#weights", "sha256:x", "sha256:"] {
                for run in [nil, own] {
                    let error = await expectError(.invalidValue, uri) {
                        try await stranger.modelVersions.insert(
                            ModelVersion(
                                model: model.id, version: "0", sourceRun: run, artifactURI: uri,
                                artifactSHA256: hash))
                    }
                    #expect(error?.field == "artifact_uri")
                }
            }
            // A hash with another address, or with none, says what is kept elsewhere.
            for (version, uri) in [("1", nil), ("2", "s3://bucket/m")] {
                var made = try await stranger.modelVersions.insert(
                    ModelVersion(
                        model: model.id, version: version, artifactURI: uri,
                        artifactSHA256: hash.uppercased()))
                await expectError(.notFound, version) {
                    try await stranger.load(model: "m", version: version)
                }
                made.artifactURI = "sha256:\(hash)"
                let changed = made
                await expectError(.invalidValue, version) {
                    try await stranger.modelVersions.update(changed)
                }
            }
            // By hand as by `register`, of a run that one sees.
            let version = try await context.workspace.register(
                model: "m", artifact: "weights", of: site.run.id)
            try await context.workspace.modelVersions.insert(
                ModelVersion(
                    model: version.modelID, version: "9", sourceRun: site.run.id,
                    artifactURI: "sha256:\(hash)", artifactSHA256: hash))
            let loaded = try await context.workspace.load(model: "m", version: "9")
            #expect(try Data(contentsOf: loaded.files) == Data(site.text.utf8))
        },
        Scenario("findOrCreate makes a project, an experiment and a model once") { context in
            let workspace = context.workspace
            let ids = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 1...6 {
                    group.addTask {
                        let project = try await workspace.projects.findOrCreate(named: "Digits")
                        let experiment = try await workspace.experiments.findOrCreate(
                            Experiment(project: project.id, name: "sweep"))
                        let model = try await workspace.models.findOrCreate(
                            Model(project: project.id, name: "mlp", framework: "swift"))
                        return [
                            "\(project.id)", "\(experiment.id)", "\(model.id)", model.framework,
                        ]
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(ids.count == 1 && ids.first?.last == "swift")
            let counts = try await [
                workspace.projects.count(), workspace.experiments.count(),
                workspace.models.count(),
            ]
            #expect(counts == [1, 1, 1])
            let found = try await context.read { tx in
                try ["Digits", "digits", "DIGITS"].map { try tx.projects.named($0)?.slug }
            }
            #expect(found == ["digits", "digits", nil])
        },
    ]
}

/// A run with a file and a directory.
private struct RegistrationSite: Sendable {
    let run: RunLogger
    /// The text of the file, of this run alone: stores may share the directory of artifacts.
    let text: String
    let weights: Artifact

    init(_ context: ConformanceContext) async throws {
        let folder = try ArtifactFolder()
        defer { folder.remove() }
        run = try await context.workspace.startRun(project: "p", experiment: "e")
        text = "weights \(run.id)"
        weights = try await run.logArtifact(folder.file("w.bin", text), named: "weights")
        try folder.file("m.mlpackage/sub/config.json", "{}")
        try await run.logArtifact(folder.url("m.mlpackage"), named: "package")
    }
}
