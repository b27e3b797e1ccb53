import Crypto
import Foundation

/// The headers of Standard Webhooks 1.0.0 that sign a request.
enum WebhookSignature {
    /// The value of `webhook-signature`: one signature for each key, in the order of the keys.
    static func value(id: String, timestamp: Int, body: String, keys: [Data]) -> String {
        let signed = Data("\(id).\(timestamp).\(body)".utf8)
        return keys.map { key in
            let code = HMAC<SHA256>.authenticationCode(
                for: signed, using: SymmetricKey(data: key))
            return "v1,\(Data(code).base64EncodedString())"
        }.joined(separator: " ")
    }

    /// The three headers of an attempt.
    static func headers(id: String, at date: Date, body: String, keys: [Data]) -> [String] {
        let timestamp = Int(date.timeIntervalSince1970)
        return [
            "webhook-id: \(id)", "webhook-timestamp: \(timestamp)",
            "webhook-signature: \(value(id: id, timestamp: timestamp, body: body, keys: keys))",
        ]
    }
}
