/// The order of a run's writes: a state machine without I/O that returns the actions to take.
///
/// One operation runs at a time: a batch of points, with the end of the run if no points follow;
/// the end alone; or a read of a run that has ended. Each event carries the state of the buffered
/// points. A `Waiter` waits for a flush, a `Caller` for the end of the run.
struct RunStateMachine<Waiter: Sendable, Caller: Sendable>: Sendable {
    typealias Pending = MetricBuffer.Pending

    /// An action; actions are taken in the order of the returned array.
    enum Action: Sendable {
        /// Write the next batch, with the end in the same transaction if given.
        ///
        /// Report with ``RunStateMachine/written(_:end:pending:)``.
        case write(RunEnd?)
        /// End the run, without points; report with ``RunStateMachine/ended(_:pending:)``.
        case end(RunEnd)
        /// Read the ended run; report with ``RunStateMachine/found(_:pending:)``.
        case find
        /// Accept points again.
        case reopen
        case tell(Waiter, Result<Void, any Error>)
        case answer(Caller, Result<ExperimentRun, any Error>)
    }

    private enum UnderWay {
        case nothing
        case batch([Waiting])
        case end
        /// The end failed with this conflict; an earlier attempt may have ended the run.
        case look(any Error)
    }

    private enum Ending {
        case open
        case requested(Request)
        case ended
    }

    private struct Waiting {
        let waiter: Waiter
        /// The error of a refused batch that the waiter also waited for.
        var refusal: (any Error)?
    }

    private struct Request {
        let end: RunEnd
        let caller: Caller
        /// The error of a refused batch, because of which the run cannot end as completed.
        var refusal: (any Error)?
        /// Whether the current write repeats one whose commit is unknown.
        var isRepeating = false
    }

    private let run: Identifier<ExperimentRun>
    private var underWay = UnderWay.nothing
    private var ending = Ending.open
    /// Ends that were requested after the current one, and wait for its outcome.
    private var laterRequests: [Request] = []
    /// Flushes that wait for the next batch.
    private var waiting: [Waiting] = []
    /// The error of a refused batch without waiters; the next flush or end throws it.
    private var refusal: (any Error)?
    /// The status of a requested end whose commit is unknown.
    private var possibleEnd: RunStatus?
    /// The error that another program has ended the run; the next flush throws it.
    private var notice: (any Error)?
    private var hasNotice = false

    init(_ run: Identifier<ExperimentRun>) { self.run = run }

    /// Whether a batch, the end or a read is in progress.
    var isBusy: Bool { if case .nothing = underWay { false } else { true } }

    /// Whether the run has ended, by this logger or otherwise.
    var isEnded: Bool { if case .ended = ending { true } else { false } }

    private var isEndRequested: Bool { if case .requested = ending { true } else { false } }
}

// MARK: Events

extension RunStateMachine {
    /// Writes points: a flush was requested, the interval has passed, or the buffer fills up.
    mutating func flush(_ waiter: Waiter? = nil, pending: Pending) -> [Action] {
        if let waiter {
            let refusal = takeRefusal() ?? takeNotice()
            if pending == .none, !isWriting {
                return [.tell(waiter, refusal.map { .failure($0) } ?? .success(()))]
            }
            waiting.append(Waiting(waiter: waiter, refusal: refusal))
        }
        return pending == .none ? [] : next(pending)
    }

    /// Ends the run; no further points are added.
    mutating func end(_ end: RunEnd, for caller: Caller, pending: Pending) -> [Action] {
        var request = Request(end: end, caller: caller)
        switch ending {
        case .ended: return [.answer(caller, .failure(conflict))]
        case .requested:
            laterRequests.append(request)
            return []
        case .open:
            // A run with refused points cannot end as completed.
            if let refusal = takeRefusal(), end.status == .completed { request.refusal = refusal }
            ending = .requested(request)
            return next(pending)
        }
    }

