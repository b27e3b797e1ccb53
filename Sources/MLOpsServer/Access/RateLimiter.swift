import HTTPTypes
import MLOpsCore
import Synchronization

/// Counts requests by who asks, and says when one has to wait: a bucket of tokens for each.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt: ContinuousClock.Instant
    }

    private let perMinute: Double
    private let buckets = Mutex<[String: Bucket]>([:])
    /// Above it, full buckets are forgotten: they say the same as none.
    private static let kept = 10_000

    init(perMinute: Int) { self.perMinute = Double(max(1, perMinute)) }

    /// Takes a token.
    ///
    /// - Throws: A failure of 429 that says when to ask again.
    func take(for name: String, at now: ContinuousClock.Instant = .now) throws {
        let wait: Double? = buckets.withLock { buckets in
            if buckets.count > Self.kept {
                buckets = buckets.filter { refilled($0.value, at: now) < perMinute }
            }
            var bucket = buckets[name] ?? Bucket(tokens: perMinute, filledAt: now)
            bucket.tokens = refilled(bucket, at: now)
            bucket.filledAt = now
            defer { buckets[name] = bucket }
            guard bucket.tokens >= 1 else { return (1 - bucket.tokens) * 60 / perMinute }
            bucket.tokens -= 1
            return nil
        }
        if let wait { throw Self.tooMany(wait) }
    }

    /// Whether the next token is there, without taking it.
    ///
    /// - Throws: A failure of 429 that says when to ask again.
    func check(_ name: String, at now: ContinuousClock.Instant = .now) throws {
        let tokens = buckets.withLock { buckets in
            buckets[name].map { refilled($0, at: now) } ?? perMinute
        }
        if tokens < 1 { throw Self.tooMany((1 - tokens) * 60 / perMinute) }
    }

    private func refilled(_ bucket: Bucket, at now: ContinuousClock.Instant) -> Double {
        let minutes = bucket.filledAt.duration(to: now) / .seconds(60)
        return min(perMinute, bucket.tokens + minutes * perMinute)
    }

    private static func tooMany(_ wait: Double) -> ServerFailure {
        ServerFailure(
            .tooManyRequests, "tooManyRequests", "Too many requests; ask more slowly.",
            retryAfter: max(1, Int(wait.rounded(.up))))
    }
}
