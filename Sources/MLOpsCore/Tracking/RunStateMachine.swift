/// The order of a run's writes: a state machine without I/O that returns what to do.
///
/// One thing is under way at a time: a batch of points, with the end of the run when no points are
/// behind it; the end alone; or a look at a run that has ended. Each event says which points wait
/// in the buffer. A `Waiter` waits for a flush, a `Caller` for the end of the run.
struct RunStateMachine<Waiter: Sendable, Caller: Sendable>: Sendable {
    typealias Pending = MetricBuffer.Pending

    /// What to do, in this order.
    enum Action: Sendable {
        /// Write the next batch, and the end in the same transaction; report with
        /// ``RunStateMachine/written(_:end:pending:)``.
        case write(RunEnd?)
        /// End the run, without points; report with ``RunStateMachine/ended(_:pending:)``.
        case end(RunEnd)
        /// Read the run, which has ended; report with ``RunStateMachine/found(_:pending:)``.
        case find
        /// Take points again.
        case reopen
        case tell(Waiter, Result<Void, any Error>)
        case answer(Caller, Result<ExperimentRun, any Error>)
    }

    private enum UnderWay {
        case nothing
        case batch([Waiting])
        case end
        /// The end was refused with this conflict, which an end of this run may have caused.
        case look(any Error)
    }

    private enum Ending {
        case open
        case requested(Request)
        case ended
    }

    private struct Waiting {
        let waiter: Waiter
        /// The refusal of a batch that the waiter waited for, among others.
        var refusal: (any Error)?
    }

    private struct Request {
        let end: RunEnd
        let caller: Caller
        /// The refusal that keeps the run from ending as completed.
        var refusal: (any Error)?
        /// Whether the write under way repeats one whose commit is unknown.
        var isRepeating = false
    }

    private let run: Identifier<ExperimentRun>
    private var underWay = UnderWay.nothing
    private var ending = Ending.open
    /// Ends that wait for the outcome of the one that was requested first.
    private var laterRequests: [Request] = []
    /// Flushes that wait for the batch after the one under way.
    private var waiting: [Waiting] = []
    /// The refusal of a batch that nobody waited for; the next flush or end is told.
    private var refusal: (any Error)?
    /// The status of an end whose commit is unknown.
    private var possibleEnd: RunStatus?

    init(_ run: Identifier<ExperimentRun>) { self.run = run }

    /// Whether a batch, the end or a look is under way.
    var isBusy: Bool { if case .nothing = underWay { false } else { true } }

    /// Whether the run has ended, by this logger or by somebody else.
    var isEnded: Bool { if case .ended = ending { true } else { false } }

    private var isEndRequested: Bool { if case .requested = ending { true } else { false } }
}

// MARK: Events

extension RunStateMachine {
    /// Points are to be written: because somebody waits for them, in time, or the buffer fills.
    mutating func flush(_ waiter: Waiter? = nil, pending: Pending) -> [Action] {
        if let waiter {
            let refusal = takeRefusal()
            if pending == .none, !isWriting {
                return [.tell(waiter, refusal.map { .failure($0) } ?? .success(()))]
            }
            waiting.append(Waiting(waiter: waiter, refusal: refusal))
        }
        return pending == .none ? [] : next(pending)
    }

    /// The run is to end; no points come after these.
    mutating func end(_ end: RunEnd, for caller: Caller, pending: Pending) -> [Action] {
        var request = Request(end: end, caller: caller)
        switch ending {
        case .ended: return [.answer(caller, .failure(conflict))]
        case .requested:
            laterRequests.append(request)
            return []
        case .open:
            // A run whose points are refused does not pass for completed.
            if let refusal = takeRefusal(), end.status == .completed { request.refusal = refusal }
            ending = .requested(request)
            return next(pending)
        }
    }

    /// A batch was written, or not.
    ///
    /// - Parameter end: What became of the end that went with the batch; it holds only when the
    ///   batch is stored.
    mutating func written(
        _ outcome: BatchOutcome, end: Result<ExperimentRun, any Error>? = nil, pending: Pending
    ) -> [Action] {
        guard case .batch(let waiters) = underWay else { return [] }
        underWay = .nothing
        switch outcome {
        case .stored:
            changeRequest { $0.isRepeating = false }
            var actions = tell(waiters, nil)
            if pending == .none { actions += tell(takeWaiting(), nil) }
            if let end { return actions + conclude(end, pending) }
            let isAwaited = !waiting.isEmpty || isEndRequested
            return isAwaited ? actions + next(pending) : actions
        case .refused(let error):
            let isHeard = !waiters.isEmpty || !waiting.isEmpty || isEndRequested
            refusal = isHeard ? nil : error
            changeRequest { if $0.end.status == .completed { $0.refusal = error } }
            for index in waiting.indices { waiting[index].refusal = error }
            var actions = tell(waiters, error)
            if pending == .none { actions += tell(takeWaiting(), error) }
            // Points behind a refused batch do not wait for their time.
            return actions + next(pending)
        case .unknown(let error):
            if case .requested(let request) = ending, case .success? = end {
                possibleEnd = request.end.status
            }
            return tell(waiters + takeWaiting(), error) + repeatOnce(after: error, pending)
        case .failed(let error):
            return tell(waiters + takeWaiting(), error) + giveUpPoints(error, pending)
        }
    }

