/// Options for logging a run.
public struct TrackingOptions: Sendable {
    /// What ``RunLogger/log(_:_:step:)-(String,Double,Int)`` does when the buffer is full.
    public enum WhenFull: Sendable, Hashable {
        /// Waits until the store has written points. Nothing is lost.
        case wait
        /// Drops the point, counts it in ``RunLogger/droppedPoints`` and warns once.
        case drop
    }

    /// The largest number of points in memory; 32 bytes each.
    public var bufferCapacity = 1 << 16

    /// The behaviour when the buffer is full.
    public var whenFull = WhenFull.wait

    /// The longest time before a point is written.
    public var flushInterval = Duration.seconds(1)

    /// The interval between heartbeats.
    public var heartbeatInterval = Duration.seconds(10)

    /// Whether host, process, Swift version and git commit are recorded.
    public var capturesEnvironment = true

    /// Whether SIGINT, SIGTERM and SIGHUP end the run as cancelled, with its points.
    ///
    /// Then the process ends by the same signal, after ten seconds at the latest. A second signal
    /// ends it at once.
    public var endsOnSignals = false

    /// Makes the default options.
    public init() {}
}
