import Foundation
import MLOpsCore

/// Stores the points of one run, a batch at a time.
///
/// Into a run that was there go the points that it does not have: one with the same metric, step,
/// value and time is not stored again.
struct PointSink {
    let run: Identifier<ExperimentRun>
    /// `nil` if nothing exists and nothing is to be made.
    let tx: (any Transaction)?
    let isNew: Bool
    let isDryRun: Bool
    let limit: Int
    let meter: ProgressMeter

    private(set) var taken = 0
    private(set) var present = 0
    private(set) var notes = ImportNotes()
    private var batch = MetricBatch()
    /// The points of the batch, where they have to be compared.
    private var pending: [SourcePoint] = []
    /// Of a dry run, what the run would have: the store is not asked whether it takes it.
    private var summaries: [String: MetricSummary]
    private var names: [String: Bool] = [:]
    private var lastName = ""

    init(
        run: Identifier<ExperimentRun>, beside existing: ExperimentRun?,
        tx: (any Transaction)?, isDryRun: Bool, limit: Int, meter: ProgressMeter
    ) {
        self.run = run
        self.tx = tx
        isNew = existing == nil
        summaries = isDryRun ? existing?.metrics ?? [:] : [:]
        self.isDryRun = isDryRun
        self.limit = limit
        self.meter = meter
    }

    mutating func add(_ point: SourcePoint) throws {
        guard isStorable(point.metric) else {
            notes.leave(
                "point", "the name of its metric is empty, too long, or holds a NUL",
                String(point.metric.prefix(40)))
            return
        }
        if let time = point.time {
            guard Self.times.contains(time) else {
                notes.leave(
                    "point", "its time is outside of the years 1 to 9999",
                    "\(point.metric), step \(point.step)")
                return
            }
        } else {
            notes.change("point", "the source has no time for it: it got that of the import")
        }
        if isNew || tx == nil {
            take(point)
            if batch.count >= limit { try flush() }
        } else {
            pending.append(point)
            if pending.count >= limit { try flush() }
        }
    }

    private mutating func take(_ point: SourcePoint) {
        batch.add(point.metric, point.value, step: point.step, at: point.time ?? .whenStored)
        guard isDryRun else { return }
        if summaries[point.metric] == nil {
            summaries[point.metric] = MetricSummary(point.value, step: point.step)
        } else {
            summaries[point.metric]?.add(point.value, step: point.step)
        }
    }

    /// Stores what was added since the last time.
    ///
    /// - Throws: What the store refuses, also in a dry run.
    mutating func flush() throws {
        let read = batch.count + pending.count
        if !pending.isEmpty { try selectNew() }
        taken += batch.count
        if isDryRun {
            if !batch.isEmpty { try MetricSummary.check(summaries) }
        } else if !batch.isEmpty, let tx {
            try tx.runs.append(history: batch, to: run)
        }
        batch = MetricBatch()
        pending.removeAll(keepingCapacity: true)
        meter.add(points: read)
    }

    private static let times =
        Date(timeIntervalSince1970: -62_135_596_800)..<Date(timeIntervalSince1970: 253_402_300_800)

    private mutating func isStorable(_ name: String) -> Bool {
        if name == lastName, !name.isEmpty { return true }
        let isStorable: Bool
        if let known = names[name] {
            isStorable = known
        } else {
            isStorable =
                !name.isEmpty && !name.utf8.contains(0)
                && name.precomposedStringWithCanonicalMapping.utf8.count <= String.maximumNameBytes
            names[name] = isStorable
        }
        if isStorable { lastName = name }
        return isStorable
    }

    // MARK: What is there already

    private struct Key: Hashable {
        let step: Int64
        let value: UInt64
        /// Microseconds; `nil` if the source does not say.
        let time: Int64?

        init(step: Int64, value: Double, time: Date?) {
            self.step = step
            self.value = value.isNaN ? Double.nan.bitPattern : value.bitPattern
            self.time = time.map { Int64(($0.timeIntervalSince1970 * 1_000_000).rounded()) }
        }
    }

    /// Moves the pending points that the run does not have into the batch.
    private mutating func selectNew() throws {
        guard let tx else { return }
        var metrics: [String: [Int]] = [:]
        for (index, point) in pending.enumerated() {
            metrics[point.metric, default: []].append(index)
        }
        var isPresent = Array(repeating: false, count: pending.count)
        for (metric, indices) in metrics {
            var wanted: [Key: [Int]] = [:]
            var steps = pending[indices[0]].step...pending[indices[0]].step
            var isTimeless = false
            for index in indices {
                let point = pending[index]
                let key = Key(step: point.step, value: point.value, time: point.time)
                wanted[key, default: []].append(index)
                steps = min(steps.lowerBound, point.step)...max(steps.upperBound, point.step)
                isTimeless = isTimeless || point.time == nil
            }
            try tx.metrics.forEachPoint(of: run, metric: metric, in: steps) { stored in
                var keys = [Key(step: stored.step, value: stored.value, time: stored.timestamp)]
                if isTimeless {
                    keys.append(Key(step: stored.step, value: stored.value, time: nil))
                }
                for key in keys {
                    for index in wanted.removeValue(forKey: key) ?? [] { isPresent[index] = true }
                }
                return !wanted.isEmpty
            }
        }
        for (point, isPresent) in zip(pending, isPresent) {
            if isPresent {
                present += 1
            } else {
                take(point)
            }
        }
    }
}
