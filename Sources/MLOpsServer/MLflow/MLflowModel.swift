import MLOpsCore

extension ModelStage {
    /// The stage of theirs, in any case.
    init?(mlflow name: String) {
        switch name.lowercased() {
        case "none": self = .development
        case "staging": self = .staging
        case "production": self = .production
        case "archived": self = .archived
        default: return nil
        }
    }

    var mlflow: String {
        switch self {
        case .development: "None"
        case .staging: "Staging"
        case .production: "Production"
        case .archived: "Archived"
        }
    }
}

extension MLflowFields {
    func stage(_ name: String = "stage") throws -> ModelStage {
        let text = try requiredText(name)
        guard let stage = ModelStage(mlflow: text) else {
            throw MLflowError.invalid(
                "Invalid Model Version stage: \(text). Value must be one of None, Staging, "
                    + "Production, Archived.")
        }
        return stage
    }
}

extension Model {
    /// Tags with values, which MLflow gives models: `metadata` keeps them, as an import does.
    var keyedTags: [String: JSONValue] { metadata["tags"]?.object ?? [:] }

    mutating func setTag(_ key: String, to value: String?) {
        var tags = keyedTags
        tags[key] = value.map(JSONValue.string)
        var members = metadata.object ?? [:]
        members["tags"] = .object(tags)
        metadata = .object(members)
    }
}

extension ModelVersion {
    /// The tag that keeps the id of a run that is not here.
    static let foreignRunTag = "mlflow.run_id"
    /// The tag that shows a version whose text is not its number.
    private static let versionTag = "mlops.version"

    /// The version as MLflow shows it: its number stands for its text.
    ///
    /// - Parameter aliases: The aliases that name it.
    func mlflow(of model: String, aliases: [String]) -> JSONValue {
        var tags = tags
        let foreignRun = tags.removeValue(forKey: Self.foreignRunTag)
        if version != "\(number)" { tags[Self.versionTag] = version }
        var members: [String: JSONValue] = [
            "name": .string(model), "version": .string("\(number)"),
            "creation_timestamp": .int(createdAt.milliseconds),
            "last_updated_timestamp": .int(updatedAt.milliseconds),
            "current_stage": .string(stage.mlflow), "description": .string(description ?? ""),
            "source": .string(artifactURI ?? ""), "status": "READY", "run_link": "",
            "run_id": .string(sourceRunID.map(MLflowSite.wire) ?? foreignRun ?? ""),
        ]
        let pairs = tags.sorted { $0.key < $1.key }.map { pair($0.key, $0.value) }
        if !pairs.isEmpty { members["tags"] = .array(pairs) }
        if !aliases.isEmpty { members["aliases"] = .array(aliases.sorted().map(JSONValue.string)) }
        return .object(members)
    }
}

extension MLflowSite {
    /// The live model of a name.
    func model(_ name: String) throws -> Model {
        guard let model = try tx.models.named(name, in: try project()) else {
            throw MLflowError.absent("Registered Model with name=\(name) not found")
        }
        return model
    }

    func model(_ fields: MLflowFields) throws -> Model {
        try model(try fields.requiredText("name"))
    }

    /// The live version of `name` and `version`.
    func version(_ fields: MLflowFields) throws -> (Model, ModelVersion) {
        let name = try fields.requiredText("name")
        let text = try fields.requiredText("version")
        guard let number = Int(text) else {
            throw MLflowError.invalid("Parameter 'version' must be an integer, got '\(text)'.")
        }
        let absent = MLflowError.absent(
            "Model Version (name=\(name), version=\(text)) not found")
        guard let model = try tx.models.named(name, in: try project()),
            let version = try tx.modelVersions.first(where: {
                $0.modelID == model.id && $0.number == number
            })
        else { throw absent }
        return (model, version)
    }

    func answer(_ version: ModelVersion, of model: Model) throws -> JSONValue {
        version.mlflow(of: model.name, aliases: model.aliases(of: version.id))
    }

    /// A model with the newest version of each stage.
    func answer(_ model: Model) throws -> JSONValue {
        let versions = try tx.modelVersions.of(model: model.id)
        let latest = try versions.newestOfStages.map { try answer($0, of: model) }
        var members: [String: JSONValue] = [
            "name": .string(model.name), "creation_timestamp": .int(model.createdAt.milliseconds),
            "last_updated_timestamp": .int(
                max(model.updatedAt, versions.map(\.createdAt).max() ?? model.updatedAt)
                    .milliseconds),
        ]
        members["description"] = model.description.map(JSONValue.string)
        if !latest.isEmpty { members["latest_versions"] = .array(latest) }
        let tags = model.keyedTags.sorted { $0.key < $1.key }
            .map { pair($0.key, $0.value.mlflowText) }
        if !tags.isEmpty { members["tags"] = .array(tags) }
        let names = try tx.models.aliases(of: model.id).sorted { $0.key < $1.key }.map {
            ["alias": .string($0.key), "version": .string("\($0.value.number)")] as JSONValue
        }
        if !names.isEmpty { members["aliases"] = .array(names) }
        return .object(members)
    }
}

extension [ModelVersion] {
    /// The newest version of each stage, by number.
    var newestOfStages: [ModelVersion] {
        Dictionary(grouping: self, by: \.stage)
            .compactMap { $0.value.max { $0.number < $1.number } }
            .sorted { $0.number < $1.number }
    }
}
