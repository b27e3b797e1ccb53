import Foundation
import Synchronization

/// HTTP receivers on loopback, in threads of the process, that answer at once or not at all.
final class LoopbackReceiver: Sendable {
    let port: Int
    private let hangs: Bool
    private let listener: Int32
    private let received = Mutex<[(body: String, time: ContinuousClock.Instant)]>([])
    private let held = Mutex<[Int32]>([])

    /// The times at which messages came.
    var times: [ContinuousClock.Instant] { received.withLock { $0.map(\.time) } }
    /// How many connections are held without an answer.
    var hanging: Int { held.withLock { $0.count } }

    init(hangs: Bool) throws {
        self.hangs = hangs
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
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                if self.hangs {
                    held.withLock { $0.append(connection) }
                } else {
                    answer(connection)
                }
            }
        }
    }

    /// Ends the receiver, and what hangs.
    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Foundation.close(listener)
        held.withLock { held in
            for connection in held { Foundation.close(connection) }
            held = []
        }
    }

    private func answer(_ connection: Int32) {
        defer { Foundation.close(connection) }
        var text = Data()
        var buffer = [UInt8](repeating: 0, count: 16_384)
        // The body is a JSON object, which comes last.
        while text.last != UInt8(ascii: "}") {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            text.append(contentsOf: buffer[..<count])
        }
        received.withLock { $0.append((String(decoding: text, as: UTF8.self), .now)) }
        let answer = Array("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".utf8)
        _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
    }
}
