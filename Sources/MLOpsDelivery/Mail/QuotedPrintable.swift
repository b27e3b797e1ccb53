/// Text of mail in ASCII: bodies by RFC 2045, header values by RFC 2047.
enum QuotedPrintable {
    private static let longestLine = 76

    /// A body of UTF-8, with CRLF after each line.
    static func body(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var result = ""
            var column = 0
            let bytes = Array(line.utf8)
            for (index, byte) in bytes.enumerated() {
                let isLast = index == bytes.count - 1
                let isSpace = byte == 0x20 || byte == 0x09
                let isPlain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=")
                let piece =
                    isPlain || isSpace && !isLast
                    ? String(UnicodeScalar(byte)) : "=" + hexadecimal(byte)
                // One column is kept for the soft break.
                if column + piece.utf8.count > longestLine - 1 {
                    result += "=\r\n"
                    column = 0
                }
                result += piece
                column += piece.utf8.count
            }
            return result + "\r\n"
        }.joined()
    }

    /// The value of a header: as it is, or in encoded words of at most 75 characters.
    ///
    /// - Parameter text: One line without control characters.
    static func header(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        if isPlain, text.utf8.count <= 60, !text.contains("=?") { return text }
        var words: [String] = []
        var word = ""
        for scalar in text.unicodeScalars {
            let piece =
                UTF8.encode(scalar).map { bytes in
                    bytes.map { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"),
                            UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"):
                            String(UnicodeScalar(byte))
                        case 0x20: "_"
                        default: "=" + hexadecimal(byte)
                        }
                    }.joined()
                } ?? "?"
            // With `Subject: =?UTF-8?Q?` and `?=` a line of 76; no word ends inside a character.
            if word.utf8.count + piece.utf8.count > 55 {
                words.append(word)
                word = ""
            }
            word += piece
        }
        words.append(word)
        return words.map { "=?UTF-8?Q?\($0)?=" }.joined(separator: "\r\n ")
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "0" + digits : digits
    }
}
