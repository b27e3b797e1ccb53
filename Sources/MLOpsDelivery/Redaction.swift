import Foundation
import MLOpsCore
import MLOpsOperations

/// Removes the secrets of a channel from what an answer repeats of them.
struct Redaction {
    private let secrets: [String]

    init(_ config: ChannelConfig) {
        let texts: [String] =
            switch config {
            case .slack(let chat), .teams(let chat): Self.parts(of: chat.url.reveal())
            case .pagerDuty(let service):
                Self.parts(of: service.url.reveal()) + [service.routingKey.reveal()]
            case .webhook(let hook):
                Self.parts(of: hook.url.reveal())
                    + hook.keys.reveal().map { $0.base64EncodedString() }
            case .email(let mail):
                mail.login.map { login in
                    let password = login.password.reveal()
                    let plain = "\0\(login.username)\0\(password)"
                    return [password]
                        + [password, plain].map { Data($0.utf8).base64EncodedString() }
                } ?? []
            }
        // The longest first: it may contain others.
        secrets = texts.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
    }

    func applied(to outcome: DeliveryOutcome) -> DeliveryOutcome {
        let diagnostics = secrets.reduce(outcome.diagnostics) {
            $0.replacing($1, with: "[redacted]")
        }
        return DeliveryOutcome(outcome.verdict, reason: outcome.reason, diagnostics: diagnostics)
    }

    /// A URL, and what stands after its host: answers such as "no /services/..." repeat that.
    private static func parts(of url: String) -> [String] {
        let components = URLComponents(string: url)
        let path = components?.percentEncodedPath ?? ""
        let query = components?.percentEncodedQuery ?? ""
        let segments = (components?.path ?? path).split(separator: "/").map(String.init)
        return [url, path, query] + segments.filter { $0.count >= 16 }
    }
}
