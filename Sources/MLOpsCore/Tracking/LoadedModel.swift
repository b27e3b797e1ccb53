public import Foundation

/// A version of a model, with its files.
public struct LoadedModel: Sendable, Hashable {
    /// The model.
    public let model: Model
    /// The version.
    public let version: ModelVersion
    /// The file or the directory; its bytes were checked against ``ModelVersion/artifactSHA256``.
    public let files: URL
    /// The directory that was made for the files; the caller removes it with
    /// ``removeTemporaryFiles()``.
    ///
    /// `nil` if the files are the store's own, which are only to be read, or where the caller
    /// wanted them.
    public let temporaryDirectory: URL?

    /// Removes ``temporaryDirectory``, if there is one; ``files`` are gone then.
    ///
    /// - Throws: The error of Foundation.
    public func removeTemporaryFiles() throws {
        if let temporaryDirectory { try FileManager.default.removeItem(at: temporaryDirectory) }
    }
}

extension Workspace {
    /// The version that an alias of a model names, with its files:
    /// `workspace.load(model: "classifier", alias: "champion")`.
    ///
    /// Every byte is checked against the recorded SHA-256. With a destination the file or directory
    /// is copied there, as ``exportArtifact(named:of:to:)`` does. Without one, a file is the
    /// store's own, which is only to be read and has no extension; a directory is copied into a new
    /// temporary directory, which the caller removes.
    ///
    /// - Parameters:
    ///   - name: The model's name.
    ///   - alias: An alias of it, `latest`, or `v` and the number of a version.
    ///   - project: The project's name or slug; needed if several have a model of this name.
    ///   - destination: A directory that exists, or a new path.
    /// - Throws: `.notFound` for a model, a version, or a file that is absent, and for a version
    ///   whose artifact is kept elsewhere; `.invalidValue` if several projects have such a model;
    ///   `.corrupt` when bytes have changed; `.alreadyExists`,
    ///   `.inputOutput`, `.diskFull`.
    public func load(
        model name: String, alias: String, project: String? = nil, to destination: URL? = nil
    ) async throws -> LoadedModel {
        try await load(name, project, "version with the alias \"\(alias)\"", to: destination) {
            try $0.modelVersions.version(alias: alias, of: $1)
        }
    }

    /// A version of a model, with its files; see ``load(model:alias:project:to:)``.
    public func load(
        model name: String, version: String, project: String? = nil, to destination: URL? = nil
    ) async throws -> LoadedModel {
        try await load(name, project, "version \"\(version)\"", to: destination) {
            try $0.modelVersions.version(version, of: $1)
        }
    }

    /// The version of a model that entered a stage last, with its files; see
    /// ``load(model:alias:project:to:)``.
    ///
    /// It need not be the one that a deployment serves; see ``ModelStage``.
    public func load(
        model name: String, stage: ModelStage, project: String? = nil, to destination: URL? = nil
    ) async throws -> LoadedModel {
        try await load(name, project, "version in \(stage.rawValue)", to: destination) {
            try $0.modelVersions.inStage(stage, of: $1).lastEntered
        }
    }

    private func load(
        _ name: String, _ project: String?, _ noun: String, to destination: URL?,
        _ find: @escaping @Sendable (any Transaction, Identifier<Model>) throws -> ModelVersion?
    ) async throws -> LoadedModel {
        let (model, version, run) = try await read { tx in
            let model = try tx.model(named: name, inProjectNamed: project)
            guard let version = try find(tx, model.id) else {
                throw StoreError(
                    .notFound, "The model \"\(name)\" has no \(noun).",
                    entity: ModelVersion.entityName)
            }
            let run = try version.sourceRunID.flatMap { try tx.runs.findIfExists($0) }
            return (model, version, run)
        }
        let artifacts = store.artifacts
        return try await offTheCooperativePool {
            let (artifact, name) = try artifacts.artifact(of: version, recordedIn: run)
            let (files, temporary) = try artifacts.files(of: artifact, named: name, to: destination)
            return LoadedModel(
                model: model, version: version, files: files, temporaryDirectory: temporary)
        }
    }
}

extension [ModelVersion] {
    /// The version that entered its stage last.
    fileprivate var lastEntered: ModelVersion? {
        func entered(_ version: ModelVersion) -> Date {
            version.promotion.enteredAt ?? version.createdAt
        }
        return self.max { (entered($0), $0.id) < (entered($1), $1.id) }
    }
}

extension Transaction {
    /// The model of a name, in one project or in the only one that has it.
    ///
    /// - Throws: `.notFound`; `.invalidValue` that names the projects if there are several.
    fileprivate func model(
        named name: String, inProjectNamed projectName: String?
    ) throws -> Model {
        let noModel = StoreError(
            .notFound, "There is no model \"\(name)\" in this organization.",
            entity: Model.entityName)
        if let projectName {
            guard let project = try projects.named(projectName) else {
                throw StoreError(
                    .notFound, "There is no project \"\(projectName)\" in this organization.",
                    entity: Project.entityName)
            }
            guard let model = try models.named(name, in: project.id) else { throw noModel }
            return model
        }
        let found = try models.all { $0.name == name }
        guard let model = found.first else { throw noModel }
        guard found.count == 1 else {
            let slugs = try found.compactMap { try projects.findIfExists($0.projectID)?.slug }
            throw StoreError(
                .invalidValue,
                "Several projects have a model \"\(name)\": "
                    + "\(slugs.sorted().joined(separator: ", ")). Name one of them.",
                entity: Model.entityName, field: "project")
        }
        return model
    }
}

extension ArtifactStore {
    /// The artifact of a version, and its name in a directory.
    ///
    /// The version does not say whether it is a file; the run does, or else the bytes.
    fileprivate func artifact(
        of version: ModelVersion, recordedIn run: ExperimentRun?
    ) throws -> (Artifact, name: String) {
        guard let hash = version.artifactSHA256 else {
            throw StoreError(
                .notFound, "The version \(version.version) was registered without a SHA-256.",
                entity: "artifact")
        }
        // What is in the store was recorded by a run that its registrar saw; a hash alone is
        // known to anybody.
        guard let address = version.artifactURI.flatMap(ArtifactAddress.init),
            address.sha256 == hash
        else {
            throw StoreError(
                .notFound,
                "The artifact of the version \(version.version) is not kept in the store; it is "
                    + "where the version's `artifactURI` says. `register` makes versions of "
                    + "artifacts of runs.",
                entity: "artifact")
        }
        if let found = run.flatMap(address.artifact(in:)) {
            return (found.artifact, found.name)
        }
        return (
            Artifact(
                sha256: hash, sizeBytes: version.modelSizeBytes ?? 0,
                kind: try holdsList(hash) ? .directory : .file),
            address.name ?? "model"
        )
    }

    /// Where the checked files of an artifact are, and the directory that was made for them.
    fileprivate func files(
        of artifact: Artifact, named name: String, to destination: URL?
    ) throws -> (URL, temporary: URL?) {
        if let destination {
            return (try export(artifact, named: name, to: destination), nil)
        }
        if artifact.kind == .file { return (try verified(artifact), nil) }
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "mlops-model-\(Identifier<Artifact>())")
        return try Self.reporting("\(directory.path) cannot be written") {
            try access.makeDirectory(directory)
            do {
                return (try export(artifact, named: name, to: directory), directory)
            } catch {
                try? FileManager.default.removeItem(at: directory)
                throw error
            }
        }
    }
}
