public import Logging

extension DeploymentMonitor {
    /// How a monitor works.
    public struct Configuration: Sendable {
        /// How long a window of figures is, at least a second.
        public var window = Duration.seconds(60)
        /// How long a window of observed features is, at least ``window``.
        public var driftWindow = Duration.seconds(3600)
        /// The most metrics; records of further names are refused and counted.
        public var maximumMetrics = 256
        /// The most rows of features of a drift window; of more, an evenly drawn sample is kept.
        public var maximumRows = 10_000
        /// The most windows that wait for a store that cannot be written; the oldest is given up.
        public var maximumPendingWindows = 60
        /// Where a monitor tells what it could not keep or store.
        public var logger = Logger(label: "mlops.monitor")

        /// The usual values.
        public init() {}

        /// How long a window is in truth.
        var length: Duration { max(window, .seconds(1)) }
    }
}
