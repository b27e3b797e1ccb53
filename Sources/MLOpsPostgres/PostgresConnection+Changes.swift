import CLibPQ
import Foundation
import MLOpsCore

/// Announcements of changes, by `NOTIFY`.
extension PostgresConnection {
    private static let channel = "mlops_changes"

    /// The statements that announce changes and end the transaction, in one round trip.
    func commitText(announcing changes: Changes) -> String {
        guard configuration.announcesChanges, !changes.isEmpty else { return "COMMIT" }
        // The announcement has only ids and names of tables, which need no quoting.
        return
            "SELECT pg_notify('\(Self.channel)', '\(changes.announcement(from: sender))'); COMMIT"
    }

    /// Announces a text to every session that listens.
    func announce(_ payload: String) throws {
        try executeOnce("SELECT pg_notify(\(Self.channel), \(payload))")
    }

    func listen() throws {
        try executeOnce("LISTEN \(raw: Self.channel)")
        isListening = true
    }

    /// The announcements since the last call; waits for one until the time is over.
    ///
    /// - Throws: `.connectionLost`, also on a new connection that does not listen yet.
    func announcements(within limit: Duration) throws -> [String] {
        guard isListening else { throw lost() }
        let deadline = ContinuousClock.now + limit
        while true {
            guard PQconsumeInput(handle) == 1 else { throw lost() }
            var payloads: [String] = []
            while let notification = PQnotifies(handle) {
                if let payload = notification.pointee.extra {
                    payloads.append(String(cString: payload))
                }
                PQfreemem(notification)
            }
            if !payloads.isEmpty || ContinuousClock.now >= deadline { return payloads }
            try interruption.check()
            var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            _ = poll(&descriptor, 1, 100)
        }
    }

    /// The server's current snapshot: the running transactions and the next number.
    ///
    /// The text changes with each commit that has written, in any database of the server.
    func snapshot() throws -> String {
        var text = ""
        try query("SELECT pg_current_snapshot()::text") { row in
            text = try row.next(String.self)
            return false
        }
        return text
    }
}
