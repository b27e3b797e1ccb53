public import Foundation

/// A value that a place in a JSON document is compared with.
///
/// It is compared as the store keeps it: see ``JSONValue/init(encoding:)``. `nil` stands for a
/// place that holds JSON's null, or that is not there. An enumeration with `String` raw values
/// conforms without further code:
///
/// ```swift
/// extension OptimizerName: JSONComparable {}
/// ```
public protocol JSONComparable: Sendable {
    /// The value as a document holds it; `nil` for a value that is not there.
    ///
    /// - Throws: `.invalidValue` for a value that no document holds.
    func jsonOperand() throws -> JSONValue?
}

extension JSONComparable where Self: BinaryInteger {
    /// The integer.
    ///
    /// - Throws: `.invalidValue` for an integer that a document cannot hold without losing digits.
    public func jsonOperand() throws -> JSONValue? {
        if let integer = Int64(exactly: self) { return .int(integer) }
        if let double = Double(exactly: self) { return .double(double) }
        throw StoreError(
            .invalidValue, "A filter compares with an integer that would lose digits in a document."
        )
    }
}

extension JSONComparable where Self: BinaryFloatingPoint & CustomStringConvertible {
    /// The number, as the decimal that its description shows: a document holds `Float(0.1)` as 0.1.
    public func jsonOperand() -> JSONValue? { .double(Double(description) ?? Double(self)) }
}

extension JSONComparable where Self: RawRepresentable, RawValue == String {
    /// The raw value.
    public func jsonOperand() -> JSONValue? { .string(rawValue) }
}

extension Int: JSONComparable {}
extension Int8: JSONComparable {}
extension Int16: JSONComparable {}
extension Int32: JSONComparable {}
extension Int64: JSONComparable {}
extension UInt: JSONComparable {}
extension UInt8: JSONComparable {}
extension UInt16: JSONComparable {}
extension UInt32: JSONComparable {}
extension UInt64: JSONComparable {}
extension Float: JSONComparable {}

extension Double: JSONComparable {
    /// The number; NaN compares with nothing.
    public func jsonOperand() -> JSONValue? { .double(self) }
}

extension Bool: JSONComparable {
    /// The truth value.
    public func jsonOperand() -> JSONValue? { .bool(self) }
}

extension String: JSONComparable {
    /// The string.
    public func jsonOperand() -> JSONValue? { .string(self) }
}

extension Substring: JSONComparable {
    /// The string.
    public func jsonOperand() -> JSONValue? { .string(String(self)) }
}

extension Date: JSONComparable {
    /// The time as ISO 8601 text.
    ///
    /// ``JSONPath`` compares such texts by time.
    ///
    /// - Throws: `.invalidValue` outside the years 1 to 9999.
    public func jsonOperand() throws -> JSONValue? { try JSONValue(encoding: self) }
}

extension Identifier: JSONComparable {
    /// The id as text.
    public func jsonOperand() -> JSONValue? { .string(description) }
}

extension JSONValue: JSONComparable {
    /// The document itself; JSON's null alone stands for an absent value too.
    public func jsonOperand() -> JSONValue? { self }
}

extension Optional: JSONComparable where Wrapped: JSONComparable {
    /// The value, if there is one.
    ///
    /// - Throws: As the value's own.
    public func jsonOperand() throws -> JSONValue? { try self?.jsonOperand() }
}

extension Array: JSONComparable where Element: JSONComparable {
    /// The elements; an absent one is JSON's null.
    ///
    /// - Throws: As the elements' own.
    public func jsonOperand() throws -> JSONValue? {
        .array(try map { try $0.jsonOperand() ?? .null })
    }
}

extension Dictionary: JSONComparable where Key == String, Value: JSONComparable {
    /// The members; an absent one is JSON's null.
    ///
    /// - Throws: As the values' own.
    public func jsonOperand() throws -> JSONValue? {
        .object(try mapValues { try $0.jsonOperand() ?? .null })
    }
}
