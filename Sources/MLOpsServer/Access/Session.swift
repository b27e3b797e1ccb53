import Crypto
import Foundation
import MLOpsCore

/// The session of a browser: it shows the token once, in the URL that opens the page, and gets a
/// cookie in its place that no script can read and no other site can make it send.
///
/// The cookie follows from the token, so that a page that stays open outlives no server, and needs
/// no memory of it.
struct Session: Sendable {
    static let cookieName = "mlops_session"
    private let tokenDigest: SHA256.Digest
    let cookie: Secret<String>
    private let cookieDigest: SHA256.Digest

    init(token: Secret<String>) {
        let bytes = Data(token.reveal().utf8)
        tokenDigest = SHA256.hash(data: bytes)
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("session".utf8), using: SymmetricKey(data: bytes))
        let text = code.map { String(format: "%02x", $0) }.joined()
        cookie = Secret(text)
        cookieDigest = SHA256.hash(data: Data(text.utf8))
    }

    // Digests are compared in constant time.

    func isToken(_ text: Secret<String>) -> Bool {
        SHA256.hash(data: Data(text.reveal().utf8)) == tokenDigest
    }

    func isCookie(_ text: Secret<String>) -> Bool {
        SHA256.hash(data: Data(text.reveal().utf8)) == cookieDigest
    }

    /// A token of 256 random bits.
    static func makeToken() -> Secret<String> {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        return Secret(
            bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: ""))
    }
}
