import Foundation
import MLOpsCore

/// A point of a metric as a client sends it.
struct MLflowPoint: Hashable, Comparable {
    /// The steps of a metric.
    struct Place: Hashable {
        let key: String
        let step: Int64
    }

    let key: String
    let value: Double
    let milliseconds: Int64
    let step: Int64
    /// The logged model that it is about, if it is about one.
    var modelID: String?

    var place: Place { Place(key: key, step: step) }
    var date: Date { Date(milliseconds: milliseconds) }

    init(_ fields: MLflowFields) throws {
        key = try MLflowName.checked(try fields.requiredText("key"), "Metric")
        guard let value = try fields.number("value") else { throw MLflowError.missing("value") }
        guard let time = try fields.integer("timestamp") else {
            throw MLflowError.missing("timestamp")
        }
        (self.value, milliseconds) = (value, time)
        step = try fields.integer("step") ?? 0
        modelID = try fields.text("model_id")
    }

    init(_ key: String, _ point: MetricPoint) {
        self.key = key
        (value, step) = (point.value, point.step)
        milliseconds = point.timestamp.milliseconds
    }

    // NaN equals itself here: a repeated one is the same point.

    static func == (left: Self, right: Self) -> Bool {
        (left.key, left.value.bitPattern, left.milliseconds, left.step)
            == (right.key, right.value.bitPattern, right.milliseconds, right.step)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(key)
        hasher.combine(value.bitPattern)
        hasher.combine(milliseconds)
        hasher.combine(step)
    }

    /// In the order of MLflow, in which the last one of a metric is its newest: by step, time and
    /// value, NaN as 0.
    static func < (left: Self, right: Self) -> Bool {
        func value(_ point: Self) -> Double { point.value.isNaN ? 0 : point.value }
        return (left.key, left.step, left.milliseconds, value(left))
            < (right.key, right.step, right.milliseconds, value(right))
    }
}

/// The points, parameters and tags of a `log-batch`.
struct MLflowBatch {
    let points: [MLflowPoint]
    let parameters: [(key: String, value: String)]
    let tags: [(key: String, value: String)]

    /// - Throws: `MLflowError` for more than MLflow takes at once, and for a parameter twice.
    init(_ fields: MLflowFields) throws {
        let points = try fields.list("metrics")
        parameters = try fields.pairs("params")
        tags = try fields.pairs("tags")
        for (noun, count, limit) in [
            ("metrics", points.count, 1000), ("params", parameters.count, 100),
            ("tags", tags.count, 100),
        ] where count > limit {
            throw MLflowError.invalid(
                "A batch logging request can contain at most \(limit) \(noun). Got \(count) "
                    + "\(noun). Please split up \(noun) across multiple requests and try again.")
        }
        guard points.count + parameters.count + tags.count <= 1000 else {
            throw MLflowError.invalid(
                "A batch logging request can contain at most 1000 total elements. Please split up "
                    + "across multiple requests and try again.")
        }
        var keys: Set<String> = []
        let twice = parameters.map(\.key).filter { !keys.insert($0).inserted }
        guard twice.isEmpty else {
            throw MLflowError.invalid(
                "Duplicate parameter keys have been submitted: "
                    + "[\(twice.map { "'\($0)'" }.joined(separator: ", "))]. Please ensure the "
                    + "request contains only one param value per param key.")
        }
        self.points = try points.map(MLflowPoint.init)
    }
}

/// The names of metrics, parameters and tags that MLflow takes.
enum MLflowName {
    private static let maximum = 250
    private static let signs = Set("/_-. :")

    /// - Throws: `MLflowError`.
    static func checked(_ name: String, _ noun: String) throws -> String {
        func wrong(_ why: String) -> MLflowError {
            .invalid(
                "Invalid value \(JSONValue.string(name)) for parameter 'name' supplied: \(why)")
        }
        guard name.count <= maximum else {
            throw MLflowError.invalid(
                "'\(noun) name' exceeds the maximum length of \(maximum) characters")
        }
        guard name.allSatisfy({ $0.isLetter || $0.isNumber || signs.contains($0) }) else {
            throw wrong(
                "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), "
                    + "spaces ( ), colon(:) and slashes (/).")
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isPath = parts.contains { ["", ".", ".."].contains($0) }
        guard !isPath else {
            throw wrong(
                "Names may be treated as files in certain cases, and must not resolve to other "
                    + "names when treated as such. This name would resolve to '\(name)'")
        }
        return name
    }
}
