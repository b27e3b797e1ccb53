import Crypto
import Foundation

/// The form of names in paths and commands: `a` to `z`, `0` to `9` and `-`.
public enum Slug {
    /// The slug of any text: `Fraud Detection` is `fraud-detection`.
    ///
    /// Letters lose their case and their accents, every run of other characters becomes one `-`,
    /// and there is none at either end. Text without a Latin letter or a digit is the empty string.
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
                // Decomposed, an accented letter is the letter and its accents.
                if scalar.properties.generalCategory != .nonspacingMark { isSeparated = true }
            }
        }
        return slug
    }

    /// Slugs for a name of any script, in the order in which they are to be tried.
    ///
    /// The first is that of the name written in Latin letters, where there is one; the others end
    /// in a part of the name's SHA-256, so that every process finds the same.
    static func candidates(for name: String, of entity: String) -> [String] {
        let latin = name.applyingTransform(.toLatin, reverse: false) ?? name
        let base = [normalized(name), normalized(latin)].max { $0.count < $1.count } ?? ""
        let hash = SHA256.hash(data: Data(name.utf8)).hexadecimal
        let stem = base.isEmpty ? normalized(entity) : base
        return (base.isEmpty ? [] : [base]) + ["\(stem)-\(hash.prefix(8))", "\(stem)-\(hash)"]
    }

    /// The normalised slug, for storing.
    ///
    /// - Throws: `.invalidValue` for the field `slug` when nothing is left of it.
    static func checked(_ text: String, of entity: String) throws -> String {
        let slug = normalized(text)
        guard !slug.isEmpty else {
            throw StoreError(
                .invalidValue, "A slug needs at least one of the characters a to z and 0 to 9.",
                entity: entity, field: "slug")
        }
        return slug
    }
}
