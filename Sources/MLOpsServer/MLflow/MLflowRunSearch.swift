import Foundation
import MLOpsCore

/// The search for runs: its filter, order and view.
struct MLflowRunSearch {
    private static let entities = [
        "metric": "metric", "metrics": "metric", "param": "parameter", "params": "parameter",
        "parameter": "parameter", "parameters": "parameter", "tag": "tag", "tags": "tag",
        "attribute": "attribute", "attributes": "attribute", "attr": "attribute",
        "run": "attribute", "": "attribute", "dataset": "dataset", "datasets": "dataset",
    ]
    private static let columns = ExperimentRun.columns

    private static func kind(_ entity: String) throws -> String {
        guard let kind = entities[entity.lowercased()] else {
            throw MLflowError.invalid(
                "Invalid entity type '\(entity)'. Valid values are "
                    + "['metric', 'parameter', 'tag', 'attribute', 'dataset']")
        }
        return kind
    }

    // MARK: Filter

    /// The filter that a comparison says.
    static func filter(_ part: MLflowComparison) throws -> Filter<ExperimentRun> {
        switch try kind(part.entity) {
        case "metric":
            let path = columns.metrics[part.key]
            switch part.sign {
            case .equal: return path == (try part.number("metric"))
            case .notEqual:
                return path.exists && path != (try part.number("metric"))
            case .less: return path < (try part.number("metric"))
            case .lessOrEqual: return path <= (try part.number("metric"))
            case .greater: return path > (try part.number("metric"))
            case .greaterOrEqual: return path >= (try part.number("metric"))
            default: throw part.refused("metric")
            }
        case "parameter": return try parameter(part)
        case "tag": return try tag(part)
        case "dataset":
            throw MLflowError.invalid("Runs are not searched by their datasets here.")
        default: return try attribute(part)
        }
    }

    /// A parameter has its text; one of a Swift program may be inside another, or a number.
    private static func parameter(
        _ part: MLflowComparison
    ) throws -> Filter<ExperimentRun> {
        let own = columns.parameters[key: part.key]
        var filter = try part.holds(own, "parameter")
        let names = part.key.split(separator: ".").map(String.init)
        let paths =
            names.count > 1
            ? [own, names.dropFirst().reduce(columns.parameters[key: names[0]]) { $0[$1] }] : [own]
        if names.count > 1 { filter = filter || (try part.holds(paths[1], "parameter")) }
        guard part.sign == .equal, case .text(let text) = part.operand,
            let value = try? JSONValue(parsing: text), value.string == nil
        else { return filter }
        return paths.reduce(filter) { $0 || $1 == value }
    }

    private static func tag(_ part: MLflowComparison) throws -> Filter<ExperimentRun> {
        switch part.key {
        case MLflowTags.name: return try part.holds(columns.runName, "tag")
        case MLflowTags.parent:
            guard part.sign == .equal, case .text(let text) = part.operand else {
                throw part.refused("tag")
            }
            let asTag = try part.holds(columns.tags[part.key], "tag")
            guard let id = MLflowSite.id(text, of: ExperimentRun.self) else { return asTag }
            return columns.parentRunID == id || asTag
        default: return try part.holds(columns.tags[MLflowTags.stored(part.key)], "tag")
        }
    }

    private static func attribute(
        _ part: MLflowComparison
    ) throws -> Filter<ExperimentRun> {
        switch part.key {
        case "status":
            guard let status = RunStatus(mlflow: try part.text("attribute")) else {
                // As with any other text: no run has it.
                return part.sign == .notEqual ? columns.id.isNotNull : columns.id.isIn([])
            }
            switch part.sign {
            case .equal: return columns.status == status
            case .notEqual: return columns.status != status
            default: throw part.refused("attribute")
            }
        case "run_id": return try id(part)
        case "run_name", "run name", "Run name", "Run Name":
            return try part.holds(columns.runName, "attribute")
        case "start_time", "created", "Created": return try part.holds(time: columns.startedAt)
        case "end_time": return try part.holds(time: columns.completedAt)
        case "user_id", "user", "User":
            return try part.holds(columns.tags[MLflowTags.user], "attribute")
        default: throw unknown(part.key)
        }
    }

