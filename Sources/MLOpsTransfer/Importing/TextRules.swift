import Foundation
import MLOpsCore

/// Makes texts and times storable, and notes what had to be changed.
struct TextRules {
    /// What the texts are of.
    let subject: String
    /// Its name, for the report.
    let example: String

    /// The text, with U+FFFD for each NUL, which no column takes.
    func text(_ text: String, _ notes: inout ImportNotes) -> String {
        guard text.utf8.contains(0) else { return text }
        notes.change(subject, "a NUL in a text became U+FFFD", example)
        return text.replacing("\0", with: "\u{FFFD}")
    }

    /// The time, unless no store takes it.
    func time(_ date: Date?, _ what: String, _ notes: inout ImportNotes) -> Date? {
        guard let date else { return nil }
        guard (try? date.storedValue()) != nil else {
            notes.change(
                subject, "its time (\(what)) is outside of the years 1 to 9999 and left out",
                example)
            return nil
        }
        return date.roundedToMicroseconds
    }

    /// A name that a store takes: not empty, without NUL, of at most 1,024 bytes.
    static func name(
        _ text: String, or other: String, of subject: String, _ notes: inout ImportNotes
    ) -> String {
        let clean = TextRules(subject: subject, example: text).text(text, &notes)
        if clean.isEmpty {
            notes.change(subject, "it has no name and is named by its id", other)
            return other.isEmpty ? "-" : fitted(other)
        }
        let cut = fitted(clean)
        if cut.utf8.count < clean.utf8.count {
            notes.change(
                subject, "its name is longer than \(String.maximumNameBytes) bytes and was cut",
                cut)
        }
        return cut
    }

    /// The beginning of a name that is too long.
    private static func fitted(_ text: String) -> String {
        if text.precomposedStringWithCanonicalMapping.utf8.count <= String.maximumNameBytes {
            return text
        }
        var cut = ""
        var bytes = 0
        for character in text {
            bytes += String(character).precomposedStringWithCanonicalMapping.utf8.count
            guard bytes <= String.maximumNameBytes else { break }
            cut.append(character)
        }
        return cut.isEmpty ? "-" : cut
    }
}
