import Dispatch
import Logging
import Synchronization

/// The points of a run between the training loop and the store.
///
/// The loop appends under a lock; full batches are written one after another on the store's own
/// thread. A batch that could not be written is tried again before any other, so order is kept and
/// nothing is lost while the process lives; when nobody knows whether it was committed, the store
/// looks first, so that nothing is written twice either. A batch that the store refuses for good
/// (its run is deleted, the permission is gone) is counted and dropped, so that those after it go.
final class MetricBuffer: Sendable {
    /// Writes a batch, and what goes with the last one, and reports when it is committed.
    typealias Write = @Sendable (MetricBatch, Last?, _ done: @escaping Done) -> Void
    /// What is done in the transaction of the last batch, and whether it has stored that; it may be
    /// done again.
    typealias Last = @Sendable (any Transaction, MetricBatch) throws -> Bool
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
        /// What was warned of already.
        var warned: Set<Loss> = []
        /// The refusal of a batch that nobody has waited for; the next who waits is told.
        var refusal: (any Error)?
        /// Who waits for the batch in the making, and for the one being written.
        var waiting: [Done] = []
        /// What goes with the batch behind which there is none.
        var last: Last?
        var blocked: [DispatchSemaphore] = []

        var isEmpty: Bool { batch.isEmpty && unwritten == nil }
        var count: Int { batch.count + (unwritten?.count ?? 0) }
    }

    /// Why points are not kept, in the words of the warning.
    fileprivate enum Loss: String {
        case ended = "metrics were logged after the end of the run"
        case unstorable = "metrics with a name or a time that no store takes are refused"
        case full = "the metric buffer is full; points are dropped"
    }

    private enum Outcome {
        case stored
        case wait(DispatchSemaphore)
        /// Some were not kept; there is something to warn of the first time.
        case lost(Loss?)
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

    /// Points that were refused, by the buffer or by the store, and points dropped because the
    /// buffer was full.
    var lost: (refused: Int, dropped: Int) { state.withLock { ($0.refused, $0.dropped) } }

    /// Adds points: `add` is called with the batch, appends up to `count` to it, and returns how
    /// many it did not.
    func append(count: Int, _ add: (inout MetricBatch) -> Int) {
        while true {
            let (outcome, isDue) = state.withLock { state -> (Outcome, Bool) in
                if state.isClosed { return (.lost(state.refuse(count, .ended)), false) }
                // A batch larger than the buffer has to fit an empty one all the same.
                if state.count + count > capacity, !state.isEmpty {
                    if whenFull == .drop {
                        state.dropped += count
                        return (.lost(state.firstOf(.full)), true)
                    }
                    let semaphore = DispatchSemaphore(value: 0)
                    state.blocked.append(semaphore)
                    return (.wait(semaphore), true)
                }
                let refused = add(&state.batch)
                let isDue = !state.isWriting && state.count >= capacity / 2
                guard refused > 0 else { return (.stored, isDue) }
                return (.lost(state.refuse(refused, .unstorable)), isDue)
            }
            if isDue { startWriting() }
            switch outcome {
            case .stored: return
            case .wait(let semaphore): semaphore.wait()
            case .lost(let loss):
                if let loss { logger.warning("\(loss.rawValue)") }
                return
            }
        }
    }

    /// Writes what waits; calls back when everything logged before is committed, or failed.
    ///
    /// - Parameter last: It is done, or not: not when nothing waits.
    func flush(_ done: Done? = nil, with last: Last? = nil) {
        let (idle, isDue) = state.withLock { state -> (Done?, Bool) in
            var done = done
            if let waiter = done, let refusal = state.refusal {
                state.refusal = nil
                done = { _ in waiter(.failure(refusal)) }
            }
            if state.isEmpty && !state.isWriting { return (done, false) }
            if let done { state.waiting.append(done) }
            state.last = last ?? state.last
            return (nil, true)
        }
        idle?(.success(()))
        if isDue { startWriting() }
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
        let next = state.withLock { state -> (MetricBatch, Last?, [Done], [DispatchSemaphore])? in
            guard !state.isWriting, !state.isEmpty else { return nil }
            state.isWriting = true
            let last = state.last
            if let batch = state.unwritten {
                state.unwritten = nil
                // Who waits, waits for the points after these as well.
                guard state.batch.isEmpty else { return (batch, nil, [], []) }
                return (batch, last, state.takeWaiting(), [])
            }
            var batch = state.batch
            batch.firstID = Identifier()
            state.batch = state.spare
            state.spare = MetricBatch()
            // There is room again: the loop goes on while these are written.
            return (batch, last, state.takeWaiting(), state.takeBlocked())
        }
        guard let (batch, last, waiting, blocked) = next else { return }
        for semaphore in blocked { semaphore.signal() }
        write(batch, last) { [self] result in
            finishWriting(batch, result, waiting)
        }
    }

    private func finishWriting(
        _ batch: MetricBatch, _ result: Result<Void, any Error>, _ waiting: [Done]
    ) {
        let (waiters, blocked, isDue, isNews) = state.withLock { state in
            state.isWriting = false
            let isNews = !result.isSuccess && !state.isFailing
            state.isFailing = !result.isSuccess
            var isRefused = false
            switch result {
            case .success:
                var spare = batch
                spare.removeAll()
                state.spare = spare
            case .failure(let error):
                isRefused = !state.keep(batch, after: error)
            }
            if isRefused, case .failure(let error) = result {
                let isHeard = !(waiting + state.waiting).isEmpty
                state.refusal = isHeard ? nil : error
                state.last = nil
                state.waiting = state.waiting.map { waiter in { _ in waiter(.failure(error)) } }
            }
            // Whoever asked while a batch was being written waits for the points after it too,
            // and is told at once when there are none or when they cannot be written. What was
            // logged behind a refused batch does not wait for its time.
            let goesOn = (result.isSuccess || isRefused) && !state.isEmpty
            let isEnough = state.count >= capacity / 2
            let isDue = goesOn && (isRefused || !state.waiting.isEmpty || isEnough)
            let waiters = waiting + (goesOn ? [] : state.takeWaiting())
            let isRetried = !result.isSuccess && !isRefused && !state.isClosed
            return (waiters, isRetried ? [] : state.takeBlocked(), isDue, isNews)
        }
        if case .failure(let error) = result, isNews {
            logger.warning("metrics could not be written", metadata: ["error": "\(error)"])
        }
        for waiter in waiters { waiter(result) }
        for semaphore in blocked { semaphore.signal() }
        if isDue { startWriting() }
    }
}

