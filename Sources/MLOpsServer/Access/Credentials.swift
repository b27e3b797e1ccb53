import Foundation
import HTTPTypes
import Hummingbird
import MLOpsCore

/// What a request shows of who asks.
enum Credentials {
    /// The key or token of `Authorization`, as Bearer or as the password of Basic.
    ///
    /// - Throws: A failure of 401 for a header of another form.
    static func token(of request: Request) throws -> Secret<String>? {
        guard let header = request.headers[.authorization] else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { throw Visitor.unknown }
        let value = parts[1].trimmingCharacters(in: .whitespaces)
        switch parts[0].lowercased() {
        case "bearer": return Secret(value)
        case "basic":
            guard let data = Data(base64Encoded: value),
                let text = String(data: data, encoding: .utf8),
                let colon = text.firstIndex(of: ":")
            else { throw Visitor.unknown }
            return Secret(String(text[text.index(after: colon)...]))
        default: throw Visitor.unknown
        }
    }
}
