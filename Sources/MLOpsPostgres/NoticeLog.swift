import CLibPQ
import Logging

/// Logs the server's notices by their codes, because their messages may contain values.
final class NoticeLog: Sendable {
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    /// Receives the notices of a connection; this log has to outlive the connection.
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
        // "Already exists, skipping" is expected of IF NOT EXISTS.
        guard field("C") != "42P07" else { return }
        notices.logger.notice(
            "PostgreSQL notice", metadata: ["severity": "\(field("V"))", "state": "\(field("C"))"])
    }
}
