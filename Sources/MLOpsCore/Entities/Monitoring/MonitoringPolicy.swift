public import Foundation

/// What is watched of a deployment: bounds of its metrics, drift, and measurements that stop.
///
/// It is evaluated whenever a principal inserts measurements or drift reports, and raises and
/// resolves alerts; what is imported as history raises none.
public struct MonitoringPolicy: Sendable, Hashable, Codable {
    /// The watched metrics, by name.
    public var metrics: [String: MetricPolicy]
    /// How drift reports that found drift raise an alert; `nil` if they do not.
    public var drift: WatchRule?

    /// When it was set; silence counts from then on.
    public internal(set) var setAt: Date?
    /// The stored document, if it cannot be read; then nothing is watched, and an alert says so.
    public internal(set) var damaged: JSONValue?

    /// The most metrics of one policy.
    public static let maximumMetrics = 100

    /// Makes a policy.
    public init(metrics: [String: MetricPolicy] = [:], drift: WatchRule? = nil) {
        self.metrics = metrics
        self.drift = drift
    }

    /// - Throws: `.invalidValue` for a policy that makes no sense.
    func validate() throws {
        guard damaged == nil else {
            throw Self.invalid("that cannot be read is made anew, and not changed", "monitoring")
        }
        guard metrics.count <= Self.maximumMetrics else {
            throw Self.invalid("watches at most \(Self.maximumMetrics) metrics", "metrics")
        }
        try drift?.validate()
        for (name, metric) in metrics {
            guard !name.isEmpty else { throw Self.invalid("names its metrics", "metrics") }
            try name.asName.checkNameLength(of: "monitoring policy", field: "metrics")
            try metric.validate(name)
        }
    }

    static func invalid(_ rule: String, _ field: String) -> StoreError {
        StoreError(
            .invalidValue, "A monitoring policy \(rule).", entity: "monitoring policy",
            field: field)
    }
}

/// What is normal of one metric, and what happens when it is not.
public struct MetricPolicy: Sendable, Hashable, Codable {
    /// The lowest value that is normal.
    public var minimum: Double?
    /// The highest value that is normal.
    public var maximum: Double?
    /// When values outside raise an alert.
    public var rule: WatchRule
    /// After how many seconds without a measurement an alert says so; `nil` for never.
    public var silenceSeconds: Double?

    /// Makes a policy of one metric.
    public init(
        minimum: Double? = nil, maximum: Double? = nil, rule: WatchRule = WatchRule(),
        silenceSeconds: Double? = nil
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.rule = rule
        self.silenceSeconds = silenceSeconds
    }

    /// Whether a value is normal; NaN is not, where there are bounds.
    public func allows(_ value: Double) -> Bool {
        // NaN compares as false.
        minimum.map { value >= $0 } ?? true && maximum.map { value <= $0 } ?? true
    }

    fileprivate func validate(_ name: String) throws {
        let bounds = [minimum, maximum].compactMap(\.self)
        guard bounds.allSatisfy({ !$0.isNaN }), bounds == bounds.sorted() else {
            throw MonitoringPolicy.invalid("has bounds of \(name) that are in order", "metrics")
        }
        guard !bounds.isEmpty || silenceSeconds != nil else {
            throw MonitoringPolicy.invalid("has a bound of \(name), or a silence", "metrics")
        }
        guard silenceSeconds.map({ (1...31_536_000).contains($0) }) ?? true else {
            throw MonitoringPolicy.invalid(
                "waits 1 to 31536000 seconds for \(name)", "silence_seconds")
        }
        try rule.validate()
    }
}

/// When something that is watched raises an alert, and when that is over.
public struct WatchRule: Sendable, Hashable, Codable {
    /// The severity of the alert.
    public var severity: AlertSeverity
    /// The type of the alert.
    public var alertType: AlertType
    /// How many of the last ``window`` measurements have to be outside.
    public var failing: Int
    /// How many measurements are looked at.
    public var window: Int
    /// After how many good measurements in a row the alert is resolved.
    public var resolvesAfter: Int

    /// The most measurements that a rule looks at.
    public static let maximumWindow = 1000

    /// Makes a rule; by default every measurement decides.
    public init(
        severity: AlertSeverity = .medium, alertType: AlertType = .performanceDegradation,
        failing: Int = 1, window: Int = 1, resolvesAfter: Int = 1
    ) {
        self.severity = severity
        self.alertType = alertType
        self.failing = failing
        self.window = window
        self.resolvesAfter = resolvesAfter
    }

    fileprivate func validate() throws {
        guard (1...Self.maximumWindow).contains(window), (1...window).contains(failing),
            (1...Self.maximumWindow).contains(resolvesAfter)
        else {
            throw MonitoringPolicy.invalid(
                "looks for 1 to n of the last n measurements, n up to \(Self.maximumWindow)",
                "rule")
        }
    }

    /// What follows from measurements, the newest first; `nil` while nothing does.
    ///
    /// A good one raises nothing, however many bad ones it follows.
    func isFailing(_ areGood: [Bool]) -> Bool? {
        if areGood.prefix(window).count(where: { !$0 }) >= failing {
            return areGood.first == false ? true : nil
        }
        let last = areGood.prefix(resolvesAfter)
        return last.count == resolvesAfter && last.allSatisfy(\.self) ? false : nil
    }
}

// MARK: - JSON

extension MonitoringPolicy: KeptDocument {
    /// The members that have a value: `metrics`, `drift` and `set_at`.
    public var json: JSONValue {
        if let damaged { return damaged }
        var members: [String: JSONValue] = [:]
        if !metrics.isEmpty { members["metrics"] = metrics.json }
        members["drift"] = drift?.json
        members["set_at"] = setAt?.microseconds.map { .int($0) }
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        self.init(
            metrics: try json["metrics"].map([String: MetricPolicy].init(json:)) ?? [:],
            drift: try json["drift"].map(WatchRule.init(json:)))
        let fields = JSONFields(json, of: "monitoring policy")
        setAt = try fields.optional("set_at", fields.date)
    }

    /// Keeps what cannot be read.
    package init(damaged json: JSONValue) {
        self.init()
        damaged = json
    }
}

extension MetricPolicy: JSONConvertible {
    /// The members that have a value: `minimum`, `maximum`, `rule`, `silence_seconds`.
    public var json: JSONValue {
        var members: [String: JSONValue] = ["rule": rule.json]
        members["minimum"] = minimum?.json
        members["maximum"] = maximum?.json
        members["silence_seconds"] = silenceSeconds?.json
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "policy of a metric")
        self.init(
            minimum: try fields.optional("minimum", fields.double),
            maximum: try fields.optional("maximum", fields.double),
            rule: try json["rule"].map(WatchRule.init(json:)) ?? WatchRule(),
            silenceSeconds: try fields.optional("silence_seconds", fields.double))
    }
}

extension WatchRule: JSONConvertible {
    /// One member for each property, in snake case.
    public var json: JSONValue {
        [
            "severity": .string(severity.rawValue), "alert_type": .string(alertType.rawValue),
            "failing": .int(Int64(failing)), "window": .int(Int64(window)),
            "resolves_after": .int(Int64(resolvesAfter)),
        ]
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "rule of a monitoring policy")
        self.init(
            severity: try fields.text("severity"), alertType: try fields.text("alert_type"),
            failing: try fields.int("failing"), window: try fields.int("window"),
            resolvesAfter: try fields.int("resolves_after"))
    }
}
