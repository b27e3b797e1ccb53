import Foundation
import MLOpsCore

extension SampleStory {
    /// The metrics of the service, measured every hour.
    enum ServiceMetric: String, CaseIterable {
        case latency = "latency_p95_ms"
        case accuracy
        case errorRate = "error_rate"

        var minimum: Double? { self == .accuracy ? 0.93 : nil }

        var maximum: Double? {
            switch self {
            case .latency: 120
            case .accuracy: nil
            case .errorRate: 0.01
            }
        }
    }

    /// The time of an unexplained rise in latency, which lasts one hour: Friday, 20:00.
    var spike: Date { time(4, 20) }

    /// Makes a week of measurements, one for each full hour and metric.
    mutating func makeMonitoring(_ service: Service) throws -> [ModelMonitoring] {
        var rows: [ModelMonitoring] = []
        for hour in 1...168 {
            let date = time(0, hour)
            for metric in ServiceMetric.allCases {
                rows.append(
                    ModelMonitoring(
                        id: id(date), deployment: service.deployment, metricName: metric.rawValue,
                        value: measure(metric, hour: hour, at: date, service).rounded6,
                        thresholdMin: metric.minimum, thresholdMax: metric.maximum,
                        recordedAt: date, createdAt: date))
            }
        }
        return try view(engineer, time(7, 0)).monitoring.insert(contentsOf: rows)
    }

    /// A measured value.
    ///
    /// Latency follows the traffic of the day. The bad version worsens all metrics, and the drift
    /// on Saturday reduces accuracy.
    private mutating func measure(
        _ metric: ServiceMetric, hour: Int, at date: Date, _ service: Service
    ) -> Double {
        let isBad = date > service.updated && date < service.rolledBack
        switch metric {
        case .latency:
            let fromNoon = Double(hour % 24 - 13) / 13
            let traffic = max(0, 1 - fromNoon * fromNoon)
            let extra = isBad ? 105.0 : date == spike ? 95 : 0
            return 44 + 24 * traffic + extra + 4 * random.noise()
        case .accuracy:
            let isSaturday = hour > 120 && hour <= 144
            return (isBad ? 0.874 : isSaturday ? 0.942 : 0.956) + 0.006 * random.noise()
        case .errorRate:
            return (isBad ? 0.034 : 0.0024) + 0.0012 * random.noise()
        }
    }
}
