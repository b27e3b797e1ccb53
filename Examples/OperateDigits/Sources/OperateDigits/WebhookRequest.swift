import Foundation

/// An HTTP request, as far as a receiver of webhooks needs it.
struct WebhookRequest: Sendable {
    /// The headers by their names in lower case.
    let headers: [String: String]
    let body: Data

    private static let maximumBytes = 64 << 10

    /// Reads a request; `nil` for what is none, or too long.
    init?(from connection: Int32) {
        var bytes = Data()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= Self.maximumBytes {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
            guard let end = bytes.range(of: Data("\r\n\r\n".utf8)) else { continue }
            let headers = Self.headers(of: bytes[..<end.lowerBound])
            let body = bytes[end.upperBound...]
            guard let length = headers["content-length"].flatMap({ Int($0) }) else { return nil }
            guard body.count >= length else { continue }
            self.headers = headers
            self.body = Data(body.prefix(length))
            return
        }
        return nil
    }

    private static func headers(of head: Data) -> [String: String] {
        let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
        let pairs = lines.dropFirst().compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces))
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
