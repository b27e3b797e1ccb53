import Foundation
import MLOpsCore

/// Points of one metric, as a line of an archive has them.
struct ArchivePoints {
    let metric: String
    private(set) var points: [MetricPoint] = []

    init(metric: String) { self.metric = metric }

    mutating func add(_ point: RunMetric) {
        points.append(
            MetricPoint(step: point.step, value: point.value, timestamp: point.timestamp))
    }

    /// The members `metric`, `steps`, `times` in microseconds since 1970 UTC, and `values`.
    ///
    /// - Throws: `.invalidValue` for a time that no store takes.
    func json() throws -> JSONValue {
        [
            "metric": .string(metric), "steps": .array(points.map { .int($0.step) }),
            "times": .array(
                try points.map {
                    guard case .time(let time) = try $0.timestamp.storedValue() else {
                        return .null
                    }
                    return .int(time)
                }),
            "values": .array(points.map { Self.json($0.value) }),
        ]
    }

    /// Reads the members.
    ///
    /// - Throws: ``ImportSourceError``.
    init(json: JSONValue, of entry: String) throws {
        let damage = ImportSourceError.damaged(entry, "has points that no export writes")
        guard let metric = json["metric"]?.string, let steps = json["steps"]?.array,
            let times = json["times"]?.array, let values = json["values"]?.array,
            steps.count == times.count, steps.count == values.count,
            (1...ArchiveLayout.batch).contains(steps.count), !metric.isEmpty
        else { throw damage }
        self.metric = metric
        points.reserveCapacity(steps.count)
        for index in steps.indices {
            guard let step = steps[index].int, let value = Self.number(values[index]),
                let time = times[index].int, let date = Date(.time(time)),
                date.storable == time
            else { throw damage }
            points.append(MetricPoint(step: step, value: value, timestamp: date))
        }
    }

    /// A number; what JSON cannot say is the text that a row's JSON has.
    private static func json(_ value: Double) -> JSONValue {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "Infinity" : "-Infinity" }
        return value == 0 && value.sign == .minus ? "-0.0" : .double(value)
    }

    private static func number(_ json: JSONValue) -> Double? {
        switch json {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        case "-0.0": -0.0
        default: json.double
        }
    }
}

extension Date {
    /// The microseconds as a store keeps them; `nil` for a time that it does not take.
    fileprivate var storable: Int64? {
        guard case .time(let time)? = try? storedValue() else { return nil }
        return time
    }
}
