import Dispatch
import Foundation
import Logging
import Synchronization

/// Keeps the bytes of what a run logger records, and then names them in the run.
///
/// The order of the two is the promise: the row names only bytes that are on the disk. It writes on
/// threads of its own, without a task, because a program that is ended by a signal may block the
/// whole cooperative pool.
final class RecordWriter: Sendable {
    typealias Waiter = @Sendable (Result<Void, any Error>) -> Void

    fileprivate struct State {
        var buffer: RecordBuffer
        /// Whether a batch is being written.
        var isWriting = false
        /// Who waits for records to be settled, by the number of the last one.
        var waiters: [(last: Int, waiter: Waiter)] = []
        var blocked: [DispatchSemaphore] = []
        /// Why records were refused; told to the next who waits.
        var refusal: (any Error)?
        /// Whether the last batch failed; only the first of consecutive failures is logged.
        var isFailing = false
        /// The lists of each record, as the last change left them.
        var lists: [String: [Artifact.Segment]] = [:]
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
        state = Mutex(State(buffer: RecordBuffer(options)))
    }

    /// The number of records refused, by the buffer or the store, and the number dropped.
    var lost: (refused: Int, dropped: Int) {
        state.withLock { ($0.buffer.refused, $0.buffer.dropped) }
    }

    // MARK: Events

