public import Foundation

/// What an alert must match for a rule to fire, and how the rule tells of it.
///
/// An empty list matches everything.
public struct NotificationConditions: Sendable, Hashable, Codable {
    /// The least severity.
    public var minimumSeverity: AlertSeverity
    /// The types of alert.
    public var alertTypes: Set<AlertType>
    /// The metrics, compared with the member `metric` of the alert's context.
    public var metrics: Set<String>
    /// The environments of the alert's deployment.
    public var environments: Set<DeploymentEnvironment>
    /// The outcomes, such as `failed`, compared with the member `status` of the alert's context.
    public var statuses: Set<String>
    /// Labels that the object `labels` of the alert's context must have.
    public var labels: [String: String]
    /// Until when the rule fires for nothing.
    public var mutedUntil: Date?
    /// After how many seconds without a message an open alert is told again; `nil` for never.
    public var reminderSeconds: Double?
    /// Whether it tells who was told of an alert when the alert is resolved.
    public var tellsResolution: Bool
    /// The stored document, if it cannot be read; then the rule fires for nothing.
    public internal(set) var damaged: JSONValue?

    /// The most values of a list.
    public static let maximumValues = 100

    /// Makes conditions that every alert matches.
    public init(
        minimumSeverity: AlertSeverity = .info, alertTypes: Set<AlertType> = [],
        metrics: Set<String> = [], environments: Set<DeploymentEnvironment> = [],
        statuses: Set<String> = [], labels: [String: String] = [:], mutedUntil: Date? = nil,
        reminderSeconds: Double? = nil, tellsResolution: Bool = true
    ) {
        self.minimumSeverity = minimumSeverity
        self.alertTypes = alertTypes
        self.metrics = metrics
        self.environments = environments
        self.statuses = statuses
        self.labels = labels
        self.mutedUntil = mutedUntil?.roundedToMicroseconds
        self.reminderSeconds = reminderSeconds
        self.tellsResolution = tellsResolution
    }

    /// - Throws: `.invalidValue` for conditions that make no sense.
    func validate() throws {
        func invalid(_ rule: String, _ field: String) -> StoreError {
            StoreError(
                .invalidValue, "The conditions of a rule \(rule).",
                entity: NotificationRule.entityName, field: field)
        }
        if let damaged, self != Self(damaged: damaged) {
            throw invalid("that cannot be read are made anew, and not changed", "conditions")
        }
        for (name, count) in [
            ("metrics", metrics.count), ("statuses", statuses.count), ("labels", labels.count),
        ] where count > Self.maximumValues {
            throw invalid("list at most \(Self.maximumValues) values", name)
        }
        guard reminderSeconds.map({ (60...31_536_000).contains($0) }) ?? true else {
            throw invalid("remind after 60 to 31536000 seconds", "reminder_seconds")
        }
    }
}

extension NotificationConditions: KeptDocument {
    /// The members that differ from conditions that everything matches, in snake case.
    ///
    /// `muted_until` is in microseconds since 1970.
    public var json: JSONValue {
        if let damaged { return damaged }
        func list(_ values: some Sequence<String>) -> JSONValue? {
            let sorted = values.sorted()
            return sorted.isEmpty ? nil : .array(sorted.map { .string($0) })
        }
        var members: [String: JSONValue] = [:]
        if minimumSeverity != .info {
            members["minimum_severity"] = .string(minimumSeverity.rawValue)
        }
        members["alert_types"] = list(alertTypes.map(\.rawValue))
        members["metrics"] = list(metrics)
        members["environments"] = list(environments.map(\.rawValue))
        members["statuses"] = list(statuses)
        if !labels.isEmpty { members["labels"] = .object(labels.mapValues { .string($0) }) }
        members["muted_until"] = mutedUntil?.microseconds.map { .int($0) }
        members["reminder_seconds"] = reminderSeconds?.json
        if !tellsResolution { members["tells_resolution"] = .bool(false) }
        return .object(members)
    }

    /// Reads the members; ones that it does not know are ignored.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "condition of a notification rule")
        func strings(_ key: String) throws -> [String] {
            try fields.optional(key, fields.array)?.map { value in
                guard let text = value.string else {
                    throw StoreError(
                        .corrupt, "A stored condition \"\(key)\" has a value that is no text.",
                        entity: NotificationRule.entityName, field: key)
                }
                return text
            } ?? []
        }
        func values<Value: TextEnumeration>(_ key: String) throws -> Set<Value> {
            Set(
                try strings(key).map { text in
                    guard let value = Value(rawValue: text) else {
                        throw StoreError(
                            .corrupt, "A stored condition \"\(key)\" has an unknown value.",
                            entity: NotificationRule.entityName, field: key)
                    }
                    return value
                })
        }
        self.init(
            minimumSeverity: try fields.optional("minimum_severity", fields.text) ?? .info,
            alertTypes: try values("alert_types"), metrics: Set(try strings("metrics")),
            environments: try values("environments"), statuses: Set(try strings("statuses")),
            labels: (json["labels"]?.object ?? [:]).compactMapValues(\.string),
            mutedUntil: try fields.optional("muted_until", fields.date),
            reminderSeconds: try fields.optional("reminder_seconds", fields.double),
            tellsResolution: try fields.optional("tells_resolution", fields.bool) ?? true)
    }

    /// Keeps what cannot be read.
    package init(damaged json: JSONValue) {
        self.init()
        damaged = json
    }
}