    /// A batch was written, or failed.
    ///
    /// - Parameter end: The result of the end in the same transaction; it is valid only if the
    ///   batch was stored.
    mutating func written(
        _ outcome: BatchOutcome, end: Result<ExperimentRun, any Error>? = nil, pending: Pending
    ) -> [Action] {
        guard case .batch(let waiters) = underWay else { return [] }
        underWay = .nothing
        switch outcome {
        case .stored:
            changeRequest { $0.isRepeating = false }
            let notice = waiters.isEmpty ? nil : takeNotice()
            var actions = tell(waiters, notice)
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
            // Points after a refused batch are written at once.
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

    /// The store has found that another program ended the run.
    ///
    /// - Returns: Whether this is news. The points are stored all the same.
    mutating func foundEnded(as status: RunStatus) -> Bool {
        guard case .open = ending, !hasNotice else { return false }
        hasNotice = true
        notice = StoreError(
            .conflict, "Another program has ended the run \(run) as \(status.rawValue).",
            entity: ExperimentRun.entityName, field: "status")
        return true
    }

    /// The end alone was written, or failed.
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

    /// The ended run was read, or the read failed.
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

    /// Starts the next operation, unless one is in progress.
    private mutating func next(_ pending: Pending) -> [Action] {
        guard !isBusy else { return [] }
        guard pending == .none else { return [write(pending)] }
        guard case .requested(let request) = ending else { return [] }
        if let refusal = request.refusal { return fail(refusal, pending) }
        return endAlone()
    }

    private mutating func write(_ pending: Pending) -> Action {
        // Waiters also wait for the points after a repeated batch, and so does the end.
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

    /// Repeats a batch once whose commit is unknown; the store checks whether it is stored.
    private mutating func repeatOnce(after error: any Error, _ pending: Pending) -> [Action] {
        guard case .requested(let request) = ending else { return [] }
        guard !request.isRepeating else { return giveUpPoints(error, pending) }
        changeRequest { $0.isRepeating = true }
        return next(pending)
    }

    /// Gives up the last points: the run stays open, unless the end is final.
    private mutating func giveUpPoints(_ error: any Error, _ pending: Pending) -> [Action] {
        guard case .requested(let request) = ending else { return [] }
        guard request.end.isFinal else { return fail(error, pending) }
        changeRequest { $0.isRepeating = false }
        return endAlone()
    }

    /// Handles the result of the end.
    private mutating func conclude(
        _ result: Result<ExperimentRun, any Error>, _ pending: Pending
    ) -> [Action] {
        guard case .requested(let request) = ending, case .failure(let error) = result else {
            return finish(result, pending)
        }
        guard error.storeCode == .conflict else { return fail(error, pending) }
        // The run has ended; by this logger, if an earlier end was committed after all.
        guard possibleEnd == request.end.status else { return finish(result, pending) }
        underWay = .look(error)
        return [.find]
    }

    /// Completes the end; ends that were requested later fail with a conflict.
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

    /// Fails the end: the run stays open, unless another end was requested.
    private mutating func fail(_ error: any Error, _ pending: Pending) -> [Action] {
        guard case .requested(let request) = ending else { return [] }
        if request.end.isFinal { return finish(.failure(error), pending) }
        let answer = Action.answer(request.caller, .failure(error))
        guard laterRequests.isEmpty else {
            ending = .requested(laterRequests.removeFirst())
            return [answer] + next(pending)
        }
        ending = .open
        // A closed store accepts no points.
        let actions = error.storeCode == .closed ? [answer] : [.reopen, answer]
        return actions + resume(pending)
    }

    /// Writes points for flushes that were requested during the end.
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

    private mutating func takeNotice() -> (any Error)? {
        defer { notice = nil }
        return notice
    }

    private mutating func takeRefusal() -> (any Error)? {
        defer { refusal = nil }
        return refusal
    }
}

extension Error {
    fileprivate var storeCode: StoreError.Code? { (self as? StoreError)?.code }
}
