import Foundation

extension String {
    /// The text without characters that change how the rest is read.
    ///
    /// Control characters, marks of writing direction, invisible tags and private noncharacters go.
    /// Every form of a line break becomes a line feed, or in one line a space.
    func cleaned(isOneLine: Bool = false) -> String {
        var result = UnicodeScalarView()
        var previous: Unicode.Scalar = " "
        for scalar in unicodeScalars {
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}":
                result.append(isOneLine ? " " : "\n")
            case "\t": result.append(" ")
            case "\u{200E}", "\u{200F}", "\u{061C}", "\u{FEFF}", "\u{202A}"..."\u{202E}",
                "\u{2066}"..."\u{2069}", "\u{E0000}"..."\u{E007F}", "\u{FFF9}"..."\u{FFFB}":
                break
            case _ where scalar.properties.generalCategory == .control: break
            case _ where scalar.properties.isNoncharacterCodePoint: break
            default: result.append(scalar)
            }
            previous = scalar
        }
        return String(result)
    }

    /// The start of the text, at most this long, with `…` where it was cut.
    ///
    /// It is cut between characters; inside one only if a character alone is longer. Lengths are
    /// those of `measure`, of one scalar at a time.
    func cut(to limit: Int, measure: (Unicode.Scalar) -> Int) -> String {
        var length = 0
        // The ends of the longest part, and of the longest that leaves room for the mark.
        var end = unicodeScalars.startIndex
        var shorter = end
        let mark = measure("…")
        for index in unicodeScalars.indices {
            length += measure(unicodeScalars[index])
            guard length <= limit else { break }
            end = unicodeScalars.index(after: index)
            if length <= limit - mark { shorter = end }
        }
        if end == unicodeScalars.endIndex { return self }
        guard mark <= limit else { return "" }
        // Back to the end of a character; hostile ones of thousands of scalars are cut inside.
        var boundary = shorter
        for _ in 0..<64 where boundary.samePosition(in: self) == nil {
            boundary = unicodeScalars.index(before: boundary)
        }
        if boundary == startIndex || boundary.samePosition(in: self) == nil { boundary = shorter }
        return String(unicodeScalars[..<boundary]) + "…"
    }

    /// The start of the text in UTF-8 bytes, and two for an escape in JSON.
    func cut(toBytes limit: Int) -> String {
        cut(to: limit) { $0 == "\"" || $0 == "\\" || $0 == "\n" ? 2 : UTF8.width($0) }
    }

    /// The start of the text in the UTF-16 units in which chat services count.
    func cut(toUnits limit: Int) -> String { cut(to: limit) { UTF16.width($0) } }
}