    /// A comparison in the search for logged models, whose attributes are fewer.
    static func modelFilter(_ part: MLflowComparison) throws -> Filter<ExperimentRun> {
        switch (try kind(part.entity), part.key) {
        case ("attribute", "name"): try part.holds(columns.runName, "attribute")
        case ("attribute", "status"):
            switch (part.sign, try part.text("attribute")) {
            case (.equal, "READY"), (.equal, "LOGGED_MODEL_READY"): columns.status == .completed
            case (.equal, "PENDING"), (.equal, "LOGGED_MODEL_PENDING"): columns.status == .running
            case (.equal, _): columns.status == .failed
            default: throw part.refused("attribute")
            }
        case ("attribute", "creation_timestamp"), ("attribute", "creation_time"):
            try part.holds(time: columns.createdAt)
        case ("attribute", "source_run_id"):
            columns.parentRunID.isIn(
                [MLflowSite.id(try part.text("attribute"), of: ExperimentRun.self)].compactMap(
                    \.self))
        case ("attribute", _): throw unknown(part.key)
        default: try filter(part)
        }
    }

    private static func id(_ part: MLflowComparison) throws -> Filter<ExperimentRun> {
        func ids(_ texts: [String]) -> [Identifier<ExperimentRun>] {
            texts.compactMap { MLflowSite.id($0, of: ExperimentRun.self) }
        }
        switch (part.sign, part.operand) {
        case (.equal, .text(let text)): return columns.id.isIn(ids([text]))
        case (.notEqual, .text(let text)): return !columns.id.isIn(ids([text]))
        case (.among, .texts(let texts)): return columns.id.isIn(ids(texts))
        case (.notAmong, .texts(let texts)): return !columns.id.isIn(ids(texts))
        default: throw part.refused("attribute")
        }
    }

    private static func unknown(_ key: String) -> MLflowError {
        .invalid(
            "Invalid attribute key '\(key)' specified. Valid keys are '{'start_time', 'end_time', "
                + "'run_id', 'status', 'run_name', 'created', 'user_id', 'Created'}'")
    }

    // MARK: Order

    /// The order of the texts; the newest run comes first without one.
    static func order(_ texts: [String]) throws -> [Order<ExperimentRun>] {
        guard !texts.isEmpty else { return [columns.startedAt.descending] }
        var seen: Set<String> = []
        return try texts.map { text in
            let words = try MLflowScanner.words(text)
            guard let field = words.first, words.count <= 2,
                words.count == 1 || words[1].isWord("ASC") || words[1].isWord("DESC")
            else { throw MLflowError.invalid("Invalid order_by clause '\(text)'.") }
            guard seen.insert(field.description).inserted else {
                throw MLflowError.invalid("`order_by` contains duplicate fields: \(texts)")
            }
            return try order(field, descends: words.count == 2 && words[1].isWord("DESC"))
        }
    }

    private static func order(
        _ field: MLflowWord, descends: Bool
    ) throws -> Order<ExperimentRun> {
        guard let (entity, key) = field.field else {
            throw MLflowError.invalid("Invalid order_by clause '\(field.description)'.")
        }
        func by(_ path: JSONPath<ExperimentRun>) -> Order<ExperimentRun> {
            descends ? path.descending : path.ascending
        }
        func by<Value>(_ column: Column<ExperimentRun, Value>) -> Order<ExperimentRun> {
            column.order(descends: descends)
        }
        switch try kind(entity) {
        case "metric": return by(columns.metrics[key])
        case "parameter": return by(columns.parameters[key: key])
        case "attribute":
            switch key {
            case "start_time", "created", "Created": return by(columns.startedAt)
            case "end_time": return by(columns.completedAt)
            case "run_id": return by(columns.id)
            case "run_name", "run name", "Run name", "Run Name": return by(columns.runName)
            case "status": return by(columns.status)
            default: throw unknown(key)
            }
        default:
            throw MLflowError.invalid(
                "Runs are ordered here by metrics, parameters and attributes, not by "
                    + "\(field.description).")
        }
    }
}

extension DeletedRows {
    /// What a view of theirs shows.
    init(mlflow view: String?) throws {
        switch view ?? "ACTIVE_ONLY" {
        case "ACTIVE_ONLY": self = .excluded
        case "DELETED_ONLY": self = .only
        case "ALL": self = .included
        case let other:
            throw MLflowFields.wrong(.string(other), "run_view_type")
        }
    }
}
