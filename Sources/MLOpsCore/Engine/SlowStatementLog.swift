import Foundation
package import Logging

/// Logs statements that took too long, with their text and plan, never with values.
package struct SlowStatementLog {
    /// The longest time that is not reported, in nanoseconds.
    package let nanoseconds: Int64
    private let clock: clockid_t
    private let logger: Logger

    /// - Parameter threshold: The longest time that is not reported; `nil` turns the log off.
    package init?(threshold: Duration?, logger: Logger) {
        guard let threshold else { return nil }
        nanoseconds = Int64(max(0, min(threshold / .nanoseconds(1), 9e18)))
        clock = threshold < .milliseconds(100) ? CLOCK_MONOTONIC : Self.coarseClock
        self.logger = logger
    }

    /// A clock with a resolution of a few milliseconds, at a third of the cost of an exact one.
    ///
    /// A query reads the clock twice for each row; the rounding errors even out.
    private static var coarseClock: clockid_t {
        #if canImport(Darwin)
            CLOCK_MONOTONIC_RAW_APPROX
        #else
            CLOCK_MONOTONIC_COARSE
        #endif
    }

    /// Nanoseconds since an arbitrary moment.
    package func now() -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Reports a statement in one line if it took too long.
    ///
    /// - Parameters:
    ///   - rows: How many rows it returned, changed or inserted.
    ///   - plan: The query plan, one step an element; evaluated only for a report.
    package func report(
        _ sql: String, _ taken: Int64, rows: Int, plan: @autoclosure () -> [String] = []
    ) {
        guard taken > nanoseconds else { return }
        let line = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        var metadata: Logger.Metadata = [
            "sql": "\(line)", "milliseconds": "\(taken / 1_000_000)", "rows": "\(rows)",
        ]
        let plan = plan()
        if !plan.isEmpty { metadata["plan"] = .array(plan.map { .string($0) }) }
        logger.warning("slow statement", metadata: metadata)
    }
}
