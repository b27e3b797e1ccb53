import Dispatch
import Synchronization

/// Hands the changes of commits to those who observe the store.
///
/// A commit leaves its changes and goes on, so that a writer pays the same for one observer and for
/// a thousand; a queue of the feed tells the observers. With many of them it folds the changes of
/// several commits: what they read in answer would take the machine from the writer.
package final class ChangeFeed: Sendable {
    /// Ends the look-out for the changes of other programs.
    package typealias Watch = @Sendable () async -> Void

    private struct State {
        var observers: [ObjectIdentifier: ChangeObserver] = [:]
        var pending = Changes()
        /// Whether the observers are being told, or will be.
        var isDelivering = false
        var isEnded = false
        /// The look-out for other programs; there is one while somebody observes.
        var watch: Task<Watch, any Error>?
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "mlops.changes")

    /// How long the answer of one observer to a change takes the machine, by and large.
    private static let pause = Duration.microseconds(100)

    /// How many observe.
    var observers: Int { state.withLock { $0.observers.count } }

    /// Tells the observers of a commit.
    package func publish(_ changes: Changes) {
        let mustDeliver = state.withLock { state in
            guard !changes.isEmpty, !state.observers.isEmpty else { return false }
            state.pending.formUnion(changes)
            defer { state.isDelivering = true }
            return !state.isDelivering
        }
        if mustDeliver { queue.async { [self] in deliver() } }
    }

    private func deliver() {
        let (changes, observers) = state.withLock { state in
            defer { state.pending = Changes() }
            // Nothing has come since the last time.
            if state.pending.isEmpty { state.isDelivering = false }
            return (state.pending, Array(state.observers.values))
        }
        guard !changes.isEmpty else { return }
        for observer in observers { observer.tell(changes) }
        let pause = Self.pause * observers.count
        queue.asyncAfter(deadline: .after(pause)) { [self] in deliver() }
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
            if state.watch == nil { state.watch = Task { try await watch() } }
            return state.watch
        }
        guard let task else {
            observer.end()
            return observer
        }
        do {
            _ = try await task.value
        } catch {
            unsubscribe(observer)
            throw error
        }
        return observer
    }

    func unsubscribe(_ observer: ChangeObserver) {
        let watch = state.withLock { state -> Task<Watch, any Error>? in
            state.observers[ObjectIdentifier(observer)] = nil
            guard state.observers.isEmpty else { return nil }
            defer { state.watch = nil }
            return state.watch
        }
        if let watch { Task { try? await watch.value() } }
    }

    /// Ends every observation, now and from now on.
    func end() async {
        let (observers, watch) = state.withLock { state in
            state.isEnded = true
            defer { (state.observers, state.watch) = ([:], nil) }
            return (Array(state.observers.values), state.watch)
        }
        for observer in observers { observer.end() }
        try? await watch?.value()
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
