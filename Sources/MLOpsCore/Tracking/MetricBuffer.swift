/// The points of a run that are not stored yet, without a lock and without I/O.
///
/// A batch that could not be written is taken again before any other, so that the order is kept and
/// nothing is lost while the process lives. If its commit is unknown, the store first checks
/// whether its points are stored, so that nothing is stored twice.
struct MetricBuffer: Sendable {
    /// The reason why points are not kept, as the text of a warning.
    enum Loss: String, Sendable {
        case ended = "metrics were logged after the end of the run"
        case unstorable = "metrics with a name or a time that no store takes are refused"
        case full = "the metric buffer is full; points are dropped"
    }

    /// The outcome of adding points.
    enum Addition: Sendable {
        case kept
        /// There is no room until a batch is taken or stored.
        case mustWait
        /// Some points were not kept; the reason is given only the first time.
        case lost(Loss?)
    }

    /// The state of the points that are not written yet.
    enum Pending: Sendable {
        case none
        /// One batch contains all of them.
        case batch
        /// A batch that is written again, and newer points.
        case batches
    }

    private var batch = MetricBatch()
    /// The memory of the previous batch, for reuse.
    private var spare = MetricBatch()
    /// The batch that could not be written.
    private var unwritten: MetricBatch?
    private let capacity: Int
    private let whenFull: TrackingOptions.WhenFull
    /// The reasons that a warning was logged for.
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

    /// The state of the points that are not written yet.
    var pending: Pending {
        if isEmpty { return .none }
        return unwritten == nil || batch.isEmpty ? .batch : .batches
    }

    /// Whether the points should be written before the flush interval ends.
    var isHalfFull: Bool { !isClosed && count >= max(1, capacity / 2) }

    /// Whether the next batch is a repeated one, so that taking it frees no room.
    var isNextRepeated: Bool { unwritten != nil }

    /// Whether `count` more points are within the capacity.
    func hasRoom(for count: Int) -> Bool { self.count + count <= capacity }

    /// Adds `count` points; `add` appends them and returns the number that it refused.
    mutating func add(_ count: Int, _ add: (inout MetricBatch) -> Int) -> Addition {
        if isClosed { return .lost(refuse(count, .ended)) }
        // A batch larger than the capacity is accepted when the buffer is empty.
        if self.count + count > capacity, !isEmpty {
            guard whenFull == .drop else { return .mustWait }
            dropped += count
            return .lost(first(.full))
        }
        let refused = add(&batch)
        return refused > 0 ? .lost(refuse(refused, .unstorable)) : .kept
    }

    /// Takes the next batch to write.
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

    /// Records the outcome of a batch, and keeps the batch if it must be written again.
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
            // A closed store accepts no points; the training continues without it.
            if (error as? StoreError)?.code == .closed { isClosed = true }
        }
    }

    /// Counts points as refused; returns the reason if it is new.
    private mutating func refuse(_ count: Int, _ loss: Loss) -> Loss? {
        refused += count
        return first(loss)
    }

    private mutating func first(_ loss: Loss) -> Loss? {
        warned.insert(loss).inserted ? loss : nil
    }
}
