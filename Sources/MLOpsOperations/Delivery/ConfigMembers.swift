import Foundation
import MLOpsCore

/// Reads members of a channel's configuration, and names the wrong one.
struct ConfigMembers {
    private let members: [String: JSONValue]

    init(_ json: JSONValue) { members = json.object ?? [:] }

    func has(_ name: String) -> Bool { optional(name) != nil }

    func text(_ name: String) throws -> String {
        guard let text = try optionalText(name) else { throw error(name, "is missing") }
        return text
    }

    func optionalText(_ name: String) throws -> String? {
        guard let value = optional(name) else { return nil }
        guard let text = value.string, !text.isEmpty else {
            throw error(name, "has to be a text that is not empty")
        }
        return text
    }

    func optionalInt(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = optional(name) else { return nil }
        guard let number = value.int.flatMap(Int.init(exactly:)), range.contains(number) else {
            throw error(
                name, "has to be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A list of texts; a single text is a list of one.
    func texts(_ name: String) throws -> [String] {
        guard let value = optional(name) else { throw error(name, "is missing") }
        let elements = value.array ?? [value]
        let texts = elements.compactMap(\.string)
        guard texts.count == elements.count else { throw error(name, "has to be a list of texts") }
        return texts
    }

    /// An http or https URL without user and password; the address is checked when it is used.
    func url(_ name: String, or other: String? = nil) throws -> Secret<String> {
        let name = has(name) ? name : other.flatMap { has($0) ? $0 : nil } ?? name
        let text = try text(name)
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            ["https", "http"].contains(parts.scheme?.lowercased())
        else { throw error(name, "has to be a URL that starts with https://") }
        guard parts.user == nil, parts.password == nil else {
            throw error(name, "has to be a URL without a user and a password")
        }
        return Secret(text)
    }

    func error(_ name: String, _ problem: String) -> StoreError {
        StoreError(
            .invalidValue, "The member \(name) of the channel's configuration \(problem).",
            entity: NotificationChannel.entityName, field: name)
    }

    private func optional(_ name: String) -> JSONValue? {
        members[name].flatMap { $0 == .null ? nil : $0 }
    }
}
