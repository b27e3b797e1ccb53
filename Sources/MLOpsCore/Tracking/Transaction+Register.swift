extension Transaction {
    /// Makes the next version of a model from a file or directory that a run has recorded.
    ///
    /// The model is found by its name in the run's project, or made; one that exists keeps what it
    /// says of itself. The version gets the artifact's URI, SHA-256 and size, and the run as its
    /// source. It is made, not found: a second call makes a second version.
    ///
    /// - Parameters:
    ///   - name: The model's name.
    ///   - artifact: The artifact's name in the run.
    ///   - run: The run; whether it has ended does not matter.
    ///   - version: The version; by default the next one, see
    ///     ``ModelVersionRepository/nextVersion(of:)``.
    ///   - aliases: Aliases that name the version from now on, which requires the role maintainer.
    ///   - signature: The inputs and outputs.
    ///   - metrics: The results of evaluation, as a JSON object.
    ///   - description: Free text on the version.
    ///   - tags: Labels of the version.
    ///   - modelType: The kind of a new model, such as `classifier`.
    ///   - taskType: The task of a new model, such as `fraud-detection`.
    ///   - framework: The framework of a new model, such as `xgboost`.
    /// - Throws: `.notFound` for a run that is absent or deleted, or an artifact that it has not;
    ///   `.invalidValue` for a record or a dataset; `.alreadyExists` for a version that exists;
    ///   `.permissionDenied` unless the principal
    ///   contributes to the project; `.quotaExceeded`; what
    ///   ``ModelRepository/setAlias(_:to:of:)`` throws.
    @discardableResult
    public func register(
        model name: String, artifact: String, of run: Identifier<ExperimentRun>,
        version: String? = nil, aliases: [String] = [], signature: ModelSignature? = nil,
        metrics: JSONValue = [:], description: String? = nil, tags: [String: String] = [:],
        modelType: String = "", taskType: String = "", framework: String = ""
    ) throws -> ModelVersion {
        let run = try runs.find(run)
        let recorded = try run.artifact(named: artifact)
        guard recorded.kind.isOfAVersion else {
            throw StoreError(
                .invalidValue,
                "The artifact \"\(artifact)\" is of the kind \(recorded.kind.rawValue); a version "
                    + "is made from a file or a directory.", entity: "artifact", field: "kind")
        }
        let project = try experiments.find(run.experimentID).projectID
        let model = try models.findOrCreate(
            Model(
                project: project, name: name, modelType: modelType, taskType: taskType,
                framework: framework))
        let made = try modelVersions.insert(
            ModelVersion(
                model: model.id, version: version ?? modelVersions.nextVersion(of: model.id),
                sourceRun: run.id,
                artifactURI: ArtifactAddress(sha256: recorded.sha256, name: artifact.asName).uri,
                artifactSHA256: recorded.sha256, modelSizeBytes: recorded.sizeBytes,
                performanceMetrics: metrics, modelSchema: signature?.json ?? [:],
                description: description, tags: tags))
        for alias in aliases { try models.setAlias(alias, to: made.id, of: model.id) }
        return made
    }
}

extension ExperimentRun {
    /// The recorded artifact of a name.
    ///
    /// - Throws: `.notFound`.
    func artifact(named name: String) throws -> Artifact {
        guard let artifact = artifacts[name] else {
            throw StoreError(
                .notFound, "The run \(id) has no artifact \"\(name)\".", entity: "artifact")
        }
        return artifact
    }
}

extension Workspace {
    /// Makes the next version of a model from a file or directory that a run has recorded.
    ///
    /// The call of ``Transaction`` of this name says more; this is one in a transaction of its own.
    @discardableResult
    public func register(
        model: String, artifact: String, of run: Identifier<ExperimentRun>,
        version: String? = nil, aliases: [String] = [], signature: ModelSignature? = nil,
        metrics: JSONValue = [:], description: String? = nil, tags: [String: String] = [:],
        modelType: String = "", taskType: String = "", framework: String = ""
    ) async throws -> ModelVersion {
        try await write {
            try $0.register(
                model: model, artifact: artifact, of: run, version: version, aliases: aliases,
                signature: signature, metrics: metrics, description: description, tags: tags,
                modelType: modelType, taskType: taskType, framework: framework)
        }
    }
}

extension RunLogger {
    /// Makes the next version of a model from a file or directory that the run has recorded:
    /// `run.register(model: "classifier", artifact: "model")`.
    ///
    /// The call of ``Transaction`` of this name says more; this is one in a transaction of its own.
    @discardableResult
    public func register(
        model: String, artifact: String, version: String? = nil, aliases: [String] = [],
        signature: ModelSignature? = nil, metrics: JSONValue = [:], description: String? = nil,
        tags: [String: String] = [:], modelType: String = "", taskType: String = "",
        framework: String = ""
    ) async throws -> ModelVersion {
        try await workspace.register(
            model: model, artifact: artifact, of: id, version: version, aliases: aliases,
            signature: signature, metrics: metrics, description: description, tags: tags,
            modelType: modelType, taskType: taskType, framework: framework)
    }
}
