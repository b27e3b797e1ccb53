import Foundation
import Synchronization

/// What somebody runs who wants to be told: an HTTP server on loopback that takes signed webhooks.
final class WebhookReceiver: Sendable {
    /// A message whose signature is right.
    struct Message: Sendable {
        /// What tells, such as `alert.triggered`.
        let type: String
        let alert: String
        let severity: String
        let title: String
        /// What it came in.
        let request: WebhookRequest
    }

    let verifier = WebhookVerifier()
    let url: String
    /// The messages as they come; it ends when the receiver stops.
    let messages: AsyncStream<Message>
    private let incoming: AsyncStream<Message>.Continuation
    private let descriptor: Int32
    private let refused = Mutex<[WebhookVerifier.Refusal]>([])

    /// Why requests were refused, in the order in which they came.
    var refusals: [WebhookVerifier.Refusal] { refused.withLock { $0 } }

    /// Listens on a free port.
    init() throws {
        let (descriptor, port) = try Self.listen()
        self.descriptor = descriptor
        url = "http://127.0.0.1:\(port)/alerts"
        (messages, incoming) = AsyncStream.makeStream()
    }

    /// Answers requests, one after another, until the receiver stops.
    func start() {
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                let answer =
                    "HTTP/1.1 \(answer(to: connection))\r\nContent-Length: 0\r\n"
                    + "Connection: close\r\n\r\n"
                _ = send(connection, answer, answer.utf8.count, 0)
                close(connection)
            }
            close(descriptor)
        }
    }

    /// Ends the stream of messages, and the thread.
    func stop() {
        incoming.finish()
        // It wakes the thread.
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private func answer(to connection: Int32) -> String {
        guard let request = WebhookRequest(from: connection) else { return "400 Bad Request" }
        do {
            try verifier.verify(request)
        } catch {
            refused.withLock { $0.append(error) }
            return "401 Unauthorized"
        }
        guard let body = try? JSONDecoder().decode(Body.self, from: request.body) else {
            return "400 Bad Request"
        }
        incoming.yield(
            Message(
                type: body.type, alert: body.data.alert_id, severity: body.data.severity,
                title: body.data.title, request: request))
        return "204 No Content"
    }

    private struct Body: Decodable {
        struct Alert: Decodable {
            let alert_id: String
            let severity: String
            let title: String
        }

        let type: String
        let data: Alert
    }

    private static func listen() throws -> (descriptor: Int32, port: UInt16) {
        #if canImport(Darwin)
            let stream = SOCK_STREAM
        #else
            let stream = Int32(SOCK_STREAM.rawValue)
        #endif
        let descriptor = socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0
                    && Foundation.listen(descriptor, 8) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isListening else { throw StoryError(expected: "a port is free") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
