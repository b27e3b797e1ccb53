public import Metrics

/// Feeds a ``DeploymentMonitor`` from swift-metrics.
///
/// ```swift
/// MetricsSystem.bootstrap(MonitorMetricsFactory(monitor))
/// ```
///
/// | swift-metrics | metric of the monitor |
/// | --- | --- |
/// | `Counter`, `FloatingPointCounter` | counter; `reset()` does nothing: each window begins at 0 |
/// | `Recorder` with `aggregate: true` | values |
/// | `Gauge`, `Recorder` with `aggregate: false`, `Meter` | gauge |
/// | `Timer` | values in milliseconds; the label gets the ending `_ms` unless it has it |
///
/// The name is the label, and dimensions follow it in braces, by key:
/// `requests{method=GET,status=200}`. In keys and values, `_` stands for the characters `{`, `}`,
/// `,` and `=` and for control characters. A monitor keeps a limited number of metrics, so choose
/// the dimensions where there are many values: metrics that then have the same name are one. A
/// metric that is destroyed keeps its place.
public struct MonitorMetricsFactory: MetricsFactory {
    private let monitor: DeploymentMonitor
    private let dimensions: Set<String>?

    /// Makes a factory.
    ///
    /// - Parameters:
    ///   - monitor: The monitor.
    ///   - dimensions: The keys of the dimensions that are kept; `nil` for all.
    public init(_ monitor: DeploymentMonitor, dimensions: Set<String>? = nil) {
        self.monitor = monitor
        self.dimensions = dimensions
    }

    /// A counter.
    public func makeCounter(
        label: String, dimensions: [(String, String)]
    ) -> any CounterHandler { CountHandler(metric: metric(label, dimensions)) }

    /// A counter of fractions.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { CountHandler(metric: metric(label, dimensions)) }

    /// A gauge.
    public func makeMeter(
        label: String, dimensions: [(String, String)]
    ) -> any MeterHandler { GaugeHandler(metric: metric(label, dimensions)) }

    /// Values, or a gauge unless they are aggregated.
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let metric = metric(label, dimensions)
        return aggregate ? ValueHandler(metric: metric) : GaugeHandler(metric: metric)
    }

    /// Values in milliseconds.
    public func makeTimer(
        label: String, dimensions: [(String, String)]
    ) -> any TimerHandler {
        let label = label.hasSuffix("_ms") ? label : "\(label)_ms"
        return TimeHandler(metric: metric(label, dimensions))
    }

    /// Does nothing: the metric keeps its place.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Does nothing: the metric keeps its place.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// Does nothing: the metric keeps its place.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Does nothing: the metric keeps its place.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Does nothing: the metric keeps its place.
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func metric(_ label: String, _ dimensions: [(String, String)]) -> MonitoredMetric {
        let kept = dimensions.filter { self.dimensions?.contains($0.0) ?? true }
            .sorted { $0 < $1 }
            .map { "\($0.0.withoutMarks)=\($0.1.withoutMarks)" }
        guard !kept.isEmpty else { return monitor.metric(label) }
        return monitor.metric("\(label){\(kept.joined(separator: ","))}")
    }
}

extension String {
    /// The text with `_` for what separates dimensions, and for control characters.
    fileprivate var withoutMarks: String {
        let marks: Set<UInt8> = Set("{},=\u{7F}".utf8)
        let bytes = utf8.map { $0 < 0x20 || marks.contains($0) ? UInt8(ascii: "_") : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}

// MARK: - Handlers

private final class CountHandler: CounterHandler, FloatingPointCounterHandler {
    private let metric: MonitoredMetric
    init(metric: MonitoredMetric) { self.metric = metric }

    func increment(by amount: Int64) { metric.count(by: Double(amount)) }
    func increment(by amount: Double) { metric.count(by: amount) }
    func reset() {}
}

private final class ValueHandler: RecorderHandler {
    private let metric: MonitoredMetric
    init(metric: MonitoredMetric) { self.metric = metric }

    func record(_ value: Int64) { metric.record(Double(value)) }
    func record(_ value: Double) { metric.record(value) }
}

private final class GaugeHandler: MeterHandler, RecorderHandler {
    private let metric: MonitoredMetric
    init(metric: MonitoredMetric) { self.metric = metric }

    func set(_ value: Int64) { metric.set(Double(value)) }
    func set(_ value: Double) { metric.set(value) }
    func increment(by amount: Double) { metric.add(amount) }
    func decrement(by amount: Double) { metric.add(-amount) }
    func record(_ value: Int64) { metric.set(Double(value)) }
    func record(_ value: Double) { metric.set(value) }
}

private final class TimeHandler: TimerHandler {
    private let metric: MonitoredMetric
    init(metric: MonitoredMetric) { self.metric = metric }

    func recordNanoseconds(_ duration: Int64) { metric.record(Double(duration) / 1_000_000) }
}
