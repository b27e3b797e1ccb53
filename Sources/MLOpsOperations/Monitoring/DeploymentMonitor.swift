import Foundation
public import MLOpsCore
public import ServiceLifecycle
import Synchronization

/// Collects what a deployment measures, and stores its figures once a window.
///
/// ```swift
/// monitor.record("latency_ms", 12.3)
/// monitor.count("errors")
/// ```
///
/// These calls never throw and never wait for the store, and memory is bounded whatever the
/// traffic. Each window ends with rows of `model_monitoring` in one transaction, in which the store
/// evaluates the deployment's policy. A row has the name of the metric, a dot, and:
///
/// | metric | rows |
/// | --- | --- |
/// | values | `count`; with values also `mean`, `min`, `max`, `p50`, `p95`, `p99` |
/// | values, once one was NaN | `nulls`, the number of NaN, which are in no other figure |
/// | counter | `count` in the window, `rate` a second; a shorter window counts as one second |
/// | gauge | `last`, `min`, `max`; the level lasts until it is set again |
///
/// A metric has rows in every window from its first record on, so that its silence means that
/// the program is silent. The first call decides what a metric is.
///
/// Run it as a service, which stores the last window at a graceful shutdown, or call ``flush()``
/// from time to time and at the end; a monitor that goes away before can only say so in the log.
/// Its principal has to be a maintainer of the project.
public final class DeploymentMonitor: Service, Sendable {
    let workspace: Workspace
    let deployment: Identifier<Deployment>
    let configuration: Configuration
    let features: FeatureSample?
    /// The time since the monitor was made, which no change of the clock moves.
    let elapsed: @Sendable () -> Duration
    let sleep: @Sendable (Duration) async throws -> Void
    let timeline: Mutex<Timeline>
    let refusals = Refusals()
    private let metrics = Mutex<[String: MonitoredMetric]>([:])
    private let refused: MonitoredMetric

    /// Makes a monitor.
    ///
    /// - Parameters:
    ///   - deployment: The deployment.
    ///   - workspace: Where the figures are stored, and whose clock stamps them.
    ///   - detector: What observed features are compared with; `nil` to ignore them.
    ///   - configuration: Lengths and limits.
    ///   - clock: What measures the windows.
    public init<C: Clock>(
        of deployment: Identifier<Deployment>, in workspace: Workspace,
        detector: DriftDetector? = nil, configuration: Configuration = Configuration(),
        clock: C = ContinuousClock()
    ) where C.Duration == Duration {
        self.deployment = deployment
        self.workspace = workspace
        self.configuration = configuration
        timeline = Mutex(Timeline(due: configuration.length))
        features = detector.map { FeatureSample($0, limit: configuration.maximumRows) }
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(for: $0) }
        refused = MonitoredMetric(name: "", refusals: refusals, isKept: false)
    }

    deinit { tellWhatIsNotStored() }

    /// Adds a value of a metric, such as a latency.
    public func record(_ name: String, _ value: Double) { metric(name).record(value) }

    /// Adds a finite amount to a counter; anything else is refused.
    public func count(_ name: String, by amount: Double = 1) { metric(name).count(by: amount) }

    /// Sets the level of a gauge, such as the length of a queue.
    public func set(_ name: String, _ level: Double) { metric(name).set(level) }

    /// Observes the features of one prediction, for the drift report.
    ///
    /// Without a detector nothing happens. A feature of the reference that is not given is missing.
    /// Features that the reference does not have, or has of the other kind, are ignored; the log
    /// says so once.
    public func observe(_ numbers: [String: Double], categories: [String: String] = [:]) {
        features?.observe(numbers, categories: categories)
    }

    /// The metric of a name, made when there is none.
    ///
    /// Recording through it saves the look-up. Beyond the limit of metrics, and for a name that is
    /// empty, too long or holds a NUL character, it refuses what is recorded.
    public func metric(_ name: String) -> MonitoredMetric {
        metrics.withLock { metrics in
            if let found = metrics[name] { return found }
            guard metrics.count < configuration.maximumMetrics else {
                refusals.note("\(name.prefix(100)): more than \(metrics.count) metrics")
                return refused
            }
            guard Self.isUsable(name) else {
                refusals.note("\(name.prefix(100)): not a name of a metric")
                return refused
            }
            let metric = MonitoredMetric(name: name, refusals: refusals)
            metrics[name] = metric
            return metric
        }
    }

    /// How many records were refused so far; the log says why once.
    public var refusedRecords: Int { refusals.count }

    /// How many windows were given up because they could not be stored in time or at all.
    public var lostWindows: Int { timeline.withLock(\.lost) }

    /// How many rows the store has refused of windows whose other rows it took; the log names one
    /// of each window.
    public var refusedRows: Int { timeline.withLock(\.refusedRows) }

    /// Whether something was recorded since the window began.
    var hasRecords: Bool { metrics.withLock { $0.values }.contains(where: \.isTouched) }

    /// The figures of the window that ends now, by name.
    func takeFigures(seconds: Double) -> [(name: String, value: Double)] {
        let metrics = metrics.withLock { $0 }.sorted { $0.key < $1.key }
        return metrics.flatMap { name, metric in
            metric.take(seconds: seconds).map { (name: "\(name).\($0.suffix)", value: $0.value) }
        }
    }

    private static func isUsable(_ name: String) -> Bool {
        let longest = String.maximumNameBytes - ".count".utf8.count
        return !name.isEmpty && !name.utf8.contains(0)
            && name.precomposedStringWithCanonicalMapping.utf8.count <= longest
    }
}
