import Foundation
import HTTPTypes
import Hummingbird
import MLOpsCore

/// What a request shows of who asks.
enum Credentials {
    /// The key or token of `Authorization`, as Bearer or as the password of Basic.
    case token(Secret<String>)
    /// The session of a browser.
    case session(Secret<String>)
    case none

    /// - Throws: A failure of 401 for a header that is neither.
    init(_ request: Request) throws {
        if let header = request.headers[.authorization] {
            guard let token = Self.token(in: header) else { throw Visitor.unknown }
            self = .token(Secret(token))
        } else if let cookie = request.cookies[Session.cookieName] {
            self = .session(Secret(cookie.value))
        } else {
            self = .none
        }
    }

    private static func token(in header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let value = parts[1].trimmingCharacters(in: .whitespaces)
        switch parts[0].lowercased() {
        case "bearer": return value
        case "basic":
            guard let data = Data(base64Encoded: value),
                let text = String(data: data, encoding: .utf8),
                let colon = text.firstIndex(of: ":")
            else { return nil }
            return String(text[text.index(after: colon)...])
        default: return nil
        }
    }
}
