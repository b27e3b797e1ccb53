import CLibPQ
import Foundation
import MLOpsCore

/// Sending and waiting: nothing here blocks longer than the deadline of a statement.
extension PostgresConnection {
    /// Waits for the last answer to what was sent.
    ///
    /// - Parameters:
    ///   - isSent: The result of libpq's sending function: 1 for success.
    ///   - ends: How many answers are read to their end; the last one of a pipeline is its sync.
    ///   - copy: Sends the rows of a `COPY`, until the deadline.
    func answer(
        _ isSent: Int32, within limit: Duration? = nil, ends: Int = 1,
        copying copy: (OpaquePointer, ContinuousClock.Instant?) throws -> Void = { handle, _ in
            PQputCopyEnd(handle, "no data")
        }
    ) throws -> PostgresResult {
        guard isSent == 1 else { throw lost() }
        let limit = limit ?? configuration.statementTimeout.map { $0 + Self.grace }
        let deadline = limit.map { ContinuousClock.now + $0 }
        var last: PostgresResult?
        var failure: PostgresResult?
        var ends = ends
        while ends > 0 {
            try flush(until: deadline)
            while PQisBusy(handle) == 1 { try wait(for: POLLIN, until: deadline) }
            guard let next = PQgetResult(handle) else {
                ends -= 1
                continue
            }
            let result = PostgresResult(next)
            switch result.status {
            case PGRES_PIPELINE_SYNC: ends = 0
            case PGRES_PIPELINE_ABORTED: break
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: failure = failure ?? result
            case PGRES_COPY_IN:
                try copy(handle, deadline)
            default: last = result
            }
        }
        if let failure { throw error(failure) }
        guard let last else { throw lost() }
        return last
    }

    /// Sends the data that libpq has buffered, and reads what the server sends meanwhile.
    ///
    /// The server may stop reading until its own output has been read.
    func flush(until deadline: ContinuousClock.Instant?) throws {
        while true {
            let state = PQflush(handle)
            if state == 0 { return }
            guard state == 1 else { throw lost() }
            try wait(for: POLLIN | POLLOUT, until: deadline)
        }
    }

    /// Waits for the socket, for at most a second, and reads what has arrived.
    private func wait(for events: Int32, until deadline: ContinuousClock.Instant?) throws {
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
        // After a cancel request, the server has the grace period to answer.
        let until = canceller.sentAt.map { $0 + Self.grace } ?? deadline
        let ready = poll(&descriptor, 1, 1000)
        if ready > 0, descriptor.revents & ~Int16(POLLOUT) != 0, PQconsumeInput(handle) == 0 {
            throw lost()
        }
        if ready == 0, let until, ContinuousClock.now > until {
            canceller.abandon()
            // Report the interruption, except in a commit, which may have taken effect.
            if !isCommitting { try interruption.check() }
            throw lost(
                "PostgreSQL has not answered within the statement timeout; nothing of the "
                    + "transaction was kept.")
        }
    }
}
