import Crypto
import Foundation
import MLOpsCore

/// The token of one person on one machine.
struct LocalToken: Sendable {
    private let digest: SHA256.Digest

    init(_ token: Secret<String>) { digest = Self.digest(of: token) }

    /// Whether a text is the token; digests are compared in constant time.
    func matches(_ text: Secret<String>) -> Bool { Self.digest(of: text) == digest }

    private static func digest(of text: Secret<String>) -> SHA256.Digest {
        SHA256.hash(data: Data(text.reveal().utf8))
    }

    /// A token of 256 random bits.
    static func make() -> Secret<String> {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        return Secret(
            bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: ""))
    }
}
