import Foundation
import HTTPTypes
import MLOpsCore

// The calls about registered models.
extension MLflowFace {
    func addModels(to calls: MLflowCalls) {
        calls.write(.post, "registered-models/create") { fields, site in
            let name = try fields.requiredText("name")
            guard !name.contains("/"), !name.contains(":") else {
                throw MLflowError.invalid(
                    "Invalid model name '\(name)'. Names cannot contain '/' or ':'.")
            }
            let project = try site.projectToWrite()
            guard try site.tx.models.named(name, in: project) == nil else {
                throw MLflowError.exists("Registered Model (name=\(name)) already exists.")
            }
            var model = Model(
                project: project, name: name, description: try fields.text("description"))
            for (key, value) in try fields.pairs("tags") { model.setTag(key, to: value) }
            return ["registered_model": try site.answer(try site.tx.models.insert(model))]
        }
        calls.read(.get, "registered-models/get") { fields, site in
            ["registered_model": try site.answer(try site.model(fields))]
        }
        calls.write(.patch, "registered-models/update") { fields, site in
            var model = try site.model(fields)
            model.description = try fields.anyText("description")
            return ["registered_model": try site.answer(try site.tx.models.update(model))]
        }
        calls.write(.post, "registered-models/rename") { fields, site in
            var model = try site.model(fields)
            let name = try fields.requiredText("new_name")
            guard try site.tx.models.named(name, in: model.projectID) == nil else {
                throw MLflowError.exists("Registered Model (name=\(name)) already exists.")
            }
            model.name = name
            return ["registered_model": try site.answer(try site.tx.models.update(model))]
        }
        calls.write(.delete, "registered-models/delete") { fields, site in
            try site.tx.models.delete(try site.model(fields).id)
            return [:]
        }
        for method in [HTTPRequest.Method.get, .post] {
            calls.read(method, "registered-models/get-latest-versions") { fields, site in
                let model = try site.model(fields)
                let stages = try fields.texts("stages").map { ModelStage(mlflow: $0) }
                let latest = try site.tx.modelVersions.of(model: model.id).newestOfStages
                    .filter { stages.isEmpty || stages.contains($0.stage) }
                return .some([
                    "model_versions": try latest.map { try site.answer($0, of: model) }
                ])
            }
        }
        calls.write(.post, "registered-models/set-tag") { fields, site in
            var model = try site.model(fields)
            model.setTag(
                try fields.requiredText("key"), to: try fields.anyText("value") ?? "")
            try site.tx.models.update(model)
            return [:]
        }
        calls.write(.delete, "registered-models/delete-tag") { fields, site in
            var model = try site.model(fields)
            let key = try fields.requiredText("key")
            guard model.keyedTags[key] != nil else { return [:] }
            model.setTag(key, to: nil)
            try site.tx.models.update(model)
            return [:]
        }
        addAliases(to: calls)
        calls.read(.get, "registered-models/search") { fields, site in
            let limit = try fields.limit(default: 100, maximum: 1000)
            let project = try site.project()
            var query = Query<Model>(where: { $0.projectID == project })
            query.order = try Self.modelOrder(try fields.texts("order_by"))
            try query.filter(by: try fields.text("filter"), Self.modelFilter)
            query.cursor = try MLflowToken.cursor(try fields.text("page_token"))
            let (models, next) = try site.rows(query, limit)
            return .page("registered_models", try models.map { try site.answer($0) }, next)
        }
    }

    private func addAliases(to calls: MLflowCalls) {
        calls.write(.post, "registered-models/alias") { fields, site in
            let alias = try fields.requiredText("alias")
            guard alias.lowercased() != "latest" else {
                throw MLflowError.invalid(
                    "'\(alias)' alias name (case insensitive) is reserved.")
            }
            guard alias.wholeMatch(of: /[vV]\d+/) == nil else {
                throw MLflowError.invalid("Version alias name '\(alias)' is reserved.")
            }
            let (model, version) = try site.version(fields)
            try site.tx.models.setAlias(alias, to: version.id, of: model.id)
            return [:]
        }
        calls.write(.delete, "registered-models/alias") { fields, site in
            let alias = try fields.requiredText("alias")
            try site.tx.models.removeAlias(alias, of: try site.model(fields).id)
            return [:]
        }
        calls.read(.get, "registered-models/alias") { fields, site in
            let model = try site.model(fields)
            let alias = try fields.requiredText("alias")
            let version =
                alias.lowercased() == "latest"
                ? try site.tx.modelVersions.of(model: model.id).max { $0.number < $1.number }
                : try site.tx.models.aliases(of: model.id)[alias]
            guard let version else {
                throw MLflowError.invalid("Registered model alias \(alias) not found.")
            }
            return ["model_version": try site.answer(version, of: model)]
        }
    }

    private static func modelFilter(_ part: MLflowComparison) throws -> Filter<Model> {
        let columns = Model.columns
        switch (part.entity.lowercased(), part.key) {
        case ("tag", let key), ("tags", let key):
            let path = columns.metadata["tags", key]
            let filter = try part.holds(path, "tag")
            // Clients ask with it for what is no prompt, which models without the tag are too.
            return key == "mlflow.prompt.is_prompt" && part.sign == .notEqual
                ? filter || !path.exists : filter
        case ("", "name"), ("attribute", "name"), ("attributes", "name"):
            return try part.holds(columns.name, "attribute")
        default:
            throw MLflowError.invalid(
                "Invalid attribute key '\(part.key)' specified. Valid keys are '{'name'}'")
        }
    }

    private static func modelOrder(_ texts: [String]) throws -> [Order<Model>] {
        let columns = Model.columns
        return try texts.mlflowOrders(default: columns.name.ascending) { key, descends in
            switch key {
            case "name": columns.name.order(descends: descends)
            case "timestamp", "creation_timestamp": columns.createdAt.order(descends: descends)
            case "last_updated_timestamp": columns.updatedAt.order(descends: descends)
            default: nil
            }
        }
    }
}
