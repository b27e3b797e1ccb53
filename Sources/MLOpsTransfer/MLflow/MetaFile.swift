import Foundation

/// A `meta.yaml` of MLflow.
///
/// It reads what PyYAML writes for a mapping of scalars: plain, single-quoted and double-quoted
/// scalars, folded over several lines, and mappings inside. Lists are skipped.
struct MetaFile {
    /// The scalars by key; the keys of a mapping inside follow its own after a slash.
    private(set) var values: [String: String] = [:]

    /// - Throws: ``ImportSourceError`` for other text.
    init(_ text: String) throws {
        try read(text.split(separator: "\n", omittingEmptySubsequences: false), below: "")
    }

    /// - Throws: ``ImportSourceError``.
    init(contentsOf file: URL) throws {
        do {
            try self.init(FileTree.text(of: file))
        } catch let error as ImportSourceError where error.kind == .anotherKind {
            throw ImportSourceError(.damaged, "\(file.path) cannot be read: \(error.message)")
        }
    }

    subscript(key: String) -> String? { values[key] }

    func integer(_ key: String) -> Int64? { values[key].flatMap { Int64($0) } }

    /// The time of a number of milliseconds since 1970.
    func time(_ key: String) -> Date? {
        integer(key).flatMap { TimeText.date(milliseconds: $0) }
    }

    /// The scalars of a mapping inside.
    func mapping(_ key: String) -> [String: String] {
        var found: [String: String] = [:]
        for (name, value) in values where name.hasPrefix(key + "/") {
            found[String(name.dropFirst(key.count + 1))] = value
        }
        return found
    }

    private mutating func read(_ lines: [Substring], below path: String) throws {
        var index = 0
        while index < lines.count {
            let line = lines[index]
            index += 1
            if line.allSatisfy(\.isWhitespace) || line.hasPrefix("#") || line == "---" { continue }
            guard let (key, rest) = Self.entry(line) else {
                throw ImportSourceError(.anotherKind, "line \(index) is not `key: value`.")
            }
            var more: [Substring] = []
            while index < lines.count,
                lines[index].first.map({ $0 == " " || $0 == "-" }) ?? (index + 1 < lines.count)
            {
                more.append(lines[index])
                index += 1
            }
            while more.last?.isEmpty == true { more.removeLast() }
            let name = path + key
            if rest.isEmpty, let first = more.first {
                if first.hasPrefix("- ") || first.hasPrefix("-\n") || first == "-" { continue }
                let indent = first.prefix { $0 == " " }.count
                try read(more.map { $0.dropFirst(min(indent, $0.count)) }, below: name + "/")
            } else if let value = try Self.scalar([rest] + more) {
                values[name] = value
            }
        }
    }

    /// The key of a line and what follows it.
    private static func entry(_ line: Substring) -> (key: String, rest: Substring)? {
        guard let first = line.first, first != " ", first != "-" else { return nil }
        if first == "'" || first == "\"" {
            guard let end = line.dropFirst().firstIndex(of: first) else { return nil }
            let rest = line[line.index(after: end)...]
            guard rest.first == ":" else { return nil }
            return (
                String(line[line.index(after: line.startIndex)..<end]), trimmed(rest.dropFirst())
            )
        }
        guard
            let colon = line.range(of: ": ")?.lowerBound
                ?? (line.last == ":" ? line.index(before: line.endIndex) : nil)
        else { return nil }
        return (String(line[..<colon]), trimmed(line[line.index(after: colon)...]))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" || text.last == "\r" { text.removeLast() }
        return text
    }

    /// The value of a scalar; `nil` for null and for an empty list or mapping.
    private static func scalar(_ lines: [Substring]) throws -> String? {
        let lines = lines.map(trimmed)
        switch lines[0].first {
        case "'":
            let text = folded(lines)
            guard text.count >= 2, text.last == "'" else { throw unclosed }
            return String(text.dropFirst().dropLast()).replacing("''", with: "'")
        case "\"":
            return try unescaped(folded(lines, joinsEscaped: true))
        default:
            let text = folded(lines)
            return ["", "null", "~", "[]", "{}"].contains(text) ? nil : text
        }
    }

    private static let unclosed = ImportSourceError(.anotherKind, "a quote is not closed.")

    /// Joins the lines of a scalar: a line break is a space, and an empty line a line break.
    private static func folded(_ lines: [Substring], joinsEscaped: Bool = false) -> String {
        var text = ""
        var breaks = 0
        for (index, line) in lines.enumerated() {
            if index > 0, line.isEmpty {
                breaks += 1
                continue
            }
            if index > 0 {
                if joinsEscaped, breaks == 0, endsInEscape(text) {
                    text.removeLast()
                } else {
                    text += breaks == 0 ? " " : String(repeating: "\n", count: breaks)
                }
            }
            breaks = 0
            text += line
        }
        return text
    }

    /// Whether an odd number of backslashes ends a text.
    private static func endsInEscape(_ text: String) -> Bool {
        text.reversed().prefix { $0 == "\\" }.count % 2 == 1
    }

    private static let escapes: [Character: String] = [
        "0": "\0", "a": "\u{7}", "b": "\u{8}", "t": "\t", "n": "\n", "v": "\u{B}", "f": "\u{C}",
        "r": "\r", "e": "\u{1B}", " ": " ", "\"": "\"", "\\": "\\", "/": "/", "N": "\u{85}",
        "_": "\u{A0}", "L": "\u{2028}", "P": "\u{2029}",
    ]

    private static func unescaped(_ quoted: String) throws -> String {
        var text = ""
        var rest = quoted.dropFirst()
        while let character = rest.popFirst() {
            if character == "\"" {
                guard rest.isEmpty else { throw unclosed }
                return text
            }
            guard character == "\\" else {
                text.append(character)
                continue
            }
            guard let escape = rest.popFirst() else { throw unclosed }
            if let plain = escapes[escape] {
                text += plain
                continue
            }
            let digits = ["x": 2, "u": 4, "U": 8][escape] ?? 0
            guard digits > 0, let code = UInt32(rest.prefix(digits), radix: 16),
                let scalar = Unicode.Scalar(code)
            else { throw ImportSourceError(.anotherKind, "an escape is not valid.") }
            rest = rest.dropFirst(digits)
            text.unicodeScalars.append(scalar)
        }
        throw unclosed
    }
}
