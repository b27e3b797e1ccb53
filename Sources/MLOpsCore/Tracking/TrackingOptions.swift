/// How a run is logged.
public struct TrackingOptions: Sendable {
    /// What ``RunLogger/log(_:_:step:)-(String,Double,Int)`` does when the buffer is full.
    public enum WhenFull: Sendable, Hashable {
        /// Waits until the store has taken points. Nothing is lost.
        case wait
        /// Drops the point, counts it in ``RunLogger/droppedPoints`` and warns once.
        case drop
    }

    /// How many points wait in memory at most; 32 bytes each.
    public var bufferCapacity = 1 << 16

    /// What happens when they do.
    public var whenFull = WhenFull.wait

    /// How long a point waits at most before it is written.
    public var flushInterval = Duration.seconds(1)

    /// How often a heartbeat is recorded while nothing is logged.
    public var heartbeatInterval = Duration.seconds(10)

    /// Whether host, process, Swift version and git commit are recorded.
    public var capturesEnvironment = true

    /// Whether SIGINT and SIGTERM end the run as cancelled, with its points.
    ///
    /// Then the process ends as the signal asks, after ten seconds at the latest. A second signal
    /// ends it at once.
    public var endsOnSignals = false

    /// The usual behaviour.
    public init() {}
}
