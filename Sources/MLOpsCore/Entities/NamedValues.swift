/// Values of any encodable types by name, written as one literal.
///
/// ```swift
/// let parameters: NamedValues = ["learning_rate": 0.1, "layers": [64, 32], "optimizer": name]
/// ```
///
/// It encodes to an object with these members.
public struct NamedValues: Encodable, Sendable, ExpressibleByDictionaryLiteral {
    private var values: [String: any Encodable & Sendable]

    /// Values by name.
    public init(_ values: [String: any Encodable & Sendable] = [:]) { self.values = values }

    /// Values by name; the last one of equal names is kept.
    public init(dictionaryLiteral elements: (String, any Encodable & Sendable)...) {
        values = Dictionary(elements) { _, last in last }
    }

    /// The value of a name, or `nil`.
    public subscript(name: String) -> (any Encodable & Sendable)? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// Encodes an object with a member for each value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: AnyName.self)
        for (name, value) in values { try container.encode(value, forKey: AnyName(name)) }
    }
}

/// A coding key of any name.
struct AnyName: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) { (stringValue, intValue) = (name, nil) }
    init(stringValue: String) { self.init(stringValue) }
    init(intValue: Int) { (stringValue, self.intValue) = ("\(intValue)", intValue) }
}
