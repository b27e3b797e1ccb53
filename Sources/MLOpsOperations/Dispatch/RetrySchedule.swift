import Foundation

/// When a message is tried again.
///
/// The schedule is that of the Standard Webhooks specification, 75 hours in all.
enum RetrySchedule {
    /// The seconds after each failed attempt; after the last one the message is given up.
    static let delays: [Double] = [
        5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]

    /// The share of a delay that is added at random, so that receivers are not met all at once.
    static let jitter = 0.1

    /// The time of the next attempt; `nil` when it is given up.
    ///
    /// - Parameters:
    ///   - attempt: The number of the attempt that has failed, from 1.
    ///   - wish: How long the receiver asks to wait.
    static func next(
        after attempt: Int, wish: Duration?, now: Date,
        using generator: inout some RandomNumberGenerator
    ) -> Date? {
        guard attempt >= 1, attempt <= delays.count else { return nil }
        let delay = max(delays[attempt - 1], wish?.inSeconds ?? 0)
        return now + delay * (1 + .random(in: 0...jitter, using: &generator))
    }
}

extension Duration {
    /// The duration in seconds.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
