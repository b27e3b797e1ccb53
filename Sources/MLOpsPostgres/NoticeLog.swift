import CLibPQ
import Logging

/// Reports what the server notes, by its code: the words may hold values.
final class NoticeLog: Sendable {
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    /// Hears what the server notes on a connection, which this must outlive.
    func listen(to connection: OpaquePointer?) {
        PQsetNoticeReceiver(
            connection, { NoticeLog.receive($0, $1) }, Unmanaged.passUnretained(self).toOpaque())
    }

    private static func receive(_ log: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
        guard let log, let result else { return }
        let notices = Unmanaged<NoticeLog>.fromOpaque(log).takeUnretainedValue()
        func field(_ code: Character) -> String {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
                ?? ""
        }
        // "Already exists, skipping": that is what IF NOT EXISTS is for.
        guard field("C") != "42P07" else { return }
        notices.logger.notice(
            "PostgreSQL notice", metadata: ["severity": "\(field("V"))", "state": "\(field("C"))"])
    }
}
