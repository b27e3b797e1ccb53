import Foundation
import HTTPTypes
import MLOpsCore

// The calls about logged models, and about what goes into a run and comes out.
extension MLflowFace {
    func addLoggedModels(to calls: MLflowCalls) {
        calls.write(.post, "logged-models") { fields, site in
            let experiment = try site.experiment(try fields.requiredText("experiment_id"))
            let source = try fields.text("source_run_id")
            let parent = source.flatMap { try? site.run($0) }
            let isHere = parent?.experimentID == experiment.id && parent?.deletedAt == nil
            var model = ExperimentRun(
                experiment: experiment.id, parentRun: isHere ? parent?.id : nil, runName: "",
                kind: .loggedModel, status: .running, startedAt: .now)
            model.runName = try fields.text("name") ?? MLflowSite.modelWire(model.id)
            model.mlflowExtras["source_run_id"] = source.map(JSONValue.string)
            model.mlflowExtras["model_type"] = try fields.text("model_type").map(JSONValue.string)
            model.parameters = .object(
                Dictionary(try fields.pairs("params").map { ($0.key, .string($0.value)) }) { $1 })
            model.tags = Dictionary(try fields.pairs("tags").map { ($0.key, $0.value) }) { $1 }
            return ["model": try site.answer(loggedModel: try site.tx.runs.insert(model))]
        }
        calls.read(.get, "logged-models/:model_id") { fields, site in
            ["model": try site.answer(loggedModel: try site.loggedModel(fields))]
        }
        calls.write(.patch, "logged-models/:model_id") { fields, site in
            var model = try site.loggedModel(fields)
            switch try fields.text("status") {
            case "LOGGED_MODEL_READY": model.status = .completed
            case "LOGGED_MODEL_UPLOAD_FAILED": model.status = .failed
            default: break
            }
            if model.status != .running { model.completedAt = max(.now, model.startedAt ?? .now) }
            return ["model": try site.answer(loggedModel: try site.tx.runs.update(model))]
        }
        calls.write(.delete, "logged-models/:model_id") { fields, site in
            try site.tx.runs.delete(try site.loggedModel(fields).id)
            return [:]
        }
        calls.write(.patch, "logged-models/:model_id/tags") { fields, site in
            var model = try site.loggedModel(fields)
            for (key, value) in try fields.pairs("tags") { model.tags[key] = value }
            try site.tx.runs.update(model)
            return [:]
        }
        calls.write(.delete, "logged-models/:model_id/tags/:key") { fields, site in
            var model = try site.loggedModel(fields)
            let key = try fields.requiredText("key")
            guard model.tags.removeValue(forKey: key) != nil else {
                throw MLflowError.absent("No tag with key '\(key)' in the logged model.")
            }
            try site.tx.runs.update(model)
            return [:]
        }
        calls.write(.post, "logged-models/:model_id/params") { fields, site in
            let model = try site.loggedModel(fields)
            try site.setParameters(try fields.pairs("params"), tags: [], of: model)
            return [:]
        }
        calls.read(.post, "logged-models/search") { fields, site in
            let limit = try fields.limit(default: 50, maximum: 50)
            let ids = try fields.texts("experiment_ids").compactMap {
                MLflowSite.id($0, of: Experiment.self)
            }
            var query = Query<ExperimentRun>(
                where: { $0.experimentID.isIn(ids) && $0.kind == .loggedModel })
            query.order = [ExperimentRun.columns.createdAt.descending]
            try query.filter(by: try fields.text("filter"), MLflowRunSearch.modelFilter)
            query.cursor = try MLflowToken.cursor(try fields.text("page_token"))
            let (models, next) = try site.rows(query, limit)
            return .page("models", try models.map { try site.answer(loggedModel: $0) }, next)
        }
    }

    func addInputs(to calls: MLflowCalls) {
        calls.write(.post, "runs/log-inputs") { fields, site in
            let run = try site.liveRun(fields)
            for input in try fields.list("datasets") {
                guard let part = try input.part("dataset") else {
                    throw MLflowError.missing("dataset")
                }
                let context = try input.pairs("tags").first { $0.key == "mlflow.data.context" }
                // What a dataset of ours has no field for is kept in its schema.
                var schema: [String: JSONValue] = [:]
                for name in ["schema", "profile", "source_type"] {
                    schema[name] = try part.text(name).map(JSONValue.string)
                }
                try site.tx.log(
                    dataset: Dataset(
                        name: try part.requiredText("name"),
                        digest: try part.requiredText("digest"), source: try part.text("source"),
                        schema: .object(schema), context: context?.value), in: run.id)
            }
            try site.add(try fields.list("models"), to: "inputs", of: run)
            return [:]
        }
        calls.write(.post, "runs/outputs") { fields, site in
            try site.add(try fields.list("models"), to: "outputs", of: try site.liveRun(fields))
            return [:]
        }
    }
}

extension MLflowSite {
    fileprivate func loggedModel(_ fields: MLflowFields) throws -> ExperimentRun {
        try loggedModel(try fields.requiredText("model_id"))
    }

    /// Adds models to what went into a run, or came out of it.
    fileprivate func add(_ models: [MLflowFields], to list: String, of run: ExperimentRun) throws {
        guard !models.isEmpty else { return }
        var run = try tx.runs.find(run.id)
        var known = run.mlflowExtras[list]?.array ?? []
        for model in models {
            var members: [String: JSONValue] = [
                "model_id": .string(try model.requiredText("model_id"))
            ]
            members["step"] = try model.integer("step").map(JSONValue.int)
            if !known.contains(.object(members)) { known.append(.object(members)) }
        }
        run.mlflowExtras[list] = .array(known)
        try tx.runs.update(run)
    }
}
