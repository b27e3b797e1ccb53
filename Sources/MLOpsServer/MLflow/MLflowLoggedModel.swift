import Foundation
import MLOpsCore

// A logged model is a run of its own kind: the same fields, found where its kind is asked for.
extension MLflowSite {
    static let modelPrefix = "m-"

    /// The id of a logged model as clients see it.
    static func modelWire(_ id: Identifier<ExperimentRun>) -> String { modelPrefix + wire(id) }

    /// The logged model of an id, with or without `m-`.
    func loggedModel(_ text: String, deleted: DeletedRows = .excluded) throws -> ExperimentRun {
        let own = text.hasPrefix(Self.modelPrefix) ? String(text.dropFirst(2)) : text
        guard let id = Self.id(own, of: ExperimentRun.self),
            let model = try tx.runs.page(
                Query<ExperimentRun>(
                    where: { $0.id == id && $0.kind == .loggedModel }, limit: 1, deleted: deleted)
            ).first
        else { throw MLflowError.absent("Logged model with ID '\(text)' not found.") }
        return model
    }

    /// The logged model that the source of a version names: `models:/m-...`.
    func loggedModel(in source: String) throws -> ExperimentRun? {
        guard source.hasPrefix("models:/" + Self.modelPrefix) else { return nil }
        return try? loggedModel(String(source.dropFirst("models:/".count)))
    }

    /// The run that a version comes from, if it is here: the named one, or that of its source.
    func source(of source: String, run: String?) throws -> ExperimentRun? {
        if let run { return try? self.run(run) }
        if let model = try loggedModel(in: source) {
            return try model.mlflowSourceRun.flatMap { try self.run($0) }
        }
        guard let id = source.prefixMatch(of: /(?:runs:\/+|mlflow-artifacts:\/[^\/]+\/)([^\/]+)/)?.1
        else { return nil }
        return try? self.run(String(id))
    }

    /// A logged model with its data.
    func answer(loggedModel model: ExperimentRun) throws -> JSONValue {
        let metrics = try lastPoints(of: model).sorted { $0.key < $1.key }.map {
            name, point -> JSONValue in
            var members = point.mlflow(name).object ?? [:]
            members["model_id"] = .string(Self.modelWire(model.id))
            members["run_id"] = model.mlflowSourceRun.map(JSONValue.string)
            return .object(members)
        }
        let parameters = model.flatParameters.sorted { $0.key < $1.key }
            .map { pair($0.key, $0.value.mlflowText) }
        return [
            "info": model.mlflowModelInfo,
            "data": .some(["params": parameters, "metrics": metrics]),
        ]
    }
}

extension ExperimentRun {
    /// What MLflow says of the row and our columns do not.
    var mlflowExtras: [String: JSONValue] {
        get { environment["mlflow"]?.object ?? [:] }
        set {
            var members = environment.object ?? [:]
            members["mlflow"] = newValue.isEmpty ? nil : .object(newValue)
            environment = .object(members)
        }
    }

    /// The run that logged the model; it may be gone.
    var mlflowSourceRun: String? {
        parentRunID.map(MLflowSite.wire) ?? mlflowExtras["source_run_id"]?.string
    }

    /// Where the files of a logged model are.
    var mlflowURI: String {
        "mlflow-artifacts:/\(MLflowSite.wire(experimentID))/models/"
            + "\(MLflowSite.modelWire(id))/artifacts"
    }

    fileprivate var mlflowModelInfo: JSONValue {
        let states: [RunStatus: String] = [
            .completed: "LOGGED_MODEL_READY", .failed: "LOGGED_MODEL_UPLOAD_FAILED",
        ]
        var members: [String: JSONValue] = [
            "model_id": .string(MLflowSite.modelWire(id)),
            "experiment_id": .string(MLflowSite.wire(experimentID)), "name": .string(runName),
            "creation_timestamp_ms": .int((startedAt ?? createdAt).milliseconds),
            "last_updated_timestamp_ms": .int(updatedAt.milliseconds),
            "artifact_uri": .string(mlflowURI),
            "status": .string(states[status] ?? "LOGGED_MODEL_PENDING"),
            "model_type": mlflowExtras["model_type"] ?? "",
            "source_run_id": .string(mlflowSourceRun ?? ""),
        ]
        let pairs = tags.sorted { $0.key < $1.key }.map { pair($0.key, $0.value) }
        if !pairs.isEmpty { members["tags"] = .array(pairs) }
        return .object(members)
    }
}