extension MetricBuffer.State {
    /// Counts points as refused; returns the reason the first time.
    mutating func refuse(_ count: Int, _ loss: MetricBuffer.Loss) -> MetricBuffer.Loss? {
        refused += count
        return firstOf(loss)
    }

    mutating func firstOf(_ loss: MetricBuffer.Loss) -> MetricBuffer.Loss? {
        warned.insert(loss).inserted ? loss : nil
    }

    /// Keeps a batch that could not be written, or counts it as refused; returns whether it is
    /// kept.
    mutating func keep(_ batch: MetricBatch, after error: any Error) -> Bool {
        let code = (error as? StoreError)?.code
        if let code, code.refusesForGood {
            refused += batch.count
            return false
        }
        unwritten = batch
        unwritten?.mayBeStored = batch.mayBeStored || code == .commitUnknown
        // A closed store takes nothing any more: let the training go on.
        if code == .closed { isClosed = true }
        return true
    }

    mutating func takeBlocked() -> [DispatchSemaphore] {
        defer { blocked = [] }
        return blocked
    }

    /// Those who wait, of whom one has brought what goes with the last batch.
    mutating func takeWaiting() -> [MetricBuffer.Done] {
        defer { (waiting, last) = ([], nil) }
        return waiting
    }
}

extension StoreError.Code {
    private static let refusals: Set = [
        invalidValue, checkViolation, notFound, foreignKeyViolation, permissionDenied,
    ]

    /// Whether the same batch meets it again however often it is written.
    var refusesForGood: Bool { Self.refusals.contains(self) }
}

extension Result where Success == Void {
    var isSuccess: Bool { if case .success = self { true } else { false } }
}
