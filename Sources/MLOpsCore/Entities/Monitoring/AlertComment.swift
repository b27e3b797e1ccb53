public import Foundation

/// What somebody wrote about an alert.
public struct AlertComment: Sendable, Hashable, Codable {
    /// Who wrote it.
    public let userID: Identifier<User>
    /// When.
    public let date: Date
    /// What.
    public let text: String

    /// The longest comment, in UTF-8 bytes.
    public static let maximumBytes = 10_000
    /// The most comments of one alert.
    public static let maximumCount = 50
}

extension AlertComment: JSONConvertible {
    /// The members `user`, `date` (microseconds since 1970) and `text`.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "user": .string(userID.description), "text": .string(text),
        ]
        members["date"] = date.microseconds.map { .int($0) }
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "comment")
        userID = try fields.identifier("user")
        date = try fields.date("date")
        text = try fields.string("text")
    }
}
