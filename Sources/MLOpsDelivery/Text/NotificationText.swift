import Foundation
import MLOpsCore
import MLOpsOperations

/// The words of a notification, cleaned, for the channels that people read.
struct NotificationText: Sendable {
    /// One line, such as `[CRITICAL] Latency is high`.
    let headline: String
    /// The message, in several lines.
    let message: String
    /// Names and values.
    let facts: [Fact]
    /// A URL that is safe to link to.
    let link: String?

    /// A name and a value, each one line.
    struct Fact: Sendable, Hashable {
        let name: String
        let value: String
    }

    /// The most labels and details of the context that are shown.
    static let maximumDetails = 20

    init(_ notification: AlertNotification) {
        link = notification.safeLink
        guard notification.alertCount > 1 else {
            headline = Self.line(notification)
            message = notification.message.prefix(scalars: 100_000).cleaned()
            facts = Self.facts(of: notification)
            return
        }
        // A digest has one alert on a line.
        let all = [notification] + notification.others
        let gravest = all.map(\.severity).max() ?? notification.severity
        headline = "[\(gravest.rawValue.uppercased())] \(notification.alertCount) alerts"
        var lines = all.map(Self.line)
        let missing = notification.alertCount - all.count
        if missing > 0 { lines.append("and \(missing) more") }
        message = lines.joined(separator: "\n")
        facts = []
    }

    /// The event and the title of an alert.
    private static func line(_ notification: AlertNotification) -> String {
        // More is cut by each channel; this only bounds the work.
        let title = notification.title.prefix(scalars: 2000).cleaned(isOneLine: true)
        let name =
            switch notification.event {
            case .triggered: notification.severity.rawValue.uppercased()
            case .escalated: "ESCALATED, \(notification.severity.rawValue.uppercased())"
            case .reminder: "REMINDER, \(notification.severity.rawValue.uppercased())"
            case .resolved: "RESOLVED"
            }
        return "[\(name)] \(title.isEmpty ? "Alert without a title" : title)"
    }

    private static func facts(of notification: AlertNotification) -> [Fact] {
        var facts: [Fact] = []
        func add(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            let line = value.prefix(scalars: 1000).cleaned(isOneLine: true)
            let title = name.prefix(scalars: 100).cleaned(isOneLine: true)
            if !line.isEmpty, !title.isEmpty { facts.append(Fact(name: title, value: line)) }
        }
        add("Project", notification.project)
        add("Deployment", notification.deployment)
        add("Severity", notification.severity.rawValue)
        add("Type", notification.alertType.rawValue.replacing("_", with: " "))
        if notification.occurrences > 1 { add("Occurrences", "\(notification.occurrences)") }
        if notification.raises > 1 {
            add("Raised since the last message", "\(notification.raises) times")
        }
        add("Triggered", notification.triggeredAt.formatted(.iso8601))
        add("Resolved", notification.resolvedAt?.formatted(.iso8601))
        let labels = notification.labels.sorted { $0.key < $1.key }
        let details = (notification.context.object ?? [:]).sorted { $0.key < $1.key }
            .compactMap { name, value in value.shown.map { (name, $0) } }
        let all = labels.map { ($0.key, $0.value) } + details
        for (name, value) in all.prefix(maximumDetails) { add(name, value) }
        if all.count > maximumDetails { add("More", "\(all.count - maximumDetails) details") }
        return facts
    }
}

extension AlertNotification {
    /// The link, if it is an http or https URL of at most 2000 ASCII characters.
    var safeLink: String? {
        guard let link, link.utf8.count <= 2000,
            link.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"<>|\"\\`".utf8.contains($0) }),
            let parts = URLComponents(string: link), parts.host?.isEmpty == false,
            ["https", "http"].contains(parts.scheme?.lowercased()), parts.user == nil
        else { return nil }
        return link
    }
}

extension JSONValue {
    /// The document without NUL characters, which the canonical text refuses.
    var withoutNUL: JSONValue {
        switch self {
        case .string(let text): .string(text.withoutNUL)
        case .array(let elements): .array(elements.map(\.withoutNUL))
        case .object(let members):
            .object(
                Dictionary(members.map { ($0.withoutNUL, $1.withoutNUL) }) { first, _ in first })
        default: self
        }
    }

    /// The text of a value that fits one line; `nil` for lists, objects and null.
    fileprivate var shown: String? {
        switch self {
        case .string(let text): text
        case .int, .double, .bool: description
        case .null, .array, .object: nil
        }
    }
}

extension String {
    fileprivate var withoutNUL: String {
        utf8.contains(0) ? String(UnicodeScalarView(unicodeScalars.filter { $0 != "\0" })) : self
    }

    /// The first scalars; a text of many is never walked to its end.
    func prefix(scalars count: Int) -> String {
        guard utf8.count > count else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.prefix(count)))
    }
}

extension Date {
    /// ISO 8601 in UTC, with milliseconds.
    var timestamp: JSONValue {
        .string(formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }
}
