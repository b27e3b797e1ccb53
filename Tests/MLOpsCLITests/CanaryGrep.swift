import Foundation

/// Searches bytes for secrets in all their encodings.
struct CanaryGrep {
    private struct Pattern {
        let bytes: [UInt8]
        let secret: Int
        let form: String
    }

    /// The encodings, by the hash of their first eight bytes.
    private var patterns: [UInt64: [Pattern]] = [:]
    private var mayBegin = [Bool](repeating: false, count: 1 << 22)

    init(_ secrets: [[UInt8]]) {
        for (number, secret) in secrets.enumerated() {
            for (form, bytes) in Self.forms(of: secret) {
                precondition(bytes.count >= 8, "a secret is too short to be searched for")
                let key = bytes.withUnsafeBytes { Self.key($0, 0) }
                patterns[key, default: []].append(
                    Pattern(bytes: bytes, secret: number, form: form))
                mayBegin[Self.slot(key)] = true
            }
        }
    }

    private static func key(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    private static func slot(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 42)
    }

    /// The encodings of a secret, each with its name.
    static func forms(of secret: [UInt8]) -> [(String, [UInt8])] {
        let hex = secret.map { String(format: "%02x", $0) }
        let percent = hex.map { "%" + $0 }.joined()
        var forms: [(String, [UInt8])] = [
            ("plain", secret), ("reversed", secret.reversed()),
            ("hex", Array(hex.joined().utf8)), ("HEX", Array(hex.joined().uppercased().utf8)),
            ("percent", Array(percent.utf8)), ("PERCENT", Array(percent.uppercased().utf8)),
            ("UTF-16 little", secret.flatMap { [$0, 0] }),
            ("UTF-16 big", secret.flatMap { [0, $0] }),
        ]
        let text = String(decoding: secret, as: UTF8.self)
        if let escaped = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics),
            escaped != text
        {
            forms.append(("escaped", Array(escaped.utf8)))
        }
        for alignment in 0..<3 {
            let padded = [UInt8](repeating: 0, count: alignment) + secret
            let base64 = Array(Data(padded).base64EncodedString().utf8)
            // Only the digits that depend on the secret alone.
            let whole = base64[(alignment * 8 + 5) / 6..<padded.count * 8 / 6]
            forms.append(("base64 at \(alignment)", Array(whole)))
            let urlSafe = whole.map { digit -> UInt8 in
                switch digit {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                default: digit
                }
            }
            if urlSafe != Array(whole) { forms.append(("base64url at \(alignment)", urlSafe)) }
        }
        return forms
    }

    /// The secrets that occur in the bytes, each with its encoding.
    func hits(in data: Data) -> [(secret: Int, form: String)] {
        var hits: [(Int, String)] = []
        data.withUnsafeBytes { bytes in
            mayBegin.withUnsafeBufferPointer { mayBegin in
                var offset = 0
                while offset + 8 <= bytes.count {
                    let key = Self.key(bytes, offset)
                    if mayBegin[Self.slot(key)], let candidates = patterns[key] {
                        for pattern in candidates
                        where bytes[offset...].starts(with: pattern.bytes) {
                            hits.append((pattern.secret, pattern.form))
                        }
                    }
                    offset += 1
                }
            }
        }
        return hits
    }
}
