/// Bytes as base-62 digits, `0-9A-Za-z`, most significant first, with a fixed width.
///
/// A double click selects such a text as one word, and it needs no escape in a URL or a shell.
enum Base62 {
    private static let alphabet = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// Encodes bytes, as one big-endian number, in a fixed number of digits.
    ///
    /// Higher digits are cut off.
    static func encode(_ bytes: [UInt8], width: Int) -> String {
        var number = bytes
        var digits: [UInt8] = []
        for _ in 0..<width {
            var remainder = 0
            for index in number.indices {
                let part = remainder << 8 | Int(number[index])
                number[index] = UInt8(part / 62)
                remainder = part % 62
            }
            digits.append(alphabet[remainder])
        }
        return String(decoding: digits.reversed(), as: UTF8.self)
    }

    /// Decodes digits into `byteCount` bytes; `nil` for a larger number or another character.
    static func decode(_ text: some StringProtocol, byteCount: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        for character in text.utf8 {
            guard var carry = alphabet.firstIndex(of: character) else { return nil }
            for index in bytes.indices.reversed() {
                let part = Int(bytes[index]) * 62 + carry
                bytes[index] = UInt8(part & 0xFF)
                carry = part >> 8
            }
            guard carry == 0 else { return nil }
        }
        return bytes
    }

    /// Whether every character is a digit.
    static func isText(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy(alphabet.contains)
    }

    /// Uniformly random digits from the system's generator.
    static func random(width: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = (0..<width).map { _ in
            alphabet[Int.random(in: alphabet.indices, using: &generator)]
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
