import Foundation
import Synchronization

/// A receiver of webhooks on loopback, in threads of the process; it only notes the time of each.
final class HTTPReceiver: Sendable {
    private let arrivals = Mutex<[String: Date]>([:])
    let port: Int

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 512) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { self.answer(connection) }
            }
        }
    }

    /// When the message about an alert arrived, by the alert's id.
    var times: [String: Date] { arrivals.withLock { $0 } }

    private func answer(_ connection: Int32) {
        defer { close(connection) }
        var text = Data()
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            text.append(contentsOf: buffer[..<count])
            // The id of the alert is near the beginning of the body, which comes in one piece.
            if let id = Self.alertID(in: text) {
                arrivals.withLock { if $0[id] == nil { $0[id] = .now } }
                break
            }
        }
        let answer = Array("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".utf8)
        _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
    }

    private static func alertID(in text: Data) -> String? {
        guard let mark = text.range(of: Data(#""alert_id":""#.utf8)),
            text.count >= mark.upperBound + 36, text.last == UInt8(ascii: "}")
        else { return nil }
        return String(decoding: text[mark.upperBound..<mark.upperBound + 36], as: UTF8.self)
    }
}
