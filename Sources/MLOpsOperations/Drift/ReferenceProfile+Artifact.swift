import Foundation
public import MLOpsCore

extension ReferenceProfile {
    /// The name of the artifact in which a run keeps the profile of its training data.
    public static let artifactName = "reference-profile.json"

    /// The largest artifact that is read as a profile, in bytes.
    static let maximumBytes: Int64 = 256 << 20
}

extension RunLogger {
    /// Keeps the profile of the training data as an artifact of the run.
    ///
    /// Its name is ``ReferenceProfile/artifactName``; a later profile takes the place of an earlier
    /// one. Runs with the same profile share one file. It is found again with
    /// `Workspace.referenceProfile(ofVersion:)`.
    ///
    /// A profile holds a sample of the data, and the artifact can be read by whoever can read the
    /// artifact directory.
    ///
    /// - Throws: `StoreError` with `.inputOutput`, `.diskFull`, or what refuses an artifact.
    @discardableResult
    public func logReferenceProfile(_ profile: ReferenceProfile) async throws -> Artifact {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "mlops-\(Identifier<Artifact>())")
        defer { try? FileManager.default.removeItem(at: directory) }
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
            try profile.jsonData().write(
                to: directory.appending(path: ReferenceProfile.artifactName))
        } catch {
            throw StoreError(
                .inputOutput,
                "The reference profile cannot be written to \(directory.path): "
                    + "\(error.localizedDescription)", entity: "reference profile")
        }
        return try await logArtifact(
            directory.appending(path: ReferenceProfile.artifactName),
            named: ReferenceProfile.artifactName)
    }
}

extension Workspace {
    /// The profile of the data that a version of a model was trained on.
    ///
    /// It is the artifact ``ReferenceProfile/artifactName`` of the version's source run. Its bytes
    /// are held against their SHA-256.
    ///
    /// - Throws: `StoreError` with `.notFound` when there is no such version, it has no source run,
    ///   or the run has no profile; `.corrupt` when the bytes have changed; `.invalidValue` for an
    ///   artifact that is no profile; `.inputOutput` when it cannot be read.
    public func referenceProfile(
        ofVersion id: Identifier<ModelVersion>
    ) async throws -> ReferenceProfile {
        try await referenceProfile { try $0.modelVersions.find(id) }
    }

    /// The profile of the data that the live version of a deployment was trained on.
    ///
    /// - Throws: `StoreError` with `.notFound` when no version is live; otherwise as
    ///   `referenceProfile(ofVersion:)`.
    public func referenceProfile(
        ofLiveVersionOn id: Identifier<Deployment>
    ) async throws -> ReferenceProfile {
        try await referenceProfile { tx in
            // Whatever the clock says: it may have gone back.
            if let live = try tx.deployments.liveVersion(of: id, at: .distantFuture) { return live }
            throw StoreError(
                .notFound, "No version is live on the deployment \(id).", entity: "deployment")
        }
    }

    private func referenceProfile(
        of version: @escaping @Sendable (any Transaction) throws -> ModelVersion
    ) async throws -> ReferenceProfile {
        let name = ReferenceProfile.artifactName
        let (run, artifact) = try await read { tx in
            let version = try version(tx)
            guard let run = try version.sourceRunID.map({ try tx.runs.find($0) }) else {
                throw StoreError(
                    .notFound,
                    "The version \(version.version) has no source run, whose artifact \(name) "
                        + "would be its reference profile.", entity: "reference profile")
            }
            guard let artifact = run.artifacts[name] else {
                throw StoreError(
                    .notFound,
                    "The source run \(run.runName) of the version \(version.version) has no "
                        + "artifact \(name); log one at training with logReferenceProfile(_:).",
                    entity: "reference profile")
            }
            return (run.id, artifact)
        }
        guard artifact.kind == .file, artifact.sizeBytes <= ReferenceProfile.maximumBytes else {
            throw StoreError(
                .invalidValue,
                "The artifact \(name), a \(artifact.kind.rawValue) of \(artifact.sizeBytes) bytes, "
                    + "is no reference profile: one is a file of at most "
                    + "\(ReferenceProfile.maximumBytes).", entity: "reference profile")
        }
        let file = try await self.artifact(named: name, of: run)
        guard let data = try? Data(contentsOf: file) else {
            throw StoreError(
                .inputOutput, "The artifact \(name) of the run \(run) cannot be read.",
                entity: "reference profile")
        }
        return try ReferenceProfile(jsonData: data)
    }
}
