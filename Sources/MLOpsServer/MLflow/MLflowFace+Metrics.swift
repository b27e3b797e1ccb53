import Foundation
import HTTPTypes
import MLOpsCore

// The calls about the points of metrics.
extension MLflowFace {
    private static let maximumPoints = 25_000
    private static let maximumRuns = 100

    func addMetrics(to calls: MLflowCalls) {
        calls.read(.get, "metrics/get-history") { fields, site in
            let run = try site.run(try fields.runID(), deleted: .excluded)
            let key = try fields.requiredText("metric_key")
            let limit = try fields.limit(default: .max, maximum: .max)
            let points = try site.points(of: run.id, key)
            let start = try MLflowToken.offset(try fields.text("page_token"))
            let part = points.dropFirst(start).prefix(limit)
            var answer: [String: JSONValue] = [:]
            if !part.isEmpty { answer["metrics"] = .array(part.map { $0.mlflow(key) }) }
            let end = start + part.count
            if end < points.count {
                answer["next_page_token"] = .string(MLflowToken.text(offset: end))
            }
            return .object(answer)
        }
        calls.read(.get, "metrics/get-history-bulk") { fields, site in
            let key = try fields.requiredText("metric_key")
            let limit = try fields.limit(
                default: Self.maximumPoints, maximum: Self.maximumPoints)
            var points: [JSONValue] = []
            for id in try Self.runIDs(fields, "run_id") {
                let run = try site.run(id, deleted: .excluded)
                for point in try site.points(of: run.id, key) where points.count < limit {
                    points.append(point.mlflow(key, run: run.id))
                }
            }
            return ["metrics": .array(points)]
        }
        calls.read(.get, "metrics/get-history-bulk-interval") { fields, site in
            let key = try fields.requiredText("metric_key")
            let limit = try fields.limit(default: 320, maximum: 2500)
            let start = try fields.integer("start_step") ?? .min
            let end = try fields.integer("end_step") ?? .max
            guard start <= end else {
                throw MLflowError.invalid(
                    "end_step must be greater than start_step. Found start_step=\(start) and "
                        + "end_step=\(end).")
            }
            var points: [JSONValue] = []
            for id in try Self.runIDs(fields, "run_ids") {
                let run = try site.run(id, deleted: .excluded)
                let all = try site.tx.metrics.history(of: run.id, metric: key, in: start...end)
                points += all.spread(over: limit).map { $0.mlflow(key, run: run.id) }
            }
            return .some(["metrics": points])
        }
    }

    private static func runIDs(_ fields: MLflowFields, _ name: String) throws -> [String] {
        let ids = try fields.texts(name)
        guard !ids.isEmpty else { throw MLflowError.missing(name) }
        guard ids.count <= maximumRuns else {
            throw MLflowError.invalid(
                "GetMetricHistoryBulk request cannot specify more than \(maximumRuns) run_ids. "
                    + "Received \(ids.count) run_ids.")
        }
        return ids
    }
}

extension MLflowSite {
    /// The points of a metric in MLflow's order: by time, step and value.
    fileprivate func points(
        of run: Identifier<ExperimentRun>, _ key: String
    ) throws -> [MetricPoint] {
        try tx.metrics.history(of: run, metric: key).sorted {
            ($0.timestamp, $0.step, $0.value) < ($1.timestamp, $1.step, $1.value)
        }
    }
}

extension [MetricPoint] {
    /// At most about this many points at even distances, with the first and the last one.
    fileprivate func spread(over limit: Int) -> [MetricPoint] {
        guard count > limit, limit > 1 else { return self }
        let distance = Double(count - 1) / Double(limit - 1)
        return (0..<limit).map { self[Int((Double($0) * distance).rounded())] }
    }
}

/// The tokens of pages that MLflow counts by rows.
enum MLflowToken {
    static func text(offset: Int) -> String {
        Data("{\"offset\": \(offset)}".utf8).base64EncodedString()
    }

    /// - Throws: `MLflowError` for a text that is no token.
    static func offset(_ text: String?) throws -> Int {
        guard let text else { return 0 }
        guard let data = Data(base64Encoded: text), let json = try? JSONValue(parsing: data),
            let offset = json["offset"]?.int, offset >= 0
        else { throw bad }
        return Int(offset)
    }

    /// A cursor of a query as a token.
    static func text(_ cursor: Cursor) -> String {
        Data(cursor.description.utf8).base64EncodedString()
    }

    /// - Throws: `MLflowError` for a text that is no token.
    static func cursor(_ text: String?) throws -> Cursor? {
        guard let text else { return nil }
        guard let data = Data(base64Encoded: text), let cursor = String(data: data, encoding: .utf8)
        else { throw bad }
        return Cursor(cursor)
    }

    static let bad = MLflowError.invalid("Invalid page token, could not base64-decode")
}
