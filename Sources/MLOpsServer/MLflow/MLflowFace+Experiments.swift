import Foundation
import HTTPTypes
import MLOpsCore

// The calls about experiments, except the search for them.
extension MLflowFace {
    func addExperiments(to calls: MLflowCalls) {
        calls.write(.post, "experiments/create") { fields, site in
            let name = try fields.requiredText("name")
            let tags = try fields.pairs("tags")
            let project = try site.projectToWrite()
            guard try site.tx.experiments.named(name, in: project) == nil else {
                throw MLflowError.exists("Experiment(name=\(name)) already exists.")
            }
            var experiment = Experiment(project: project, name: name, status: .running)
            for (key, value) in tags { experiment.setTag(key, to: value) }
            return [
                "experiment_id": .string(
                    MLflowSite.wire(try site.tx.experiments.insert(experiment).id))
            ]
        }
        calls.write(.get, "experiments/get") { fields, site in
            let id = try fields.requiredText("experiment_id")
            return ["experiment": try site.experiment(id, makesDefault: true).mlflow]
        }
        calls.read(.get, "experiments/get-by-name") { fields, site in
            let name = try fields.requiredText("experiment_name")
            let project = try site.project()
            let query = Query<Experiment>(
                where: { $0.projectID == project && $0.name == name },
                order: { [$0.id.descending] }, limit: 2, deleted: .included)
            // The live one, where a deleted one had the name before.
            let found = try site.tx.experiments.page(query)
            guard let experiment = found.first(where: { $0.deletedAt == nil }) ?? found.first
            else {
                throw MLflowError.absent("Could not find experiment with name '\(name)'")
            }
            return ["experiment": experiment.mlflow]
        }
        calls.write(.post, "experiments/update") { fields, site in
            try change(fields, site) { experiment in
                if let name = try fields.text("new_name") { experiment.name = name }
            }
        }
        calls.write(.post, "experiments/set-experiment-tag") { fields, site in
            let (key, value) = (try fields.requiredText("key"), try fields.anyText("value") ?? "")
            return try change(fields, site) { $0.setTag(key, to: value) }
        }
        calls.write(.post, "experiments/delete-experiment-tag") { fields, site in
            let key = try fields.requiredText("key")
            return try change(fields, site) { experiment in
                guard experiment.keyedTags[key] != nil else {
                    throw MLflowError.absent(
                        "No tag with name: \(key) in experiment with id "
                            + MLflowSite.wire(experiment.id))
                }
                experiment.setTag(key, to: nil)
            }
        }
        calls.write(.post, "experiments/delete") { fields, site in
            let experiment = try site.experiment(try fields.requiredText("experiment_id"))
            if experiment.deletedAt == nil { try site.tx.experiments.delete(experiment.id) }
            return [:]
        }
        calls.write(.post, "experiments/restore") { fields, site in
            let experiment = try site.experiment(try fields.requiredText("experiment_id"))
            if experiment.deletedAt != nil { try site.tx.experiments.restore(experiment.id) }
            return [:]
        }
    }

    private func change(
        _ fields: MLflowFields, _ site: MLflowSite, _ body: (inout Experiment) throws -> Void
    ) throws -> JSONValue {
        var experiment = try site.experiment(
            try fields.requiredText("experiment_id"), deleted: .excluded)
        try body(&experiment)
        try site.tx.experiments.update(experiment)
        return [:]
    }
}

extension Experiment {
    /// Tags with values, which MLflow gives experiments: `config` keeps them, as an import does.
    var keyedTags: [String: JSONValue] { config["tags"]?.object ?? [:] }

    mutating func setTag(_ key: String, to value: String?) {
        var tags = keyedTags
        tags[key] = value.map(JSONValue.string)
        var members = config.object ?? [:]
        members["tags"] = .object(tags)
        config = .object(members)
    }

    /// The experiment as MLflow shows it.
    var mlflow: JSONValue {
        let id = MLflowSite.wire(id)
        var members: [String: JSONValue] = [
            "experiment_id": .string(id), "name": .string(name),
            "artifact_location": .string("mlflow-artifacts:/\(id)"),
            "lifecycle_stage": .string(deletedAt == nil ? "active" : "deleted"),
            "creation_time": .int(createdAt.milliseconds),
            "last_update_time": .int(updatedAt.milliseconds),
        ]
        let tags = keyedTags.sorted { $0.key < $1.key }.map { tag -> JSONValue in
            ["key": .string(tag.key), "value": .string(tag.value.string ?? tag.value.description)]
        }
        if !tags.isEmpty { members["tags"] = .array(tags) }
        return .object(members)
    }
}
