import Foundation

/// The normalized form in which email addresses are stored and compared.
public enum EmailAddress {
    /// The address in lower case, without surrounding white space.
    ///
    /// Lower case follows Unicode's default mapping, independent of a language.
    public static func normalized(_ text: String) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        // One normalization form, because the databases compare bytes.
        return text[first...last].lowercased().precomposedStringWithCanonicalMapping
    }

    /// Whether there is text on both sides of the last `@`.
    public static func isValid(_ text: String) -> Bool {
        guard let sign = text.lastIndex(of: "@") else { return false }
        return sign > text.startIndex && text.index(after: sign) < text.endIndex
    }

    /// The normalised address, for storing.
    ///
    /// - Throws: `.invalidValue` that names the field when the address is not valid.
    static func checked(_ text: String, of entity: String, field: String) throws -> String {
        let address = normalized(text)
        guard isValid(address) else {
            throw StoreError(
                .invalidValue, "An email address needs text on both sides of an '@'.",
                entity: entity, field: field)
        }
        return address
    }
}
