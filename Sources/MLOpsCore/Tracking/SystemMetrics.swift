import Dispatch
import Foundation
import Synchronization

/// Logs the metrics of the machine while a run is logged.
///
/// A queue of its own reads the files of the kernel: no thread of the cooperative pool waits for
/// them. Nothing of it throws: what cannot be read is left out. It ends with the run, or with
/// the run's logger.
final class SystemMetrics: Sendable {
    /// The shortest interval.
    static let shortest = Duration.milliseconds(100)

    private let queue = DispatchQueue(label: "mlops.tracking.system")
    private let sampler: Mutex<SystemSampler>
    private let interval: Double
    /// When the run started; steps are the seconds since then.
    private let start: Date
    private let place: Mutex<Place>

    /// What keeps no logger alive.
    private struct Place { weak var logger: RunLogger? }

    private init(
        _ logger: RunLogger, since start: Date, every interval: Duration, library: String
    ) {
        place = Mutex(Place(logger: logger))
        self.start = start
        self.interval = max(interval, Self.shortest).timeInterval
        sampler = Mutex(SystemSampler(library))
    }

    /// Starts to sample; the first sample is taken at once.
    ///
    /// - Parameter library: The file of NVIDIA's library.
    static func start(
        for logger: RunLogger, since start: Date, every interval: Duration,
        library: String = NVIDIALibrary.name
    ) {
        let metrics = SystemMetrics(logger, since: start, every: interval, library: library)
        metrics.queue.async { metrics.tick(at: .now()) }
    }

    private func tick(at due: DispatchTime) {
        guard let logger = place.withLock({ $0.logger }), !logger.isEnded else { return }
        let values = sampler.withLock { $0.sample() }
        let now = logger.workspace.store.clock()
        logger.logIfOpen(values, step: Int(max(0, now.timeIntervalSince(start))), at: now)
        // Without the time that the sample took; missed samples are left out.
        let next = max(due + interval, .now())
        queue.asyncAfter(deadline: next) { [self] in tick(at: next) }
    }
}

/// Takes samples; rates need two.
private struct SystemSampler {
    private var last: (counters: SystemCounters, at: ContinuousClock.Instant)?
    private let library: String
    /// NVIDIA's library, from the first sample on if the machine has it.
    private var devices: NVIDIALibrary??

    init(_ library: String) { self.library = library }

    mutating func sample() -> [(name: String, value: Double)] {
        let devices = devices ?? NVIDIALibrary(library)
        self.devices = .some(devices)
        let (counters, now) = (SystemCounters.now(), ContinuousClock.now)
        let seconds = last.map { (now - $0.at).timeInterval } ?? 0
        defer { last = (counters, now) }
        return counters.values(since: last?.counters, seconds: seconds) + (devices?.values() ?? [])
    }
}