    /// Adds a record; waits for room if the buffer is full and set to wait.
    func append(_ record: PendingRecord) {
        while true {
            let (addition, isDue, room) = state.withLock {
                state -> (RecordBuffer.Addition, Bool, DispatchSemaphore?) in
                let addition = state.buffer.add(record)
                // After a failure the timer repeats the batch, not each record.
                let isDue = state.buffer.isHalfFull && !state.isFailing
                guard case .mustWait = addition else { return (addition, isDue, nil) }
                let room = DispatchSemaphore(value: 0)
                state.blocked.append(room)
                return (addition, !state.isFailing, room)
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

    /// Writes what was added.
    ///
    /// `waiter` is called when everything added before is named in the run, or could not be. It is
    /// called at once when there is nothing to write.
    func flush(_ waiter: Waiter? = nil) {
        let (batch, answer) = state.withLock { state -> (RecordBatch?, Result<Void, any Error>?) in
            var answer: Result<Void, any Error>?
            if let waiter {
                if state.buffer.settled == state.buffer.added {
                    answer = state.takeRefusal()
                } else {
                    state.waiters.append((state.buffer.added, waiter))
                }
            }
            return (state.next(), answer)
        }
        if let answer { waiter?(answer) }
        if let batch { write(batch) }
    }

    /// Tells the next who waits why records were refused; for who has another error to report.
    func keep(_ refusal: any Error) {
        state.withLock { if $0.refusal == nil { $0.refusal = refusal } }
    }

    /// Refuses further records, or takes them again.
    func setClosed(_ isClosed: Bool) {
        let woken = state.withLock { state in
            state.buffer.isClosed = isClosed
            return isClosed ? state.takeBlocked() : []
        }
        for room in woken { room.signal() }
    }

    // MARK: Writing

    private func write(_ batch: RecordBatch) {
        DispatchQueue(label: "mlops.records").async { [self] in
            do {
                var batch = batch
                if !batch.isKept {
                    batch.changes = try kept(batch.records, merging: true)
                    batch.keptAt = .now
                }
                submit(batch)
            } catch {
                finish(batch, BatchOutcome(.failure(error)))
            }
        }
    }

    /// Names what is kept in the run.
    private func submit(_ batch: RecordBatch) {
        let found = Found()
        store.submit(as: access) { [id] tx in
            let outcome = try tx.runs.logged.record(batch.changes ?? [], in: id)
            found.outcome.withLock { $0 = outcome }
        } completion: { [self] result in
            guard case .success = result else { return finish(batch, BatchOutcome(result)) }
            let outcome = found.outcome.withLock { $0 }
            note(outcome, in: batch)
            if outcome.stale.isEmpty { return finish(batch, .stored) }
            var batch = batch
            batch.records.removeAll {
                !outcome.stale.contains($0.name) || outcome.refused.contains($0.refusal)
            }
            batch.changes = nil
            writeStale(batch)
        }
    }

    /// Adds the items of records that another logger has changed meanwhile as lists of their own.
    private func writeStale(_ batch: RecordBatch) {
        DispatchQueue(label: "mlops.records").async { [self] in
            do {
                var batch = batch
                batch.changes = try kept(batch.records, merging: false)
                batch.keptAt = .now
                submit(batch)
            } catch {
                finish(batch, BatchOutcome(.failure(error)))
            }
        }
    }

    /// What a transaction has found; valid once it is committed.
    private final class Found: Sendable {
        let outcome = Mutex(RecordOutcome())
    }

    /// Takes over what a transaction has left.
    private func note(_ outcome: RecordOutcome, in batch: RecordBatch) {
        // Under the same name, those of another kind may have been stored.
        let refused = batch.records.count {
            outcome.refused.contains($0.refusal)
        }
        state.withLock { state in
            for (name, artifact) in outcome.artifacts where artifact.kind.isRecord {
                state.lists[name] = artifact.segments
            }
            state.lists.merge(outcome.lists) { $1 }
            state.buffer.countRefused(refused)
            if let name = outcome.conflicts.min() {
                state.refusal = StoreError.recordConflict(name)
            }
        }
    }

    private func finish(_ batch: RecordBatch, _ outcome: BatchOutcome) {
        var isNews = false
        let (next, told, woken) = state.withLock { state in
            state.isWriting = false
            isNews = outcome.error != nil && !state.isFailing
            state.isFailing = outcome.error != nil
            var answer = Result<Void, any Error>.success(())
            switch outcome {
            case .stored: state.buffer.settle(batch, isRefused: false)
            case .refused(let error):
                state.buffer.settle(batch, isRefused: true)
                state.refusal = error
            case .unknown(let error), .failed(let error):
                state.buffer.putBack(batch)
                // A closed store takes nothing; the training continues without it.
                if (error as? StoreError)?.code == .closed { state.buffer.isClosed = true }
                answer = .failure(error)
            }
            var told: [(Waiter, Result<Void, any Error>)] = []
            let isSettled = outcome.isSettled
            let settled = state.buffer.settled
            state.waiters.removeAll { entry in
                guard !isSettled || entry.last <= settled else { return false }
                told.append((entry.waiter, answer))
                return true
            }
            if isSettled, !told.isEmpty { told[0].1 = state.takeRefusal() }
            let isDue = isSettled && (!state.waiters.isEmpty || state.buffer.isHalfFull)
            let isRoom = isSettled || state.buffer.isClosed
            return (isDue ? state.next() : nil, told, isRoom ? state.takeBlocked() : [])
        }
        if isNews, let error = outcome.error {
            logger.warning("records could not be written", metadata: ["error": "\(error)"])
        }
        for room in woken { room.signal() }
        for (waiter, answer) in told { waiter(answer) }
        if let next { write(next) }
    }

    // MARK: Keeping

    /// Keeps the bytes of records, and then lists of the items.
    ///
    /// - Parameter merges: Whether the last lists of a record are merged with the new items.
    private func kept(_ records: [PendingRecord], merging merges: Bool) throws -> [RecordChange] {
        let artifacts = store.artifacts
        var (touched, changes) = (Set<URL>(), [RecordChange]())
        var (order, items) = ([String](), [String: [RecordedItem]]())
        var kinds: [String: Artifact.Kind] = [:]
        for record in records {
            switch record.content {
            case .dataset(let dataset):
                changes.append(
                    RecordChange(name: record.name, content: .artifact(try dataset.artifact())))
            case .file(let fileExtension):
                let kept = try artifacts.keep(&touched) { try $0(record.data) }
                let artifact = Artifact(
                    sha256: kept.hash, sizeBytes: kept.size, fileExtension: fileExtension)
                changes.append(RecordChange(name: record.name, content: .artifact(artifact)))
            case .item(let item):
                let kept = try artifacts.keep(&touched) { try $0(record.data) }
                // Of two kinds under one name the first is stored, the other is in conflict.
                let key = "\(item.kind.rawValue)/\(record.name)"
                if items[key] == nil { order.append(key) }
                kinds[key] = item.kind
                items[key, default: []].append(item.kept(kept.hash, kept.size))
            }
        }
        artifacts.flush(touched)
        touched = []
        for key in order {
            guard let kind = kinds[key], let items = items[key] else { continue }
            let name = String(key.dropFirst(kind.rawValue.count + 1))
            changes.append(try list(items, of: kind, named: name, merging: merges, &touched))
        }
        artifacts.flush(touched)
        return changes
    }

    /// Keeps a list of new items, and of those of the lists that are merged with it.
    private func list(
        _ new: [RecordedItem], of kind: Artifact.Kind, named name: String, merging merges: Bool,
        _ touched: inout Set<URL>
    ) throws -> RecordChange {
        let lists = merges ? state.withLock { $0.lists[name] } ?? [] : []
        let count = RecordSegment.merged(lists.map { max(0, $0.count) }, adding: new.count)
        var (merged, items) = ([Artifact.Segment](), new)
        for list in lists.suffix(count).reversed() {
            // A damaged list stays as it is, and so do those before it.
            guard let read = try? store.artifacts.segment(list.sha256), read.kind == kind
            else { break }
            merged.insert(list, at: 0)
            items = read.items + items
        }
        let segment = try store.artifacts.keep(
            RecordSegment(kind: kind, items: items), &touched)
        return RecordChange(
            name: name, content: .segment(kind, segment, merging: merged, added: new.count))
    }
}

extension RecordWriter.State {
    /// The next batch, unless one is being written.
    fileprivate mutating func next() -> RecordBatch? {
        guard !isWriting, let batch = buffer.take() else { return nil }
        isWriting = true
        return batch
    }

    fileprivate mutating func takeBlocked() -> [DispatchSemaphore] {
        defer { blocked = [] }
        return blocked
    }

    /// Success, or once why records were refused.
    fileprivate mutating func takeRefusal() -> Result<Void, any Error> {
        defer { refusal = nil }
        return refusal.map { .failure($0) } ?? .success(())
    }
}

extension BatchOutcome {
    /// Whether the batch is not written again.
    fileprivate var isSettled: Bool {
        switch self {
        case .stored, .refused: true
        case .unknown, .failed: false
        }
    }
}
