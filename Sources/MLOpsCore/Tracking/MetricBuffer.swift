/// The points of a run that are not yet stored, without a lock and without I/O.
///
/// A batch that could not be written is taken again before any other, so that order is kept and
/// nothing is lost while the process lives. Where its commit is unknown, the store looks for it
/// first, so that nothing is stored twice either.
struct MetricBuffer: Sendable {
    /// Why points are not kept, in the words of the warning.
    enum Loss: String, Sendable {
        case ended = "metrics were logged after the end of the run"
        case unstorable = "metrics with a name or a time that no store takes are refused"
        case full = "the metric buffer is full; points are dropped"
    }

    /// What became of points that were logged.
    enum Addition: Sendable {
        case kept
        /// There is no room until a batch is taken or stored.
        case mustWait
        /// Some were not kept; the loss is given the first time.
        case lost(Loss?)
    }

    /// The points that wait to be written.
    enum Pending: Sendable {
        case none
        /// One batch is all of them.
        case batch
        /// A batch that is written again, and points behind it.
        case batches
    }

    private var batch = MetricBatch()
    /// The memory of the batch before, to be used again.
    private var spare = MetricBatch()
    /// The batch that could not be written.
    private var unwritten: MetricBatch?
    private let capacity: Int
    private let whenFull: TrackingOptions.WhenFull
    /// The losses that were warned of.
    private var warned: Set<Loss> = []

    /// Whether further points are refused.
    var isClosed = false
    private(set) var refused = 0
    private(set) var dropped = 0

    init(_ options: TrackingOptions) {
        capacity = max(1, options.bufferCapacity)
        whenFull = options.whenFull
        batch.reserveCapacity(min(capacity, 1 << 14))
        spare.reserveCapacity(min(capacity, 1 << 14))
    }

    private var count: Int { batch.count + (unwritten?.count ?? 0) }
    private var isEmpty: Bool { batch.isEmpty && unwritten == nil }

    /// The points that wait to be written.
    var pending: Pending {
        if isEmpty { return .none }
        return unwritten == nil || batch.isEmpty ? .batch : .batches
    }

    /// Whether the points are to be written before their time.
    var isHalfFull: Bool { !isClosed && count >= max(1, capacity / 2) }

    /// Whether the next batch is one that could not be written, so that taking it makes no room.
    var isNextRepeated: Bool { unwritten != nil }

    /// Adds `count` points: `add` appends them and returns how many it refused.
    mutating func add(_ count: Int, _ add: (inout MetricBatch) -> Int) -> Addition {
        if isClosed { return .lost(refuse(count, .ended)) }
        // A batch larger than the buffer has to fit an empty one all the same.
        if self.count + count > capacity, !isEmpty {
            guard whenFull == .drop else { return .mustWait }
            dropped += count
            return .lost(first(.full))
        }
        let refused = add(&batch)
        return refused > 0 ? .lost(refuse(refused, .unstorable)) : .kept
    }

    /// Takes the batch that is to be written next.
    mutating func take() -> MetricBatch {
        if let batch = unwritten {
            unwritten = nil
            return batch
        }
        var next = batch
        next.firstID = Identifier()
        batch = spare
        spare = MetricBatch()
        return next
    }

    /// Takes note of what became of a batch, and keeps it if it is to be written again.
    mutating func putBack(_ batch: MetricBatch, after outcome: BatchOutcome) {
        switch outcome {
        case .stored:
            spare = batch
            spare.removeAll()
        case .refused: refused += batch.count
        case .unknown:
            unwritten = batch
            unwritten?.mayBeStored = true
        case .failed(let error):
            unwritten = batch
            // A closed store takes nothing any more: the training goes on without it.
            if (error as? StoreError)?.code == .closed { isClosed = true }
        }
    }

    /// Counts points as refused; returns the reason the first time.
    private mutating func refuse(_ count: Int, _ loss: Loss) -> Loss? {
        refused += count
        return first(loss)
    }

    private mutating func first(_ loss: Loss) -> Loss? {
        warned.insert(loss).inserted ? loss : nil
    }
}