    /// The end without points was written, or not.
    mutating func ended(
        _ result: Result<ExperimentRun, any Error>, pending: Pending
    ) -> [Action] {
        guard case .end = underWay, case .requested(let request) = ending else { return [] }
        underWay = .nothing
        guard case .failure(let error) = result, error.storeCode == .commitUnknown else {
            return conclude(result, pending)
        }
        possibleEnd = request.end.status
        guard !request.isRepeating else { return fail(error, pending) }
        changeRequest { $0.isRepeating = true }
        return endAlone()
    }

    /// The run that has ended was read, or not.
    mutating func found(
        _ result: Result<ExperimentRun, any Error>, pending: Pending
    ) -> [Action] {
        guard case .look(let conflict) = underWay, case .requested(let request) = ending else {
            return []
        }
        underWay = .nothing
        switch result {
        case .success(let run) where run.status == request.end.status:
            return finish(.success(run), pending)
        case .success: return finish(.failure(conflict), pending)
        case .failure(let error): return fail(error, pending)
        }
    }
}

// MARK: Transitions

extension RunStateMachine {
    private var isWriting: Bool { if case .batch = underWay { true } else { false } }

    private var conflict: StoreError {
        StoreError(
            .conflict, "The run \(run) has ended already.", entity: ExperimentRun.entityName,
            field: "status")
    }

    /// Starts what comes next, unless something is under way.
    private mutating func next(_ pending: Pending) -> [Action] {
        guard !isBusy else { return [] }
        guard pending == .none else { return [write(pending)] }
        guard case .requested(let request) = ending else { return [] }
        if let refusal = request.refusal { return fail(refusal, pending) }
        return endAlone()
    }

    private mutating func write(_ pending: Pending) -> Action {
        // Waiters wait for the points behind a repeated batch too, and so does the end.
        guard pending == .batch else {
            underWay = .batch([])
            return .write(nil)
        }
        underWay = .batch(takeWaiting())
        guard case .requested(let request) = ending, request.refusal == nil else {
            return .write(nil)
        }
        return .write(request.end)
    }

    private mutating func endAlone() -> [Action] {
        guard case .requested(let request) = ending else { return [] }
        underWay = .end
        return [.end(request.end)]
    }

    /// The commit of a batch is unknown: the store looks for its points when it is written again.
    private mutating func repeatOnce(after error: any Error, _ pending: Pending) -> [Action] {
        guard case .requested(let request) = ending else { return [] }
        guard !request.isRepeating else { return giveUpPoints(error, pending) }
        changeRequest { $0.isRepeating = true }
        return next(pending)
    }

    /// The last points cannot be written now: the run goes on, unless the end is final.
    private mutating func giveUpPoints(_ error: any Error, _ pending: Pending) -> [Action] {
        guard case .requested(let request) = ending else { return [] }
        guard request.end.isFinal else { return fail(error, pending) }
        changeRequest { $0.isRepeating = false }
        return endAlone()
    }

    /// The store has answered the end.
    private mutating func conclude(
        _ result: Result<ExperimentRun, any Error>, _ pending: Pending
    ) -> [Action] {
        guard case .requested(let request) = ending, case .failure(let error) = result else {
            return finish(result, pending)
        }
        guard error.storeCode == .conflict else { return fail(error, pending) }
        // Somebody has ended the run: this logger, where an earlier end was committed after all.
        guard possibleEnd == request.end.status else { return finish(result, pending) }
        underWay = .look(error)
        return [.find]
    }

    /// The run has ended: whoever else wanted to end it comes too late.
    private mutating func finish(
        _ result: Result<ExperimentRun, any Error>, _ pending: Pending
    ) -> [Action] {
        guard case .requested(let request) = ending else { return [] }
        ending = .ended
        let late = laterRequests
        laterRequests = []
        let answers: [Action] = late.map { .answer($0.caller, .failure(conflict)) }
        return [.answer(request.caller, result)] + answers + resume(pending)
    }

    /// The end has failed: the run goes on, unless somebody else waits to end it.
    private mutating func fail(_ error: any Error, _ pending: Pending) -> [Action] {
        guard case .requested(let request) = ending else { return [] }
        if request.end.isFinal { return finish(.failure(error), pending) }
        let answer = Action.answer(request.caller, .failure(error))
        guard laterRequests.isEmpty else {
            ending = .requested(laterRequests.removeFirst())
            return [answer] + next(pending)
        }
        ending = .open
        // A closed store takes no points any more.
        let actions = error.storeCode == .closed ? [answer] : [.reopen, answer]
        return actions + resume(pending)
    }

    /// Writes points for those who have asked while the end was under way.
    private mutating func resume(_ pending: Pending) -> [Action] {
        waiting.isEmpty ? [] : next(pending)
    }

    private mutating func changeRequest(_ change: (inout Request) -> Void) {
        guard case .requested(var request) = ending else { return }
        change(&request)
        ending = .requested(request)
    }

    private func tell(_ waiters: [Waiting], _ error: (any Error)?) -> [Action] {
        waiters.map { waiting in
            .tell(
                waiting.waiter,
                (waiting.refusal ?? error).map { .failure($0) } ?? .success(()))
        }
    }

    private mutating func takeWaiting() -> [Waiting] {
        defer { waiting = [] }
        return waiting
    }

    private mutating func takeRefusal() -> (any Error)? {
        defer { refusal = nil }
        return refusal
    }
}

extension Error {
    fileprivate var storeCode: StoreError.Code? { (self as? StoreError)?.code }
}
