import Foundation

extension String {
    /// The text as a name: in Unicode's normal form C, so that names that look alike are alike.
    ///
    /// Swift compares strings by what they look like, a database by their bytes: without one form
    /// `café` would be two metrics of a run with one summary. ASCII, the common case, is returned
    /// after one pass over its bytes.
    package var asName: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        return precomposedStringWithCanonicalMapping
    }

    /// The longest name that a store accepts, in UTF-8 bytes of its normal form.
    ///
    /// Names are in indexes, and PostgreSQL refuses an index row of more than 2,704 bytes.
    public static let maximumNameBytes = 1024

    /// The text as a name that a store accepts.
    ///
    /// - Throws: `.invalidValue` when it is too long, or holds a NUL character.
    func storedName(of entity: String, field: String) throws -> StoredValue {
        let name = asName
        try name.checkNameLength(of: entity, field: field)
        return try name.storedValue()
    }

    /// - Throws: `.invalidValue` when the name, in its normal form, is too long.
    func checkNameLength(of entity: String, field: String) throws {
        let length = utf8.count
        guard length > Self.maximumNameBytes else { return }
        throw StoreError(
            .invalidValue,
            "A name of \(length) bytes is longer than \(Self.maximumNameBytes).",
            entity: entity, field: field)
    }

    /// Whether the text is in the form of names already.
    fileprivate var isName: Bool {
        utf8.allSatisfy { $0 < 0x80 }
            || utf8.elementsEqual(precomposedStringWithCanonicalMapping.utf8)
    }
}

extension StoredValue {
    /// A text as a name; any other value as it is.
    ///
    /// - Throws: `.invalidValue` when the name is too long in its normal form.
    func asName() throws -> StoredValue {
        guard case .text(let text) = self, !text.isName else { return self }
        return try text.asName.storedValue()
    }
}

extension JSONValue {
    /// The document with its keys as names; other texts stay as they are.
    ///
    /// - Parameter strings: Whether the strings are names too, as in a list of tags.
    func namingKeys(andStrings strings: Bool = false) -> JSONValue {
        isNamed(andStrings: strings) ? self : named(andStrings: strings)
    }

    private func isNamed(andStrings strings: Bool) -> Bool {
        switch self {
        case .string(let text): !strings || text.isName
        case .array(let elements): elements.allSatisfy { $0.isNamed(andStrings: strings) }
        case .object(let members):
            members.allSatisfy { $0.key.isName && $0.value.isNamed(andStrings: strings) }
        default: true
        }
    }

    private func named(andStrings strings: Bool) -> JSONValue {
        switch self {
        case .string(let text): strings ? .string(text.asName) : self
        case .array(let elements): .array(elements.map { $0.named(andStrings: strings) })
        case .object(let members):
            // Swift's keys are equal when they look alike, so that no two become one.
            .object(
                Dictionary(
                    members.map { ($0.key.asName, $0.value.named(andStrings: strings)) }
                ) { $1 })
        default: self
        }
    }
}
