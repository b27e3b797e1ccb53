/// A value with a hand-written JSON form, for the columns that hold structured values.
public protocol JSONConvertible {
    /// The JSON form.
    var json: JSONValue { get }

    /// Reads the JSON form back.
    ///
    /// - Throws: `.corrupt` when a member is missing or of another type.
    init(json: JSONValue) throws
}

/// A stored document without which its row can be read.
///
/// What needs the document finds out that it is damaged, and refuses.
package protocol KeptDocument: JSONConvertible {
    /// A document that cannot be read; its ``JSONConvertible/json`` is the stored one.
    init(damaged json: JSONValue)
}

extension JSONValue: JSONConvertible {
    /// The value itself.
    public var json: JSONValue { self }

    /// The value itself.
    public init(json: JSONValue) { self = json }
}

extension String: JSONConvertible {
    /// A JSON string.
    public var json: JSONValue { .string(self) }

    /// Reads a JSON string.
    public init(json: JSONValue) throws {
        guard let string = json.string else { throw StoreError.unexpectedJSON("a string") }
        self = string
    }
}

extension Array: JSONConvertible where Element: JSONConvertible {
    /// A JSON array of the elements.
    public var json: JSONValue { .array(map(\.json)) }

    /// Reads a JSON array.
    public init(json: JSONValue) throws {
        guard let elements = json.array else { throw StoreError.unexpectedJSON("an array") }
        self = try elements.map(Element.init(json:))
    }
}

extension Dictionary: JSONConvertible where Key == String, Value: JSONConvertible {
    /// A JSON object with a member for each key.
    public var json: JSONValue { .object(mapValues(\.json)) }

    /// Reads a JSON object.
    public init(json: JSONValue) throws {
        guard let members = json.object else { throw StoreError.unexpectedJSON("an object") }
        self = try members.mapValues(Value.init(json:))
    }
}

extension StoreError {
    fileprivate static func unexpectedJSON(_ form: String) -> StoreError {
        StoreError(.corrupt, "A stored JSON document is not \(form).")
    }
}
