import Foundation
import MLOpsCore

extension RunStatus {
    /// The status of theirs; another text is none.
    init?(mlflow name: String) {
        switch name {
        case "RUNNING": self = .running
        case "SCHEDULED": self = .queued
        case "FINISHED": self = .completed
        case "FAILED": self = .failed
        case "KILLED": self = .cancelled
        default: return nil
        }
    }

    var mlflow: String {
        switch self {
        case .queued: "SCHEDULED"
        case .running: "RUNNING"
        case .completed: "FINISHED"
        case .failed: "FAILED"
        case .cancelled: "KILLED"
        }
    }
}

extension MLflowSite {
    /// The run of an id.
    func run(_ text: String, deleted: DeletedRows = .included) throws -> ExperimentRun {
        guard let id = Self.id(text, of: ExperimentRun.self),
            let run = try tx.runs.page(
                Query<ExperimentRun>(where: { $0.id == id }, limit: 1, deleted: deleted)
            ).first
        else { throw MLflowError.absent("Run with id=\(text) not found") }
        return run
    }

    /// The live run of `run_id`, or of the older `run_uuid`.
    func liveRun(_ fields: MLflowFields) throws -> ExperimentRun {
        let run = try run(try fields.runID())
        guard run.deletedAt == nil else {
            throw MLflowError.invalid(
                "The run \(Self.wire(run.id)) must be in the 'active' state. "
                    + "Current state is deleted.")
        }
        return run
    }

    /// A run with its data.
    func answer(_ run: ExperimentRun) throws -> JSONValue {
        let metrics = try lastPoints(of: run).sorted { $0.key < $1.key }
            .map { $1.mlflow($0) }
        let parameters = run.flatParameters.sorted { $0.key < $1.key }.map { name, value in
            pair(name, value.mlflowText)
        }
        let tags = MLflowTags.of(run).map(pair)
        let outputs = run.mlflowExtras["outputs"]?.array ?? []
        var members: [String: JSONValue] = [
            "info": run.mlflowInfo,
            "data": .some(["metrics": metrics, "params": parameters, "tags": tags]),
            "inputs": .some([
                "dataset_inputs": run.datasets.map(\.mlflow),
                "model_inputs": run.mlflowExtras["inputs"]?.array ?? [],
            ]),
        ]
        if !outputs.isEmpty { members["outputs"] = .some(["model_outputs": outputs]) }
        return .object(members)
    }
}

extension MLflowSite {
    /// The last point of each metric; of a deleted run the summary alone is read, which has no
    /// time but that of the run.
    func lastPoints(of run: ExperimentRun) throws -> [String: MetricPoint] {
        guard run.deletedAt == nil else {
            return run.metrics.mapValues {
                MetricPoint(
                    step: $0.step, value: $0.last, timestamp: run.completedAt ?? run.updatedAt)
            }
        }
        var points: [String: MetricPoint] = [:]
        for name in run.metrics.keys {
            points[name] = try tx.metrics.last(of: run.id, metric: name)
        }
        return points
    }
}

/// A key with its value.
func pair(_ key: String, _ value: String) -> JSONValue {
    ["key": .string(key), "value": .string(value)]
}

extension JSONValue {
    /// An object of lists, without the empty ones.
    static func some(_ lists: [String: [JSONValue]]) -> JSONValue {
        .object(lists.filter { !$0.value.isEmpty }.mapValues(JSONValue.array))
    }

    /// A parameter as a text: what MLflow logs is one already.
    var mlflowText: String { string ?? description }

    /// A double, as their clients read it.
    static func mlflow(_ value: Double) -> JSONValue {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : .double(value)
    }
}

extension MetricPoint {
    func mlflow(_ name: String, run: Identifier<ExperimentRun>? = nil) -> JSONValue {
        var members: [String: JSONValue] = [
            "key": .string(name), "value": .mlflow(value),
            "timestamp": .int(timestamp.milliseconds), "step": .int(step),
        ]
        if let run { members["run_id"] = .string(MLflowSite.wire(run)) }
        return .object(members)
    }
}

extension ExperimentRun {
    /// What their `RunInfo` says.
    var mlflowInfo: JSONValue {
        let (id, experiment) = (MLflowSite.wire(id), MLflowSite.wire(experimentID))
        var members: [String: JSONValue] = [
            "run_id": .string(id), "run_uuid": .string(id), "experiment_id": .string(experiment),
            "run_name": .string(runName), "user_id": .string(tags[MLflowTags.user] ?? ""),
            "status": .string(status.mlflow),
            "start_time": .int((startedAt ?? createdAt).milliseconds),
            "artifact_uri": .string("mlflow-artifacts:/\(experiment)/\(id)/artifacts"),
            "lifecycle_stage": .string(deletedAt == nil ? "active" : "deleted"),
        ]
        members["end_time"] = completedAt.map { .int($0.milliseconds) }
        return .object(members)
    }
}

extension Dataset {
    /// The dataset as an input of a run.
    var mlflow: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "digest": .string(digest),
            "source": .string(source ?? ""), "source_type": schema?["source_type"] ?? "local",
        ]
        // A client's dataset has its fields in our schema; a Swift program's is the schema itself.
        let isTheirs = schema?.object.map { $0["source_type"] != nil } ?? false
        members["schema"] = isTheirs ? schema?["schema"] : schema.map { .string($0.mlflowText) }
        members["profile"] = isTheirs ? schema?["profile"] : nil
        let tags = context.map { [pair("mlflow.data.context", $0)] } ?? []
        return ["dataset": .object(members), "tags": .array(tags)]
    }
}

extension MLflowFields {
    /// `run_id`, or the older `run_uuid`.
    func runID() throws -> String {
        if let id = try text("run_id") ?? text("run_uuid") { return id }
        throw MLflowError.missing("run_id")
    }
}
