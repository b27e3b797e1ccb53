import Foundation

/// Reads the members of a stored JSON object; each problem is a `.corrupt` error.
struct JSONFields {
    private let json: JSONValue
    private let subject: String

    /// The members of a document; `subject` names it in messages, such as `artifact`.
    init(_ json: JSONValue, of subject: String) {
        self.json = json
        self.subject = subject
    }

    func string(_ key: String) throws -> String { try required(key, json[key]?.string) }

    func bool(_ key: String) throws -> Bool { try required(key, json[key]?.bool) }

    func int64(_ key: String) throws -> Int64 { try required(key, json[key]?.int) }

    func int(_ key: String) throws -> Int {
        try required(key, json[key]?.int.flatMap { Int(exactly: $0) })
    }

    func double(_ key: String) throws -> Double { try required(key, Double(json: json[key])) }

    func array(_ key: String) throws -> [JSONValue] { try required(key, json[key]?.array) }

    func identifier<Entity>(_ key: String) throws -> Identifier<Entity> {
        try required(key, json[key]?.string.flatMap { Identifier($0) })
    }

    func text<Value: TextEnumeration>(_ key: String) throws -> Value {
        try required(key, json[key]?.string.flatMap { Value(rawValue: $0) })
    }

    /// A time in microseconds since 1970.
    func date(_ key: String) throws -> Date { Date(microseconds: try int64(key)) }

    /// The value that `read` returns for a key; `nil` when the member is absent or null.
    func optional<Value>(_ key: String, _ read: (String) throws -> Value) throws -> Value? {
        switch json[key] {
        case nil, .null: nil
        default: try read(key)
        }
    }

    private func required<Value>(_ key: String, _ value: Value?) throws -> Value {
        guard let value else {
            throw StoreError(
                .corrupt, "A stored \(subject) has no valid member \"\(key)\".", field: key)
        }
        return value
    }
}
