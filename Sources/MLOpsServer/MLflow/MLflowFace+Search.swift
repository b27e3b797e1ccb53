import Foundation
import HTTPTypes
import MLOpsCore

// The searches for runs and experiments.
extension MLflowFace {
    func addSearches(to calls: MLflowCalls) {
        calls.read(.post, "runs/search") { fields, site in
            let limit = try fields.limit(default: 1000, maximum: 50_000)
            let ids = try fields.texts("experiment_ids").compactMap {
                $0 == "0"
                    ? try? site.experiment($0).id : MLflowSite.id($0, of: Experiment.self)
            }
            var query = Query<ExperimentRun>(
                where: { $0.experimentID.isIn(ids) },
                deleted: try DeletedRows(mlflow: try fields.text("run_view_type")))
            query.order = try MLflowRunSearch.order(try fields.texts("order_by"))
            try query.filter(by: try fields.text("filter"), MLflowRunSearch.filter)
            query.cursor = try MLflowToken.cursor(try fields.text("page_token"))
            let (runs, next) = try site.rows(query, limit)
            return .page("runs", try runs.map { try site.answer($0) }, next)
        }
        for method in [HTTPRequest.Method.get, .post] {
            calls.read(method, "experiments/search") { fields, site in
                let limit = try fields.limit(default: 0, maximum: 50_000, isRequired: true)
                let project = try site.project()
                var query = Query<Experiment>(
                    where: { $0.projectID == project },
                    deleted: try DeletedRows(mlflow: try fields.text("view_type")))
                query.order = try Self.experimentOrder(try fields.texts("order_by"))
                try query.filter(by: try fields.text("filter"), Self.experimentFilter)
                query.cursor = try MLflowToken.cursor(try fields.text("page_token"))
                let (found, next) = try site.rows(query, limit)
                return .page("experiments", found.map(\.mlflow), next)
            }
        }
    }

    private static func experimentFilter(
        _ part: MLflowComparison
    ) throws -> Filter<Experiment> {
        let columns = Experiment.columns
        switch (part.entity.lowercased(), part.key) {
        case ("tag", let key), ("tags", let key):
            return try part.holds(columns.config["tags", key], "tag")
        case ("", "name"), ("attribute", "name"), ("attributes", "name"):
            return try part.holds(columns.name, "attribute")
        case ("", "creation_time"), ("attribute", "creation_time"),
            ("attributes", "creation_time"):
            return try part.holds(time: columns.createdAt)
        case ("", "last_update_time"), ("attribute", "last_update_time"),
            ("attributes", "last_update_time"):
            return try part.holds(time: columns.updatedAt)
        default:
            throw MLflowError.invalid(
                "Invalid attribute key '\(part.key)' specified. Valid keys are '{'name', "
                    + "'creation_time', 'last_update_time'}'")
        }
    }

    private static func experimentOrder(_ texts: [String]) throws -> [Order<Experiment>] {
        let columns = Experiment.columns
        return try texts.mlflowOrders(default: columns.createdAt.descending) { key, descends in
            switch key {
            case "name": columns.name.order(descends: descends)
            case "creation_time": columns.createdAt.order(descends: descends)
            case "last_update_time": columns.updatedAt.order(descends: descends)
            case "experiment_id": columns.id.order(descends: descends)
            default: nil
            }
        }
    }
}

extension MLflowSite {
    private static var pageSize: Int { 1000 }

    /// At most so many rows, and where the rest begins.
    func rows<Record: Entity>(
        _ query: Query<Record>, _ limit: Int
    ) throws -> (rows: [Record], next: Cursor?) {
        var query = query
        var rows: [Record] = []
        repeat {
            query.limit = min(Self.pageSize, limit - rows.count)
            let page: Page<Record>
            do {
                page = try tx.repository(of: Record.self).page(query)
            } catch let error as StoreError where error.field == "cursor" {
                throw MLflowToken.bad
            }
            rows += page.records
            query.cursor = page.next
        } while query.cursor != nil && rows.count < limit
        return (rows, query.cursor)
    }
}

extension JSONValue {
    /// A page of rows: without them, an empty object.
    static func page(_ name: String, _ rows: [JSONValue], _ next: Cursor?) -> JSONValue {
        var members: [String: JSONValue] = [:]
        if !rows.isEmpty { members[name] = .array(rows) }
        members["next_page_token"] = next.map { .string(MLflowToken.text($0)) }
        return .object(members)
    }
}
