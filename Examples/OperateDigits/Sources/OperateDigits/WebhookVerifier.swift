import Crypto
import Foundation

/// Decides whether a request was signed by Standard Webhooks 1.0.0, with a shared secret.
struct WebhookVerifier: Sendable {
    /// Why a request is refused.
    enum Refusal: String, Error {
        case incomplete = "a header is missing"
        case stale = "its timestamp is not of now"
        case wrongSignature = "its signature is not of this secret"
    }

    /// How far a timestamp may be away, in seconds.
    private static let tolerance = 300.0
    private static let prefix = "whsec_"

    private let key: SymmetricKey

    /// Makes a verifier of a new secret.
    init() { key = SymmetricKey(size: .bits256) }

    /// The secret, for the configuration of a channel.
    var secret: String {
        Self.prefix + key.withUnsafeBytes { Data($0) }.base64EncodedString()
    }

    /// - Throws: ``Refusal``.
    func verify(_ request: WebhookRequest, at now: Date = .now) throws(Refusal) {
        guard let id = request.headers["webhook-id"],
            let timestamp = request.headers["webhook-timestamp"], let time = Int(timestamp),
            let signatures = request.headers["webhook-signature"]
        else { throw .incomplete }
        guard abs(now.timeIntervalSince1970 - Double(time)) <= Self.tolerance else { throw .stale }
        let signed = Data("\(id).\(timestamp).".utf8) + request.body
        // One is enough: while a secret is changed there are two. The comparison takes the same
        // time wherever they differ.
        let isSigned = signatures.split(separator: " ").contains { signature in
            guard signature.hasPrefix("v1,"),
                let code = Data(base64Encoded: String(signature.dropFirst(3)))
            else { return false }
            return HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: signed, using: key)
        }
        guard isSigned else { throw .wrongSignature }
    }
}
