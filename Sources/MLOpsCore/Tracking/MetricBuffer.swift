import Dispatch
import Logging
import Synchronization

/// The points of a run between the training loop and the store.
///
/// The loop appends under a lock; full batches are written one after another on the store's own
/// thread. A batch that could not be written is tried again before any other, so order is kept and
/// nothing is lost while the process lives; when nobody knows whether it was committed, the store
/// looks first, so that nothing is written twice either.
final class MetricBuffer: Sendable {
    /// Writes a batch and reports when it is committed.
    typealias Write = @Sendable (MetricBatch, _ done: @escaping Done) -> Void
    typealias Done = @Sendable (Result<Void, any Error>) -> Void

    fileprivate struct State {
        var batch = MetricBatch()
        /// The memory of the batch before, to be used again.
        var spare = MetricBatch()
        /// The batch that could not be written.
        var unwritten: MetricBatch?
        var isWriting = false
        /// Whether the last write has failed: only the first of a row is warned of.
        var isFailing = false
        var isClosed = false
        var refused = 0
        var dropped = 0
        /// Who waits for the batch in the making, and for the one being written.
        var waiting: [Done] = []
        var blocked: [DispatchSemaphore] = []

        var isEmpty: Bool { batch.isEmpty && unwritten == nil }
        var count: Int { batch.count + (unwritten?.count ?? 0) }
    }

    private enum Outcome {
        case stored
        case wait(DispatchSemaphore)
        case refused(first: Bool)
        case dropped(first: Bool)
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let whenFull: TrackingOptions.WhenFull
    private let logger: Logger
    private let write: Write

    init(options: TrackingOptions, logger: Logger, write: @escaping Write) {
        capacity = max(1, options.bufferCapacity)
        whenFull = options.whenFull
        self.logger = logger
        self.write = write
        state.withLock { state in
            state.batch.reserveCapacity(min(capacity, 1 << 14))
            state.spare.reserveCapacity(min(capacity, 1 << 14))
        }
    }

    /// Points that came after the end, and points dropped because the buffer was full.
    var lost: (refused: Int, dropped: Int) { state.withLock { ($0.refused, $0.dropped) } }

    /// Adds points: `add` is called with the batch and appends `count` to it.
    func append(count: Int, _ add: (inout MetricBatch) -> Void) {
        while true {
            let (outcome, isDue) = state.withLock { state -> (Outcome, Bool) in
                if state.isClosed {
                    state.refused += count
                    return (.refused(first: state.refused == count), false)
                }
                // A batch larger than the buffer has to fit an empty one all the same.
                if state.count + count > capacity, !state.isEmpty {
                    if whenFull == .drop {
                        state.dropped += count
                        return (.dropped(first: state.dropped == count), true)
                    }
                    let semaphore = DispatchSemaphore(value: 0)
                    state.blocked.append(semaphore)
                    return (.wait(semaphore), true)
                }
                add(&state.batch)
                return (.stored, !state.isWriting && state.count >= capacity / 2)
            }
            if isDue { startWriting() }
            switch outcome {
            case .stored: return
            case .wait(let semaphore): semaphore.wait()
            case .refused(let first):
                if first { logger.warning("metrics were logged after the end of the run") }
                return
            case .dropped(let first):
                if first { logger.warning("the metric buffer is full; points are dropped") }
                return
            }
        }
    }

    /// Writes what waits; calls back when everything logged before is committed, or failed.
    func flush(_ done: Done? = nil) {
        let isIdle = state.withLock { state in
            if state.isEmpty && !state.isWriting { return true }
            if let done { state.waiting.append(done) }
            return false
        }
        if isIdle { done?(.success(())) } else { startWriting() }
    }

    /// Refuses further points; those that wait are still written by ``flush(_:)``.
    func close() {
        let blocked = state.withLock { state in
            state.isClosed = true
            return state.takeBlocked()
        }
        for semaphore in blocked { semaphore.signal() }
    }

    /// Takes points again after a close that did not come to its end.
    func reopen() { state.withLock { $0.isClosed = false } }

    private func startWriting() {
        let next = state.withLock { state -> (MetricBatch, [Done])? in
            guard !state.isWriting, !state.isEmpty else { return nil }
            state.isWriting = true
            if let batch = state.unwritten {
                state.unwritten = nil
                // Who waits, waits for the points after these as well.
                return (batch, state.batch.isEmpty ? state.takeWaiting() : [])
            }
            var batch = state.batch
            batch.firstID = Identifier()
            state.batch = state.spare
            state.spare = MetricBatch()
            return (batch, state.takeWaiting())
        }
        guard let (batch, waiting) = next else { return }
        write(batch) { [self] result in
            finishWriting(batch, result, waiting)
        }
    }

    private func finishWriting(
        _ batch: MetricBatch, _ result: Result<Void, any Error>,
        _ waiting: [Done]
    ) {
        let (blocked, isDue, late, isNews) = state.withLock { state in
            state.isWriting = false
            let isNews = !result.isSuccess && !state.isFailing
            state.isFailing = !result.isSuccess
            switch result {
            case .success:
                var spare = batch
                spare.removeAll()
                state.spare = spare
            case .failure(let error):
                let code = (error as? StoreError)?.code
                var unwritten = batch
                unwritten.mayBeStored = batch.mayBeStored || code == .commitUnknown
                state.unwritten = unwritten
                // A closed store takes nothing any more: let the training go on.
                if code == .closed { state.isClosed = true }
            }
            // Whoever asked while a batch was being written waits for the points after it too,
            // and is told at once when there are none or when they cannot be written.
            let isDue = !state.waiting.isEmpty && !state.isEmpty && result.isSuccess
            let late = isDue ? [] : state.takeWaiting()
            let isRetry = !result.isSuccess && !state.isClosed
            return (isRetry ? [] : state.takeBlocked(), isDue, late, isNews)
        }
        if case .failure(let error) = result, isNews {
            logger.warning("metrics could not be written", metadata: ["error": "\(error)"])
        }
        for waiter in waiting + late { waiter(result) }
        for semaphore in blocked { semaphore.signal() }
        if isDue { startWriting() }
    }
}

extension MetricBuffer.State {
    mutating func takeBlocked() -> [DispatchSemaphore] {
        defer { blocked = [] }
        return blocked
    }

    mutating func takeWaiting() -> [MetricBuffer.Done] {
        defer { waiting = [] }
        return waiting
    }
}

extension Result where Success == Void {
    var isSuccess: Bool { if case .success = self { true } else { false } }
}
