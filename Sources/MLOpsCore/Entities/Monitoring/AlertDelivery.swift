public import Foundation

/// What a message tells about an alert.
public enum AlertEvent: String, TextEnumeration {
    /// It was raised.
    case triggered
    /// Its severity rose.
    case escalated
    /// It is still unresolved.
    case reminder
    /// It was resolved.
    case resolved
}

/// The state of an alert's delivery.
public enum AlertDeliveryState: String, TextEnumeration {
    /// To be sent, for the first time or again.
    case pending
    /// Accepted by the channel.
    case delivered
    /// Given up.
    case failed
    /// Not sent, because a later message tells the same, or nothing is left to tell.
    case folded
}

/// One message about an alert through one channel.
public struct AlertDelivery: Sendable, Hashable, Codable {
    /// The key, by which receivers recognize a message that comes twice.
    public let id: Identifier<AlertDelivery>
    /// The rule that asked for it.
    public let ruleID: Identifier<NotificationRule>
    /// The channel it goes through.
    public let channelID: Identifier<NotificationChannel>
    /// What it tells.
    public package(set) var event: AlertEvent
    /// The severity it tells.
    public package(set) var severity: AlertSeverity
    /// Its state.
    public package(set) var state: AlertDeliveryState
    /// How many raises it tells of.
    public package(set) var count: Int
    /// The number of attempts, also of those whose dispatcher has ended before their outcome.
    public package(set) var attempts: Int
    /// The number of attempts that have failed and are followed by another.
    public package(set) var failures: Int
    /// When it was asked for.
    public let createdAt: Date
    /// The time of the next attempt; of one under way, when it counts as lost.
    public package(set) var nextAttemptAt: Date?
    /// When it was delivered or given up.
    public package(set) var endedAt: Date?
    /// The error of the last failed attempt, without secrets and without the receiver's answer.
    public package(set) var lastError: String?
    /// After how many seconds an open alert is told again.
    package var reminderSeconds: Double?
    /// When that is.
    package var remindsAt: Date?
    /// Whether the end of the alert is told as well.
    package var tellsResolution: Bool
    /// The digest that tells it.
    package var digestID: Identifier<AlertDelivery>?
    /// The alerts that it tells besides, as a digest.
    package var digested: [Identifier<Alert>]

    /// Describes a delivery.
    package init(
        id: Identifier<AlertDelivery> = Identifier(),
        rule: Identifier<NotificationRule>, channel: Identifier<NotificationChannel>,
        event: AlertEvent = .triggered, severity: AlertSeverity = .medium,
        state: AlertDeliveryState = .pending, count: Int = 1, attempts: Int = 0,
        failures: Int = 0,
        createdAt: Date, nextAttemptAt: Date? = nil, endedAt: Date? = nil,
        lastError: String? = nil, reminderSeconds: Double? = nil, remindsAt: Date? = nil,
        tellsResolution: Bool = true, digestID: Identifier<AlertDelivery>? = nil,
        digested: [Identifier<Alert>] = []
    ) {
        self.id = id
        ruleID = rule
        channelID = channel
        self.event = event
        self.severity = severity
        self.state = state
        self.count = count
        self.attempts = attempts
        self.failures = failures
        self.createdAt = createdAt.roundedToMicroseconds
        self.nextAttemptAt = nextAttemptAt?.roundedToMicroseconds
        self.endedAt = endedAt?.roundedToMicroseconds
        self.lastError = lastError
        self.reminderSeconds = reminderSeconds
        self.remindsAt = remindsAt?.roundedToMicroseconds
        self.tellsResolution = tellsResolution
        self.digestID = digestID
        self.digested = digested
    }

    /// The delivery for those who must not read what a channel has answered, nor of other alerts.
    var withoutError: AlertDelivery {
        var delivery = self
        delivery.lastError = nil
        delivery.digested = []
        return delivery
    }
}

extension AlertDelivery: JSONConvertible {
    /// The JSON form, an object with a member for each property that has a value.
    ///
    /// Times are in microseconds since 1970.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id.description), "rule": .string(ruleID.description),
            "channel": .string(channelID.description), "event": .string(event.rawValue),
            "severity": .string(severity.rawValue), "state": .string(state.rawValue),
            "count": .int(Int64(count)), "attempts": .int(Int64(attempts)),
        ]
        if failures > 0 { members["failures"] = .int(Int64(failures)) }
        members["created_at"] = createdAt.microseconds.map { .int($0) }
        members["next_attempt_at"] = nextAttemptAt?.microseconds.map { .int($0) }
        members["ended_at"] = endedAt?.microseconds.map { .int($0) }
        members["last_error"] = lastError.map { .string($0) }
        members["reminder_seconds"] = reminderSeconds?.json
        members["reminds_at"] = remindsAt?.microseconds.map { .int($0) }
        if !tellsResolution { members["tells_resolution"] = .bool(false) }
        members["digest"] = digestID.map { .string($0.description) }
        if !digested.isEmpty {
            members["digested"] = .array(digested.map { .string($0.description) })
        }
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "alert delivery")
        self.init(
            id: try fields.identifier("id"), rule: try fields.identifier("rule"),
            channel: try fields.identifier("channel"), event: try fields.text("event"),
            severity: try fields.text("severity"), state: try fields.text("state"),
            count: try fields.int("count"), attempts: try fields.int("attempts"),
            failures: try fields.optional("failures", fields.int) ?? 0,
            createdAt: try fields.date("created_at"),
            nextAttemptAt: try fields.optional("next_attempt_at", fields.date),
            endedAt: try fields.optional("ended_at", fields.date),
            lastError: try fields.optional("last_error", fields.string),
            reminderSeconds: try fields.optional("reminder_seconds", fields.double),
            remindsAt: try fields.optional("reminds_at", fields.date),
            tellsResolution: try fields.optional("tells_resolution", fields.bool) ?? true,
            digestID: try fields.optional("digest", fields.identifier),
            digested: (json["digested"]?.array ?? []).compactMap {
                $0.string.flatMap { Identifier($0) }
            })
    }
}
