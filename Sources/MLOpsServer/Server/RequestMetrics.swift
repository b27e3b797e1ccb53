import HTTPTypes
import Synchronization

/// What was asked, how it was answered and how long it took, in the text format of Prometheus
/// (version 0.0.4).
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let method: String
        /// The pattern of the path, so that ids make no series of their own.
        let endpoint: String
        let status: Int
    }

    private struct Series {
        var count = 0
        var seconds = 0.0
        var buckets = [Int](repeating: 0, count: RequestMetrics.bounds.count)
    }

    /// The upper bounds of the buckets, in seconds.
    private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30]
    private let series = Mutex<[Key: Series]>([:])
    private let underWay = Atomic(0)

    func begin() { underWay.add(1, ordering: .relaxed) }

    func end(
        _ method: HTTPRequest.Method, _ endpoint: String, _ status: HTTPResponse.Status,
        seconds: Double
    ) {
        underWay.subtract(1, ordering: .relaxed)
        // A method is any text that a client likes; unknown ones share a series.
        let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        let key = Key(
            method: known.contains(method) ? method.rawValue : "OTHER", endpoint: endpoint,
            status: status.code)
        series.withLock { series in
            var own = series[key] ?? Series()
            own.count += 1
            own.seconds += seconds
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound {
                own.buckets[index] += 1
            }
            series[key] = own
        }
    }

    /// The text that Prometheus reads.
    var text: String {
        let series = series.withLock { $0 }.sorted {
            ($0.key.endpoint, $0.key.method, $0.key.status)
                < ($1.key.endpoint, $1.key.method, $1.key.status)
        }
        var lines = [
            "# HELP mlops_http_requests_under_way Requests that have no answer yet.",
            "# TYPE mlops_http_requests_under_way gauge",
            "mlops_http_requests_under_way \(underWay.load(ordering: .relaxed))",
            "# HELP mlops_http_request_duration_seconds How long answers took.",
            "# TYPE mlops_http_request_duration_seconds histogram",
        ]
        for (key, own) in series {
            let labels =
                "method=\"\(key.method)\",endpoint=\"\(key.endpoint)\",status=\"\(key.status)\""
            let name = "mlops_http_request_duration_seconds"
            for (bound, count) in zip(Self.bounds, own.buckets) {
                lines.append("\(name)_bucket{\(labels),le=\"\(bound)\"} \(count)")
            }
            lines.append("\(name)_bucket{\(labels),le=\"+Inf\"} \(own.count)")
            lines.append("\(name)_sum{\(labels)} \(own.seconds)")
            lines.append("\(name)_count{\(labels)} \(own.count)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
