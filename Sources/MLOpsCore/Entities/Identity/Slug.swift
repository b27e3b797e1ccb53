import Crypto
import Foundation

/// The form of names in paths and commands: `a` to `z`, `0` to `9` and `-`.
public enum Slug {
    /// The slug of any text: `Fraud Detection` is `fraud-detection`.
    ///
    /// Letters lose case and accents, and every run of other characters becomes one `-`, except at
    /// the ends. A text without a Latin letter or a digit gives an empty string.
    public static func normalized(_ text: String) -> String {
        var slug = ""
        var isSeparated = false
        for scalar in text.decomposedStringWithCanonicalMapping.lowercased().unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9":
                if isSeparated, !slug.isEmpty { slug += "-" }
                isSeparated = false
                slug.unicodeScalars.append(scalar)
            default:
                // In decomposed form, an accented letter is followed by its accents.
                if scalar.properties.generalCategory != .nonspacingMark { isSeparated = true }
            }
        }
        return slug
    }

    /// Slugs for a name in any script, in the order in which to try them.
    ///
    /// The first is made from the name in Latin letters, if that gives a slug. The others end with
    /// digits of the name's SHA-256, so that every process makes the same ones.
    static func candidates(for name: String, of entity: String) -> [String] {
        let name = name.asName
        let latin = name.applyingTransform(.toLatin, reverse: false) ?? name
        let longest = [normalized(name), normalized(latin)].max { $0.count < $1.count } ?? ""
        // In Latin letters, a name of another script can be longer than a slug may be.
        let base = String(longest.prefix(200))
        let hash = SHA256.hash(data: Data(name.utf8)).hexadecimal
        let stem = base.isEmpty ? normalized(entity) : base
        return (base.isEmpty ? [] : [base]) + ["\(stem)-\(hash.prefix(8))", "\(stem)-\(hash)"]
    }

    /// The normalised slug, for storing.
    ///
    /// - Throws: `.invalidValue` for the field `slug` when it is empty or too long.
    static func checked(_ text: String, of entity: String) throws -> String {
        let slug = normalized(text)
        guard !slug.isEmpty else {
            throw StoreError(
                .invalidValue, "A slug needs at least one of the characters a to z and 0 to 9.",
                entity: entity, field: "slug")
        }
        try slug.checkNameLength(of: entity, field: "slug")
        return slug
    }
}
