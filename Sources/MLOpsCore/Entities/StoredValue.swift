public import Foundation
import Synchronization

/// The kind of value in a column, independent of a backend's own types.
public enum ColumnKind: Sendable, Hashable {
    /// 64-bit signed integers.
    case integer
    /// Doubles, NaN and infinities included.
    case real
    /// Strings without NUL characters.
    case text
    /// Truth values.
    case bool
    /// Identifiers.
    case uuid
    /// Times, in microseconds.
    case time
    /// JSON documents.
    case json
}

/// One value of one column, independent of a backend's own types.
public enum StoredValue: Sendable, Hashable {
    /// No value.
    case null
    /// An integer.
    case integer(Int64)
    /// A double.
    case real(Double)
    /// A string.
    case text(String)
    /// A truth value.
    case bool(Bool)
    /// An identifier.
    case uuid(UUID)
    /// Microseconds since 1970-01-01 UTC.
    case time(Int64)
    /// A JSON document.
    case json(StoredDocument)
}

/// A JSON document as the value of a column.
///
/// Its canonical text is written once and cached.
public final class StoredDocument: Sendable, Hashable {
    /// The document.
    public let value: JSONValue
    /// The largest text that its column accepts, in UTF-8 bytes.
    let maximumBytes: Int
    private let text = Mutex<String?>(nil)

    /// A document.
    public convenience init(_ value: JSONValue) {
        self.init(value, maximumBytes: JSONValue.maximumBytes)
    }

    /// A document of a column with a limit of its own; `.max` for one that was read.
    package init(_ value: JSONValue, maximumBytes: Int) {
        self.value = value
        self.maximumBytes = maximumBytes
    }

    /// The cached text of ``JSONValue/canonicalText()``, with the same errors.
    public func canonicalText() throws -> String {
        try text.withLock { text in
            if let text { return text }
            let written = try value.canonicalText(maximumBytes: maximumBytes)
            text = written
            return written
        }
    }

    /// Whether two documents are equal.
    public static func == (left: StoredDocument, right: StoredDocument) -> Bool {
        left === right || left.value == right.value
    }

    /// Hashes the document.
    public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

/// A Swift type that one column can hold.
public protocol ColumnValue: Sendable {
    /// The kind of value in the column.
    static var columnKind: ColumnKind { get }

    /// The value as it is stored.
    ///
    /// - Throws: `.invalidValue` when it cannot be stored.
    func storedValue() throws -> StoredValue

    /// Reads a stored value; `nil` when it is of another type.
    init?(_ stored: StoredValue)
}

extension String: ColumnValue {
    /// Text.
    public static var columnKind: ColumnKind { .text }

    /// The longest string that a column accepts, in UTF-8 bytes.
    public static let maximumStoredBytes = 1 << 20

    /// The string as it is stored.
    ///
    /// - Throws: `.invalidValue` when it contains a NUL character or is over 1 MiB.
    public func storedValue() throws -> StoredValue {
        guard utf8.count <= Self.maximumStoredBytes else {
            throw StoreError(
                .invalidValue,
                "A string of \(utf8.count) bytes is longer than \(Self.maximumStoredBytes).")
        }
        var text = self
        guard !text.withUTF8({ $0.contains(0) }) else {
            throw StoreError(
                .invalidValue, "A string holds a NUL character, which no column takes.")
        }
        return .text(self)
    }

    /// The string of stored text.
    public init?(_ stored: StoredValue) {
        guard case .text(let value) = stored else { return nil }
        self = value
    }
}

extension Int64: ColumnValue {
    /// Integer.
    public static var columnKind: ColumnKind { .integer }
    /// The integer.
    public func storedValue() -> StoredValue { .integer(self) }
    /// The integer of a stored integer.
    public init?(_ stored: StoredValue) {
        guard case .integer(let value) = stored else { return nil }
        self = value
    }
}

extension Int: ColumnValue {
    /// Integer.
    public static var columnKind: ColumnKind { .integer }
    /// The integer.
    public func storedValue() -> StoredValue { .integer(Int64(self)) }
    /// The integer of a stored integer.
    public init?(_ stored: StoredValue) {
        guard case .integer(let value) = stored else { return nil }
        self.init(exactly: value)
    }
}

extension Double: ColumnValue {
    /// Real.
    public static var columnKind: ColumnKind { .real }
    /// The number, including NaN and infinities.
    public func storedValue() -> StoredValue { .real(self) }
    /// The number of a stored real.
    public init?(_ stored: StoredValue) {
        guard case .real(let value) = stored else { return nil }
        self = value
    }
}

extension Bool: ColumnValue {
    /// Truth value.
    public static var columnKind: ColumnKind { .bool }
    /// The truth value.
    public func storedValue() -> StoredValue { .bool(self) }
    /// The truth value of a stored one.
    public init?(_ stored: StoredValue) {
        guard case .bool(let value) = stored else { return nil }
        self = value
    }
}

extension Date: ColumnValue {
    /// Time.
    public static var columnKind: ColumnKind { .time }

    /// The time, rounded to the microsecond.
    ///
    /// - Throws: `.invalidValue` outside years 1 to 9999.
    public func storedValue() throws -> StoredValue {
        guard let microseconds else {
            throw StoreError(.invalidValue, "A time lies outside the years 1 to 9999.")
        }
        return .time(microseconds)
    }

    /// The time of a stored one.
    public init?(_ stored: StoredValue) {
        guard case .time(let value) = stored else { return nil }
        self.init(microseconds: value)
    }
}

extension Identifier: ColumnValue {
    /// Identifier.
    public static var columnKind: ColumnKind { .uuid }
    /// The identifier.
    public func storedValue() -> StoredValue { .uuid(uuid) }
    /// The identifier of a stored one.
    public init?(_ stored: StoredValue) {
        guard case .uuid(let value) = stored else { return nil }
        self.init(value)
    }
}

extension JSONValue: ColumnValue {
    /// JSON.
    public static var columnKind: ColumnKind { .json }
    /// The document, with its keys in the form of names.
    public func storedValue() -> StoredValue { .json(StoredDocument(namingKeys())) }
    /// The document of a stored one.
    public init?(_ stored: StoredValue) {
        guard case .json(let document) = stored else { return nil }
        self = document.value
    }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    /// The kind of the wrapped value.
    public static var columnKind: ColumnKind { Wrapped.columnKind }
    /// The wrapped value, or `.null`.
    public func storedValue() throws -> StoredValue { try self?.storedValue() ?? .null }
    /// `nil` for `.null`, else the wrapped value.
    public init?(_ stored: StoredValue) {
        if case .null = stored {
            self = .none
        } else {
            guard let value = Wrapped(stored) else { return nil }
            self = .some(value)
        }
    }
}

/// An enumeration that is stored as the raw value of its cases.
public protocol TextEnumeration: ColumnValue, Codable, CaseIterable, RawRepresentable, Hashable
where RawValue == String {}

extension TextEnumeration {
    /// Text.
    public static var columnKind: ColumnKind { .text }
    /// The case's text.
    public func storedValue() -> StoredValue { .text(rawValue) }
    /// The case of stored text.
    public init?(_ stored: StoredValue) {
        guard case .text(let value) = stored else { return nil }
        self.init(rawValue: value)
    }
}
