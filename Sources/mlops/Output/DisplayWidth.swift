import MLOpsTransfer

extension StringProtocol {
    /// How many columns of a terminal the text takes.
    var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }
}

extension String {
    /// The text in one line, without characters that control a terminal.
    ///
    /// ASCII control characters become their pictures. Other control characters, line separators
    /// and controls of the writing direction become U+FFFD.
    var singleLine: String {
        guard unicodeScalars.contains(where: ExportText.controlsTerminal) else { return self }
        var scalars = UnicodeScalarView()
        for scalar in unicodeScalars {
            scalars.append(ExportText.controlsTerminal(scalar) ? scalar.picture : scalar)
        }
        return String(scalars)
    }

    /// The lines of the text, each of at most `width` columns and without controls of a terminal.
    ///
    /// Words stay together where they fit.
    func wrapped(to width: Int) -> [String] {
        split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).flatMap { line in
            var lines: [String] = []
            var (current, used) = ("", 0)
            let words = String(line).singleLine.split(
                separator: " ", omittingEmptySubsequences: false)
            for (index, word) in words.enumerated() {
                let columns = word.displayWidth
                if index > 0, used + 1 + columns <= width {
                    current += " " + word
                    used += 1 + columns
                    continue
                }
                if index > 0 { lines.append(current) }
                (current, used) = ("", 0)
                for character in word {
                    if used > 0, used + character.displayWidth > width {
                        lines.append(current)
                        (current, used) = ("", 0)
                    }
                    current.append(character)
                    used += character.displayWidth
                }
            }
            return lines + [current]
        }
    }

    /// The lines of the text without indentation, joined by spaces.
    ///
    /// A message of several lines, such as one of a server, then reads well in one.
    var joinedLines: String {
        split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }
            .joined(separator: " ")
    }

    /// The text in at most `width` columns; an ellipsis replaces what is cut.
    func truncated(to width: Int) -> String {
        guard displayWidth > width else { return self }
        guard width > 0 else { return "" }
        var kept = ""
        var used = 0
        for character in self {
            guard used + character.displayWidth <= width - 1 else { break }
            kept.append(character)
            used += character.displayWidth
        }
        return kept + "…"
    }

    /// The text in exactly `width` columns.
    func padded(to width: Int, isRight: Bool = false) -> String {
        let text = truncated(to: width)
        let padding = String(repeating: " ", count: width - text.displayWidth)
        return isRight ? padding + text : text + padding
    }
}

extension Character {
    /// 0, 1 or 2 columns.
    fileprivate var displayWidth: Int {
        if isASCII { return 1 }
        let scalars = unicodeScalars
        // A variation selector 16 selects the wide form of a character that has two.
        if scalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
        return scalars.map(\.displayWidth).max() ?? 0
    }
}

extension Unicode.Scalar {
    /// Wide and full-width characters of Unicode Standard Annex 11, in blocks.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]

    fileprivate var displayWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        if properties.isEmojiPresentation { return 2 }
        return Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    fileprivate var picture: Unicode.Scalar {
        switch value {
        case 0..<0x20: Unicode.Scalar(0x2400 + value) ?? "\u{FFFD}"
        case 0x7F: "\u{2421}"
        default: "\u{FFFD}"
        }
    }
}
