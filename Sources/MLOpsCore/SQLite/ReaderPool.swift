import CSQLite
import Synchronization

/// The connections that read a file.
final class ReaderPool: Sendable {
    typealias Reader = ConnectionQueue<SQLiteConnection>
    /// A waiter gets a reader, or `nil` when it has to open one.
    private typealias Waiter = @Sendable (Result<Reader?, any Error>) -> Void

    private struct State {
        var pool: Pool<Reader, Waiter>
        var lastWaiter: UInt64 = 0
        /// When each reader's snapshot was taken.
        var reading: [ObjectIdentifier: (reader: Reader, since: ContinuousClock.Instant)] = [:]
        var onDrained: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>
    private let path: String
    private let configuration: SQLiteConfiguration

    init(path: String, configuration: SQLiteConfiguration) {
        self.path = path
        self.configuration = configuration
        state = Mutex(State(pool: Pool(maximum: configuration.maximumReaders)))
    }

    /// Runs a body with a reader of its own.
    func with<Value: Sendable>(
        _ body: @Sendable (Reader) async throws -> Value
    ) async throws -> Value {
        let reader = try await acquire()
        state.withLock { $0.reading[ObjectIdentifier(reader)] = (reader, .now) }
        defer { release(reader) }
        return try await body(reader)
    }

    /// Gives up the snapshots that are older than a while; returns how many.
    func expireSnapshots(olderThan age: Duration) -> Int {
        let limit = ContinuousClock.now - age
        let old = state.withLock { $0.reading.values.filter { $0.since < limit }.map(\.reader) }
        for reader in old { reader.interruption.stopCurrent(.snapshotExpired) }
        return old.count
    }

    private func open() throws -> Reader {
        do {
            let interruption = Interruption()
            let connection = try SQLiteConnection(
                path: path, flags: SQLITE_OPEN_READWRITE, configuration: configuration,
                interruption: interruption)
            try connection.configure(configuration)
            try connection.runScript("PRAGMA query_only = ON")
            return Reader(connection, label: "mlops.sqlite.reader", interruption: interruption)
        } catch {
            let next = state.withLock { $0.pool.discard() }
            next?(.success(nil))
            throw error
        }
    }

    private func acquire() async throws -> Reader {
        let acquisition = state.withLock { $0.pool.acquire() }
        switch acquisition {
        case .use(let reader): return reader
        case .open: return try open()
        case .closed: throw StoreError(.closed, "The store is closed; open it again.")
        case .wait: return try await wait()
        }
    }

    private func wait() async throws -> Reader {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let reader = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter: Waiter = { continuation.resume(with: $0) }
                // Between the first look and now a reader may have come back.
                let answer: Result<Reader?, any Error>? = state.withLock { state in
                    switch state.pool.acquire() {
                    case .use(let reader): return .success(reader)
                    case .open: return .success(nil)
                    case .closed:
                        return .failure(StoreError(.closed, "The store is closed; open it again."))
                    case .wait:
                        state.pool.wait(waiter, as: id)
                        return nil
                    }
                }
                if let answer {
                    waiter(answer)
                } else if Task.isCancelled {
                    cancel(id)
                }
            }
        } onCancel: {
            cancel(id)
        }
        return try reader ?? open()
    }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { $0.pool.cancel(id) }
        waiter?(.failure(CancellationError()))
    }

    private func release(_ reader: Reader) {
        let (action, drained) = state.withLock { state in
            state.reading[ObjectIdentifier(reader)] = nil
            let action = state.pool.release(reader)
            return (action, state.pool.isDrained ? state.onDrained : nil)
        }
        if case .handOver(let reader, let waiter) = action { waiter(.success(reader)) }
        drained?()
    }

    /// Lets go of the readers that nobody uses.
    func closeIdle() { _ = state.withLock { $0.pool.close() } }

    /// Refuses new reads and returns when those that run are done.
    func close() async {
        closeIdle()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isDone = state.withLock { state in
                if state.pool.isDrained { return true }
                state.onDrained = { continuation.resume() }
                return false
            }
            if isDone { continuation.resume() }
        }
    }
}
