import Foundation
package import Logging

/// Reports statements that took too long: text and plan, never values.
package struct SlowStatementLog {
    /// What a statement may take.
    package let nanoseconds: Int64
    private let clock: clockid_t
    private let logger: Logger

    /// - Parameter threshold: What a statement may take; `nil` reports none.
    package init?(threshold: Duration?, logger: Logger) {
        guard let threshold else { return nil }
        nanoseconds = Int64(max(0, min(threshold / .nanoseconds(1), 9e18)))
        clock = threshold < .milliseconds(100) ? CLOCK_MONOTONIC : Self.coarseClock
        self.logger = logger
    }

    /// A clock that ticks every few milliseconds, and costs a third of one that is exact: a read
    /// looks twice for each row, and the parts of ticks that it misses and counts twice even out.
    private static var coarseClock: clockid_t {
        #if canImport(Darwin)
            CLOCK_MONOTONIC_RAW_APPROX
        #else
            CLOCK_MONOTONIC_COARSE
        #endif
    }

    /// Nanoseconds since some moment.
    package func now() -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Reports a statement if it took too long.
    ///
    /// - Parameter plan: The query plan, a step a line; made only for a report.
    package func report(
        _ sql: String, _ taken: Int64, plan: @autoclosure () -> [String] = []
    ) {
        guard taken > nanoseconds else { return }
        var metadata: Logger.Metadata = [
            "sql": "\(sql)", "milliseconds": "\(taken / 1_000_000)",
        ]
        let plan = plan()
        if !plan.isEmpty { metadata["plan"] = .array(plan.map { .string($0) }) }
        logger.warning("slow statement", metadata: metadata)
    }
}
