import Foundation
import Synchronization
import Testing

/// An HTTP server on loopback that answers with the status at the end of the path.
final class LocalReceiver: Sendable {
    private final class Requests: Sendable {
        let texts = Mutex<[String]>([])
    }

    private let descriptor: Int32
    private let kept = Requests()
    let port: Int

    /// What came, head and body.
    var requests: [String] { kept.texts.withLock { $0 } }

    init() throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutableBytes(of: &address) { [descriptor] bytes in
            guard let base = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                return false
            }
            return bind(descriptor, base, length) == 0 && listen(descriptor, 8) == 0
                && getsockname(descriptor, base, &length) == 0
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        try #require(isBound)
        Thread.detachNewThread { [descriptor, kept] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                Self.serve(connection, kept)
            }
        }
    }

    deinit {
        // It wakes the thread, whose call then fails.
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    func url(status: Int) -> String { "http://127.0.0.1:\(port)/status/\(status)" }

    private static func serve(_ connection: Int32, _ kept: Requests) {
        let file = FileHandle(fileDescriptor: connection, closeOnDealloc: true)
        var text = ""
        while true {
            let part = file.availableData
            text += String(decoding: part, as: UTF8.self)
            let halves = text.components(separatedBy: "\r\n\r\n")
            let length = halves[0].firstMatch(of: /(?i)content-length: (\d+)/).flatMap {
                Int($0.1)
            }
            if part.isEmpty || halves.count > 1 && halves[1].utf8.count >= length ?? 0 { break }
        }
        kept.texts.withLock { $0.append(text) }
        let status = text.firstMatch(of: #//status/(\d+) /#)?.1 ?? "500"
        let answer = "HTTP/1.1 \(status) s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        try? file.write(contentsOf: Data(answer.utf8))
    }
}
