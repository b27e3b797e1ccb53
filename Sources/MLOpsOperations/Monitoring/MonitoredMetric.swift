import Synchronization

/// A metric of a ``DeploymentMonitor``, looked up once.
///
/// The first call decides what a metric is: values, a counter, or a gauge. What is of another kind
/// is refused, and so is an amount that is not finite or makes a sum that is not, and a level that
/// is NaN; ``DeploymentMonitor/refusedRecords`` counts it.
public final class MonitoredMetric: Sendable {
    private let name: String
    private let refusals: Refusals
    private let isKept: Bool
    private let state = Mutex(State())

    /// - Parameter isKept: `false` for one that refuses everything.
    init(name: String, refusals: Refusals, isKept: Bool = true) {
        self.name = name
        self.refusals = refusals
        self.isKept = isKept
    }

    /// Adds a value to the window's figures.
    public func record(_ value: Double) {
        change(.values) { $0.window.record(value) }
    }

    /// Adds a finite amount to what the window counts; anything else is refused.
    public func count(by amount: Double = 1) {
        var sum = amount
        if amount.isFinite {
            change(.counter) { state in
                sum = state.total + amount
                if sum.isFinite { state.total = sum }
            }
        }
        if !sum.isFinite { refusals.add("\(name): a count that is not finite") }
    }

    /// Sets the level, which lasts until it is set again; NaN is refused.
    public func set(_ level: Double) { change { _ in level.isNaN ? nil : level } }

    /// Raises the level, which begins at 0, or lowers it; by a finite amount to a finite level.
    public func add(_ amount: Double) {
        change { amount.isFinite && ($0 + amount).isFinite ? $0 + amount : nil }
    }

    /// Whether something was recorded since the window began.
    var isTouched: Bool { state.withLock(\.isTouched) }

    /// The figures of the window that ends now, by the ends of their names; begins the next one.
    ///
    /// - Parameter seconds: How long the window was.
    func take(seconds: Double) -> [(suffix: String, value: Double)] {
        state.withLock { $0.take(seconds: seconds) }
    }

    /// - Parameter next: The level that follows; `nil` to refuse it.
    private func change(level next: (Double) -> Double?) {
        var isRefused = false
        change(.gauge) { state in
            guard let level = next(state.level) else { return isRefused = true }
            state.level = level
            state.minimum = min(state.minimum, level)
            state.maximum = max(state.maximum, level)
        }
        if isRefused { refusals.add("\(name): a level that is not a number or not finite") }
    }

    private func change(_ kind: Kind, _ body: (inout State) -> Void) {
        guard isKept else { return refusals.add("") }
        let other = state.withLock { state -> Kind? in
            if let other = state.kind, other != kind { return other }
            state.kind = kind
            state.isTouched = true
            body(&state)
            return nil
        }
        if let other { refusals.add("\(name): \(kind.rawValue) where it is \(other.rawValue)") }
    }
}

private enum Kind: String {
    case values
    case counter = "a counter"
    case gauge = "a gauge"
}

/// What a metric holds of the window; which of it is used, its kind says.
private struct State {
    var kind: Kind?
    /// Whether something was recorded in this window.
    var isTouched = false
    var window = MetricWindow()
    var hasHadNulls = false
    var total = 0.0
    var level = 0.0
    var minimum = Double.infinity
    var maximum = -Double.infinity

    mutating func take(seconds: Double) -> [(suffix: String, value: Double)] {
        isTouched = false
        switch kind {
        case nil: return []
        case .values: return takeValues()
        case .counter:
            defer { total = 0 }
            return [("count", total), ("rate", total / seconds)]
        case .gauge:
            guard minimum <= maximum else { return [] }
            defer { (minimum, maximum) = (level, level) }
            return [("last", level), ("min", minimum), ("max", maximum)]
        }
    }

    private mutating func takeValues() -> [(suffix: String, value: Double)] {
        let summary = window.summary
        var figures = [(suffix: "count", value: Double(summary?.count ?? 0))]
        if let summary {
            figures += [
                ("mean", summary.mean), ("min", summary.minimum), ("max", summary.maximum),
                ("p50", summary.p50), ("p95", summary.p95), ("p99", summary.p99),
            ]
        }
        if window.nulls > 0 { hasHadNulls = true }
        if hasHadNulls { figures.append(("nulls", Double(window.nulls))) }
        window.removeAll()
        return figures
    }
}

/// Counts records that cannot be kept, and tells of the first one once.
final class Refusals: Sendable {
    private struct State {
        var count = 0
        var first = ""
        var isTold = false
    }

    private let state = Mutex(State())

    var count: Int { state.withLock(\.count) }

    /// - Parameter reason: The name and what is wrong; empty when it was given by `note`.
    func add(_ reason: @autoclosure () -> String) {
        state.withLock { state in
            state.count += 1
            if state.first.isEmpty { state.first = reason() }
        }
    }

    /// Remembers why records will be refused.
    func note(_ reason: @autoclosure () -> String) {
        state.withLock { if $0.first.isEmpty { $0.first = reason() } }
    }

    /// The number of records so far and the reason of the first, once.
    func takeMessage() -> (count: Int, first: String)? {
        state.withLock { state in
            guard state.count > 0, !state.isTold else { return nil }
            state.isTold = true
            return (state.count, state.first)
        }
    }
}
