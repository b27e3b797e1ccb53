import Dispatch
import Logging
import Synchronization

/// Writes the points and the end of a run, in the order that ``RunStateMachine`` determines.
///
/// The training loop appends points under a lock. The store writes on its own thread, without a
/// task, because a program that is ended by a signal may block the whole cooperative pool.
final class RunWriter: Sendable {
    typealias Waiter = @Sendable (Result<Void, any Error>) -> Void
    typealias Caller = @Sendable (Result<ExperimentRun, any Error>) -> Void
    private typealias Machine = RunStateMachine<Waiter, Caller>

    private struct State {
        var machine: Machine
        var buffer: MetricBuffer
        /// Callers that wait for room in the buffer, and those to be woken.
        var blocked: [DispatchSemaphore] = []
        var woken: [DispatchSemaphore] = []
        /// Whether the last batch failed; only the first of consecutive failures is logged.
        var isFailing = false

        mutating func wake() {
            woken += blocked
            blocked = []
        }
    }

    private let state: Mutex<State>
    private let id: Identifier<ExperimentRun>
    private let store: any StoreBackend
    private let access: Access
    private let logger: Logger

    init(
        _ id: Identifier<ExperimentRun>, in workspace: Workspace, options: TrackingOptions,
        logger: Logger
    ) {
        self.id = id
        (store, access) = (workspace.store, workspace.access)
        self.logger = logger
        state = Mutex(State(machine: Machine(id), buffer: MetricBuffer(options)))
    }

    /// Whether the run has ended, by this logger or otherwise.
    var isEnded: Bool { state.withLock { $0.machine.isEnded } }

    /// The number of points refused, by the buffer or the store, and the number dropped.
    var lost: (refused: Int, dropped: Int) {
        state.withLock { ($0.buffer.refused, $0.buffer.dropped) }
    }

    // MARK: Events

    /// Adds `count` points; waits for room if the buffer is full and set to wait.
    ///
    /// `add` appends the points and returns the number that it refused.
    func append(_ count: Int, _ add: (inout MetricBatch) -> Int) {
        while true {
            let (addition, isDue, room) = state.withLock {
                state -> (MetricBuffer.Addition, Bool, DispatchSemaphore?) in
                let addition = state.buffer.add(count, add)
                let isDue = state.buffer.isHalfFull && !state.machine.isBusy
                guard case .mustWait = addition else { return (addition, isDue, nil) }
                let room = DispatchSemaphore(value: 0)
                state.blocked.append(room)
                return (addition, true, room)
            }
            if isDue { flush() }
            switch addition {
            case .kept: return
            case .mustWait: room?.wait()
            case .lost(let loss):
                if let loss { logger.warning("\(loss.rawValue)") }
                return
            }
        }
    }

    /// Adds `count` points, or none if the buffer is closed or full; it never waits.
    func appendIfOpen(_ count: Int, _ add: (inout MetricBatch) -> Int) {
        state.withLock { state in
            guard !state.buffer.isClosed, state.buffer.hasRoom(for: count) else { return }
            _ = state.buffer.add(count, add)
        }
    }

    /// Writes the buffered points.
    ///
    /// `waiter` is called when everything logged before is committed or has failed.
    func flush(_ waiter: Waiter? = nil) {
        handle { $0.machine.flush(waiter, pending: $0.buffer.pending) }
    }

    /// Refuses further points, writes the buffered ones, and ends the run.
    func end(_ end: RunEnd, _ caller: @escaping Caller) {
        handle { state in
            state.buffer.isClosed = true
            state.wake()
            return state.machine.end(end, for: caller, pending: state.buffer.pending)
        }
    }

    /// Records a heartbeat.
    func heartbeat() {
        let written = Written()
        store.submit(as: access) { [id] tx in
            written.status = try tx.runs.logged.log(MetricBatch(), in: id)
        } completion: { [self] in
            if case .success = $0 { notice(written.status) }
        }
    }

    /// Warns once when another program has ended the run.
    private func notice(_ status: RunStatus?) {
        guard let status, status != .running, status != .queued else { return }
        guard state.withLock({ $0.machine.foundEnded(as: status) }) else { return }
        logger.warning(
            "another program has ended the run; its points are still stored",
            metadata: ["status": "\(status.rawValue)"])
    }

