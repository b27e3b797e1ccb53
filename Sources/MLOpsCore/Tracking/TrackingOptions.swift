/// Options for logging a run.
public struct TrackingOptions: Sendable {
    /// What ``RunLogger/log(_:_:step:at:)-(String,Double,_,_)`` does when the buffer is full.
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

    /// The most bytes of records in memory, such as images; a larger record goes alone.
    ///
    /// When they are reached, ``whenFull`` decides.
    public var recordBufferBytes = 64 << 20

    /// The longest time before a point is written.
    public var flushInterval = Duration.seconds(1)

    /// The interval between heartbeats.
    public var heartbeatInterval = Duration.seconds(10)

    /// Whether host, process, Swift version and git commit are recorded.
    public var capturesEnvironment = true

    /// Whether the state of the code is recorded, as git tells it in the working directory.
    ///
    /// The run's environment gets `code`: `commit`, `dirty`, the number of `untracked` files, and
    /// `problem` when git is absent, slow or has no answer. The changes since the commit are kept
    /// as the artifact `code.diff`, if they have at most 4 MiB. They may hold passwords that stand
    /// in a changed file, for all who see the run; untracked files are not in it.
    ///
    /// Git runs once for each directory, for at most ten seconds, without the hooks, pagers and
    /// external programs of the repository.
    public var capturesCodeState = false

    /// How often the metrics of the machine are logged; `nil` for never, at least 100 ms.
    ///
    /// They are `system/cpu_percent`, `system/process_cpu_percent`, `system/memory_bytes`,
    /// `system/memory_percent`, `system/process_memory_bytes`, `system/disk_free_bytes`, and a
    /// second's bytes as `system/disk_read_bytes_per_second`, `system/disk_written_...`,
    /// `system/network_received_...` and `system/network_sent_...`; on machines with NVIDIA's
    /// library also `system/gpu_0_percent`, `system/gpu_0_memory_bytes`, `system/gpu_0_power_watts`
    /// and `system/gpu_0_temperature_celsius`. Their steps are the seconds since the run started.
    /// On macOS only those of the process and of the free disk are known.
    public var systemMetrics: Duration?

    /// Whether SIGINT, SIGTERM and SIGHUP end the run as cancelled, with its points.
    ///
    /// Then the process ends by the same signal, after ten seconds at the latest. A second signal
    /// ends it at once.
    public var endsOnSignals = false

    /// Makes the default options.
    public init() {}
}
