import Foundation
import HTTPTypes
import MLOpsCore

// The calls about versions of models.
extension MLflowFace {
    func addVersions(to calls: MLflowCalls) {
        calls.write(.post, "model-versions/create") { fields, site in
            let model = try site.model(fields)
            let source = try fields.requiredText("source")
            try Self.check(source)
            let runID = try fields.text("run_id")
            var version = ModelVersion(
                model: model.id, version: try site.tx.modelVersions.nextVersion(of: model.id),
                artifactURI: source, description: try fields.text("description"))
            for (key, value) in try fields.pairs("tags") { version.tags[key] = value }
            if let run = try site.source(of: source, run: runID) {
                version.sourceRunID = run.id
            } else if let runID {
                version.tags[ModelVersion.foreignRunTag] = runID
            }
            let made = try site.tx.modelVersions.insert(version)
            return ["model_version": try site.answer(made, of: model)]
        }
        calls.read(.get, "model-versions/get") { fields, site in
            let (model, version) = try site.version(fields)
            return ["model_version": try site.answer(version, of: model)]
        }
        calls.read(.get, "model-versions/get-download-uri") { fields, site in
            let (_, version) = try site.version(fields)
            let source = version.artifactURI ?? ""
            return ["artifact_uri": .string(try site.loggedModel(in: source)?.mlflowURI ?? source)]
        }
        calls.write(.patch, "model-versions/update") { fields, site in
            var (model, version) = try site.version(fields)
            version.description = try fields.anyText("description")
            version = try site.tx.modelVersions.update(version)
            return ["model_version": try site.answer(version, of: model)]
        }
        calls.write(.post, "model-versions/transition-stage") { fields, site in
            let stage = try fields.stage()
            let archives = try fields.truth("archive_existing_versions")
            guard !archives || [.staging, .production].contains(stage) else {
                throw MLflowError.invalid(
                    "Model version transition cannot archive existing model versions because "
                        + "'\(stage.mlflow)' is not an Active stage. Valid stages are "
                        + "['Staging', 'Production']")
            }
            let (model, version) = try site.version(fields)
            let moved =
                version.stage == stage
                ? version
                : try site.tx.modelVersions.promote(
                    version.id, to: stage, archivingCurrent: archives)
            return ["model_version": try site.answer(moved, of: model)]
        }
        calls.write(.delete, "model-versions/delete") { fields, site in
            try site.tx.modelVersions.delete(try site.version(fields).1.id)
            return [:]
        }
        calls.write(.post, "model-versions/set-tag") { fields, site in
            var (_, version) = try site.version(fields)
            version.tags[try fields.requiredText("key")] = try fields.anyText("value") ?? ""
            try site.tx.modelVersions.update(version)
            return [:]
        }
        calls.write(.delete, "model-versions/delete-tag") { fields, site in
            var (_, version) = try site.version(fields)
            guard version.tags.removeValue(forKey: try fields.requiredText("key")) != nil else {
                return [:]
            }
            try site.tx.modelVersions.update(version)
            return [:]
        }
        calls.read(.get, "model-versions/search") { fields, site in
            let limit = try fields.limit(default: 10_000, maximum: 200_000)
            let project = try site.project()
            let columns = ModelVersion.columns
            var query = Query<ModelVersion>(where: { $0.model.projectID == project })
            query.order = [columns.updatedAt.descending, columns.number.descending]
            try query.filter(by: try fields.text("filter"), Self.versionFilter)
            query.cursor = try MLflowToken.cursor(try fields.text("page_token"))
            let (versions, next) = try site.rows(query, limit)
            var models: [Identifier<Model>: Model] = [:]
            let rows = try versions.map { version in
                let model = try models[version.modelID] ?? site.tx.models.find(version.modelID)
                models[model.id] = model
                return try site.answer(version, of: model)
            }
            return .page("model_versions", rows, next)
        }
    }

    /// Refuses a path of this machine: only what the store keeps, and what is elsewhere, is a
    /// source.
    private static func check(_ source: String) throws {
        let scheme = source.prefixMatch(of: /([A-Za-z][A-Za-z0-9+.-]*):/)?.1.lowercased()
        guard scheme != nil, scheme != "file" else {
            throw MLflowError.invalid(
                "Invalid model version source: '\(source)'. To use a local path as a model version "
                    + "source, the run_id request parameter has to be specified and the local path "
                    + "has to be contained within the artifact directory of the run specified by "
                    + "the run_id.")
        }
        guard !source.removingPercentEncoding.map({ $0.contains("..") }, default: true) else {
            throw MLflowError.invalid("Invalid model version source: '\(source)'.")
        }
    }

    private static func versionFilter(
        _ part: MLflowComparison
    ) throws -> Filter<ModelVersion> {
        let columns = ModelVersion.columns
        switch (part.entity.lowercased(), part.key) {
        case ("tag", let key), ("tags", let key):
            return try part.holds(columns.tags[key: key], "tag")
        case (_, "name"): return try part.holds(columns.model.name, "attribute")
        case (_, "source_path"):
            guard part.sign == .equal else { throw part.refused("attribute") }
            return columns.artifactURI == (try part.text("attribute"))
        case (_, "version_number"):
            let number = Int(exactly: try part.number("attribute")) ?? 0
            switch part.sign {
            case .equal: return columns.number == number
            case .notEqual: return columns.number != number
            case .less: return columns.number < number
            case .lessOrEqual: return columns.number <= number
            case .greater: return columns.number > number
            case .greaterOrEqual: return columns.number >= number
            default: throw part.refused("attribute")
            }
        case (_, "run_id"):
            let texts: [String] =
                if case .texts(let texts) = part.operand { texts } else {
                    [try part.text("attribute")]
                }
            guard [.equal, .among].contains(part.sign) else { throw part.refused("attribute") }
            let ids = texts.compactMap { MLflowSite.id($0, of: ExperimentRun.self) }
            return columns.sourceRunID.isIn(ids)
                || columns.tags[key: ModelVersion.foreignRunTag].isIn(texts)
        default:
            throw MLflowError.invalid(
                "Invalid attribute key '\(part.key)' specified. Valid keys are "
                    + "'{'version_number', 'source_path', 'name', 'run_id'}'")
        }
    }
}

extension Optional {
    fileprivate func map<Value>(
        _ transform: (Wrapped) -> Value, default value: Value
    ) -> Value { map(transform) ?? value }
}
