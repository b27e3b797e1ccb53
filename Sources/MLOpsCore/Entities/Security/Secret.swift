import Crypto
import Foundation

/// A value that must not be shown: it prints, encodes, dumps and logs as `[redacted]`.
///
/// Only ``reveal()`` returns the value, so a review can search for its uses.
public struct Secret<Value: Sendable>: Sendable {
    private let value: Value

    /// Hides a value.
    public init(_ value: Value) { self.value = value }

    /// The value itself.
    ///
    /// A search for this name finds every use of a secret in a program.
    public func reveal() -> Value { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `[redacted]`.
    public var description: String { "[redacted]" }

    /// `[redacted]`.
    public var debugDescription: String { description }

    /// A mirror without children, so that neither `dump` nor a debugger's view reaches the value.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension Secret: Encodable {
    /// Encodes the text `[redacted]` in place of the value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Secret: Equatable where Value: Equatable {
    /// Whether both hide the same value.
    ///
    /// Strings are compared by their UTF-8, in a time that depends only on their lengths, so that
    /// it does not reveal how much of a guess was right. Values of other types use their own `==`.
    public static func == (left: Self, right: Self) -> Bool {
        guard let text = left.value as? String, let other = right.value as? String else {
            return left.value == right.value
        }
        // swift-crypto compares keys in constant time (`safeCompare`).
        return SymmetricKey(data: Data(text.utf8)) == SymmetricKey(data: Data(other.utf8))
    }
}

extension Secret: Hashable where Value: Hashable {
    /// Hashes the value; the seed of the hasher differs in every process.
    public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
