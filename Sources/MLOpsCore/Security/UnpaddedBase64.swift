import Foundation

/// Base64 (RFC 4648) without padding, with exactly one text for any bytes.
enum UnpaddedBase64: Sendable {
    /// With `+` and `/`, as in a PHC string.
    case standard
    /// With `-` and `_`, as in a URL.
    case urlSafe

    func encode(_ bytes: some Sequence<UInt8>) -> String {
        let text = Data(bytes).base64EncodedString().replacing("=", with: "")
        return switch self {
        case .standard: text
        case .urlSafe: text.replacing("+", with: "-").replacing("/", with: "_")
        }
    }

    /// Decodes a text; `nil` for a text that ``encode(_:)`` does not write.
    ///
    /// Unused bits of the last character must be zero. Foundation ignores them, so that a text
    /// could be changed without changing its bytes.
    func decode(_ text: some StringProtocol) -> [UInt8]? {
        var padded = String(text)
        if self == .urlSafe {
            padded = padded.replacing("-", with: "+").replacing("_", with: "/")
        }
        padded += String(repeating: "=", count: (4 - padded.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded) else { return nil }
        let bytes = [UInt8](data)
        return encode(bytes) == String(text) ? bytes : nil
    }
}
