import Dispatch
import Synchronization

/// Delivers the changes of commits to the observers of the store.
///
/// A commit queues its changes and returns, so its cost does not depend on the number of observers.
/// A queue of the feed then notifies the observers. When commits follow one another closely, the
/// feed merges their changes. The observers' reads then take only a small part of one processor
/// from the writer.
package final class ChangeFeed: Sendable {
    /// Ends the look-out for the changes of other programs.
    package typealias Watch = @Sendable () async -> Void

    private struct State {
        var observers: [ObjectIdentifier: ChangeObserver] = [:]
        var pending = Changes()
        var lastCommit = ContinuousClock.now
        /// When the observers were told last, and how long they have read since.
        var lastRound = ContinuousClock.now
        var timeOfReads = Duration.zero
        /// Whether the observers are being told, or will be.
        var isDelivering = false
        var isEnded = false
        /// The look-out for other programs; there is one while somebody observes.
        var watch: Task<Watch, any Error>?
        /// The end of the look-out before it.
        var stopping: Task<Void, Never>?
        /// Whether a commit may still be made that was published already; see ``doubt(_:)``.
        var isInDoubt = false

        /// Whether it is time to tell the observers of what is pending.
        var isDue: Bool {
            let now = ContinuousClock.now
            let pause = min(timeOfReads * ChangeFeed.restOfAReader, ChangeFeed.longestPause)
            return now - lastRound >= pause || now - lastCommit >= ChangeFeed.quietTime
        }
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "mlops.changes")

    /// How much longer than they read the observers rest while commits follow one another.
    private static let restOfAReader = 20
    /// How long they rest at most.
    private static let longestPause = Duration.seconds(10)
    /// After how long without a commit nobody is disturbed any more.
    private static let quietTime = Duration.milliseconds(20)

    /// How many observe.
    var observers: Int { state.withLock { $0.observers.count } }

    /// Tells the observers of a commit.
    package func publish(_ changes: Changes) {
        let mustDeliver = state.withLock { state in
            guard !changes.isEmpty, !state.observers.isEmpty else { return false }
            state.pending.formUnion(changes)
            state.lastCommit = .now
            defer { state.isDelivering = true }
            return !state.isDelivering
        }
        if mustDeliver { queue.async { [self] in deliver() } }
    }

    /// Publishes what a commit of unknown outcome may have changed, or may yet change: from now on
    /// the store also listens to what it announces itself.
    func doubt(_ changes: Changes) {
        state.withLock { $0.isInDoubt = true }
        publish(changes)
    }

    /// Whether a commit of unknown outcome may still be made.
    package var isInDoubt: Bool { state.withLock { $0.isInDoubt } }

    /// Notes how long an observer has read.
    func note(timeOfRead: Duration) { state.withLock { $0.timeOfReads += timeOfRead } }

    private func deliver() {
        let round = state.withLock { state -> (Changes, [ChangeObserver])? in
            guard state.isDue else { return nil }
            defer {
                state.pending = Changes()
                state.isDelivering = false
                state.lastRound = .now
                state.timeOfReads = .zero
            }
            return (state.pending, Array(state.observers.values))
        }
        if let (changes, observers) = round {
            for observer in observers { observer.tell(changes) }
        } else {
            queue.asyncAfter(deadline: .after(.milliseconds(5))) { [self] in deliver() }
        }
    }

    /// Adds an observer of one organization, or of all (`nil`).
    ///
    /// - Parameter watch: Starts to look out for the changes of other programs. It returns when
    ///   none can be missed, and is called for the first observer.
    func subscribe(
        to organization: Identifier<Organization>?,
        watch: @escaping @Sendable () async throws -> Watch
    ) async throws -> ChangeObserver {
        let observer = ChangeObserver(of: organization)
        let task = state.withLock { state -> Task<Watch, any Error>? in
            guard !state.isEnded else { return nil }
            state.observers[ObjectIdentifier(observer)] = observer
            if state.watch == nil {
                state.watch = Task { [stopping = state.stopping] in
                    await stopping?.value
                    return try await watch()
                }
            }
            return state.watch
        }
        guard let task else {
            observer.end()
            return observer
        }
        do {
            _ = try await task.value
        } catch {
            // The next observer tries again, whoever is left.
            state.withLock { if $0.watch == task { $0.watch = nil } }
            unsubscribe(observer)
            throw error
        }
        return observer
    }

    func unsubscribe(_ observer: ChangeObserver) {
        state.withLock { state in
            state.observers[ObjectIdentifier(observer)] = nil
            guard state.observers.isEmpty, let watch = state.watch else { return }
            state.watch = nil
            state.stopping = Task { [stopping = state.stopping] in
                await stopping?.value
                try? await watch.value()
            }
        }
    }

    /// Ends every observation, now and from now on.
    func end() async {
        let (observers, watch, stopping) = state.withLock { state in
            state.isEnded = true
            defer { (state.observers, state.watch) = ([:], nil) }
            return (Array(state.observers.values), state.watch, state.stopping)
        }
        for observer in observers { observer.end() }
        try? await watch?.value()
        await stopping?.value
    }
}

/// What one observer has been told and has not looked at.
final class ChangeObserver: Sendable {
    private struct State {
        var changed: TableSet = []
        /// The tables that it has read.
        var region: TableSet = []
        var waiter: CheckedContinuation<Bool, Never>?
        var isEnded = false
    }

    private let organization: Identifier<Organization>?
    private let state = Mutex(State())

    init(of organization: Identifier<Organization>?) { self.organization = organization }

    func tell(_ changes: Changes) {
        let tables = changes.tables(for: organization)
        guard !tables.isEmpty else { return }
        resume { state in
            state.changed.formUnion(tables)
            return state.changed.isDisjoint(with: state.region) ? nil : true
        }
    }

    /// Ends the wait, and every later one.
    func end() {
        resume { state in
            state.isEnded = true
            return false
        }
    }

    /// Wakes the one who waits, if there is something to tell.
    private func resume(_ change: (inout State) -> Bool?) {
        let (waiter, answer) = state.withLock { state in
            let answer = change(&state)
            guard answer != nil else { return (nil as CheckedContinuation<Bool, Never>?, false) }
            defer { state.waiter = nil }
            return (state.waiter, answer ?? false)
        }
        waiter?.resume(returning: answer)
    }

    /// Forgets what was told: all of it is about to be read.
    func forget() { state.withLock { $0.changed = [] } }

    /// Waits for a change of some tables since the last ``forget()``.
    ///
    /// - Returns: `false` when there will be none, or the task is cancelled.
    func change(of region: TableSet) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    state.region = region
                    if state.isEnded { return false }
                    if !state.changed.isDisjoint(with: region) { return true }
                    state.waiter = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            end()
        }
    }
}