    private func written(
        _ batch: MetricBatch, _ result: Result<Void, any Error>, _ written: Written
    ) {
        let outcome = BatchOutcome(result)
        if case .stored = outcome { notice(written.status) }
        var isNews = false
        handle { state in
            isNews = outcome.error != nil && !state.isFailing
            state.isFailing = outcome.error != nil
            state.buffer.putBack(batch, after: outcome)
            switch outcome {
            case .stored, .refused: state.wake()
            case .unknown, .failed: if state.buffer.isClosed { state.wake() }
            }
            var actions = state.machine.written(
                outcome, end: written.end, pending: state.buffer.pending)
            if case .stored = outcome, state.buffer.isHalfFull {
                actions += state.machine.flush(pending: state.buffer.pending)
            }
            return actions
        }
        if isNews, let error = outcome.error {
            logger.warning("metrics could not be written", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Actions

    /// Passes an event to the state machine, and takes the actions that it returns.
    private func handle(_ event: (inout State) -> [Machine.Action]) {
        let (actions, batch, woken) = state.withLock { state in
            let actions = event(&state)
            var batch: MetricBatch?
            for action in actions {
                switch action {
                case .write:
                    // Taking a new batch frees room, so callers continue while it is written.
                    if !state.buffer.isNextRepeated { state.wake() }
                    batch = state.buffer.take()
                case .reopen: state.buffer.isClosed = false
                case .end, .find, .tell, .answer: break
                }
            }
            defer { state.woken = [] }
            return (actions, batch, state.woken)
        }
        for room in woken { room.signal() }
        for action in actions {
            switch action {
            case .write(let end): if let batch { write(batch, end) }
            case .end(let end): write(end)
            case .find: find()
            case .reopen: break
            case .tell(let waiter, let result): waiter(result)
            case .answer(let caller, let result): caller(result)
            }
        }
    }

    /// Writes a batch, with the end in the same transaction if given.
    private func write(_ batch: MetricBatch, _ end: RunEnd?) {
        let written = Written()
        store.submit(as: access) { [id] tx in
            if let end {
                do {
                    let run = try tx.runs.end(id, as: end.status, error: end.error, with: batch)
                    return written.end = .success(run)
                } catch let error as StoreError where error.isRetried {
                    // The store repeats the transaction.
                    throw error
                } catch {
                    // The points are stored even if the run cannot be ended.
                    written.end = .failure(error)
                }
            }
            written.status = try tx.runs.logged.log(batch, in: id)
        } completion: { [self] in
            self.written(batch, $0, written)
        }
    }

    private func write(_ end: RunEnd) {
        submit {
            try $0.end($1, as: end.status, error: end.error, with: MetricBatch())
        } completion: { [self] result in
            handle { $0.machine.ended(result, pending: $0.buffer.pending) }
        }
    }

    private func find() {
        submit {
            try $0.find($1)
        } completion: { [self] result in
            handle { $0.machine.found(result, pending: $0.buffer.pending) }
        }
    }

    private func submit(
        _ body:
            @escaping @Sendable (any ExperimentRunRepository, Identifier<ExperimentRun>) throws ->
            ExperimentRun,
        completion: @escaping Caller
    ) {
        let written = Written()
        store.submit(as: access) { [id] tx in
            written.end = .success(try body(tx.runs, id))
        } completion: { result in
            completion(result.flatMap { written.end ?? .failure(StoreError.storeIsClosed) })
        }
    }

    /// What a transaction has found; valid once it is committed.
    private final class Written: Sendable {
        private let state = Mutex<(end: Result<ExperimentRun, any Error>?, status: RunStatus?)>(
            (nil, nil))
        /// The ended run, or why it could not be ended.
        var end: Result<ExperimentRun, any Error>? {
            get { state.withLock { $0.end } }
            set { state.withLock { $0.end = newValue } }
        }
        /// The status of a run that points were added to.
        var status: RunStatus? {
            get { state.withLock { $0.status } }
            set { state.withLock { $0.status = newValue } }
        }
    }
}

extension StoreError {
    /// Whether the store repeats a transaction that throws this error.
    fileprivate var isRetried: Bool {
        code == .serializationFailure || code == .conflict && field == "revision"
    }
}
