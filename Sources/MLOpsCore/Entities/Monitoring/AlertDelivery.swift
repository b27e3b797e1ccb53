public import Foundation

/// The state of an alert's delivery.
public enum AlertDeliveryState: String, TextEnumeration {
    /// To be sent, for the first time or again.
    case pending
    /// Accepted by the channel.
    case delivered
    /// Given up.
    case failed
}

/// The delivery of an alert through one channel, because of one rule.
public struct AlertDelivery: Sendable, Hashable, Codable {
    /// The rule that asked for it.
    public let ruleID: Identifier<NotificationRule>
    /// The channel it goes through.
    public let channelID: Identifier<NotificationChannel>
    /// Its state.
    public var state: AlertDeliveryState
    /// The number of attempts.
    public var attempts: Int
    /// The time of the next attempt.
    public var nextAttemptAt: Date?
    /// The error of the last failed attempt, without secrets.
    public var lastError: String?

    /// Describes a delivery.
    public init(
        rule: Identifier<NotificationRule>,
        channel: Identifier<NotificationChannel>,
        state: AlertDeliveryState = .pending,
        attempts: Int = 0,
        nextAttemptAt: Date? = nil,
        lastError: String? = nil
    ) {
        ruleID = rule
        channelID = channel
        self.state = state
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt?.roundedToMicroseconds
        self.lastError = lastError
    }
}

extension AlertDelivery: JSONConvertible {
    /// The JSON form, an object.
    ///
    /// It has the members `rule`, `channel`, `state` and `attempts`, and, if they have a value,
    /// `next_attempt_at` (microseconds since 1970) and `last_error`.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "rule": .string(ruleID.description),
            "channel": .string(channelID.description),
            "state": .string(state.rawValue),
            "attempts": .int(Int64(attempts)),
        ]
        members["next_attempt_at"] = nextAttemptAt?.microseconds.map { .int($0) }
        members["last_error"] = lastError.map { .string($0) }
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "alert delivery")
        ruleID = try fields.identifier("rule")
        channelID = try fields.identifier("channel")
        state = try fields.text("state")
        attempts = try fields.int("attempts")
        nextAttemptAt = try fields.optional("next_attempt_at", fields.date)
        lastError = try fields.optional("last_error", fields.string)
    }
}
