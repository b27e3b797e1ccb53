import Foundation

/// Something that a run logger records beside points, with its bytes.
struct PendingRecord: Sendable {
    enum Content: Sendable {
        /// An item of a record.
        case item(Item)
        /// A file of bytes, with its extension.
        case file(String)
        /// A dataset, which has no file.
        case dataset(Dataset)
    }

    /// What the list of a record's items will say of one.
    struct Item: Sendable {
        let kind: Artifact.Kind
        let step: Int64
        let loggedAt: Date
        let fileExtension: String
        let details: JSONValue

        func kept(_ hash: String, _ size: Int64) -> RecordedItem {
            RecordedItem(
                step: step, loggedAt: loggedAt, sha256: hash, sizeBytes: size,
                fileExtension: fileExtension, details: details)
        }
    }

    /// The name in the run.
    let name: String
    let content: Content
    let data: Data

    /// What it takes of the buffer, in bytes.
    var size: Int { data.count + 256 }

    /// The kind of the artifact that it is, or becomes an item of.
    var kind: Artifact.Kind {
        switch content {
        case .item(let item): item.kind
        case .file: .file
        case .dataset: .dataset
        }
    }

    /// What its refusal says.
    var refusal: RecordOutcome.Refused { RecordOutcome.Refused(name: name, kind: kind) }
}

/// Records that are taken to be written together, and what was done for them.
struct RecordBatch: Sendable {
    /// The records that are not named in the run yet.
    var records: [PendingRecord]
    /// The number of the last one, counted from the logger's first.
    let last: Int
    /// What the records took of the buffer when they were taken, in bytes.
    let size: Int
    /// The changes of the run; `nil` before the bytes are kept.
    var changes: [RecordChange]?
    /// When the bytes were kept.
    var keptAt: ContinuousClock.Instant?

    /// How long kept bytes count as kept: pruning removes files that no run names for a while.
    static let freshness = Duration.seconds(3600)

    /// Whether the changes can be written without keeping the bytes again.
    var isKept: Bool { changes != nil && keptAt.map { .now - $0 < Self.freshness } == true }
}

/// The records of a run that are not stored yet, without a lock and without I/O.
///
/// A batch that could not be written is taken again before any other.
struct RecordBuffer: Sendable {
    /// The reason why records are not kept, as the text of a warning.
    enum Loss: String, Sendable {
        case ended = "records were logged after the end of the run"
        case full = "the buffer of records is full; records are dropped"
    }

    /// The outcome of adding a record.
    enum Addition: Sendable {
        case kept
        /// There is no room until a batch is stored.
        case mustWait
        /// It was not kept; the reason is given only the first time.
        case lost(Loss?)
    }

    private var pending: [PendingRecord] = []
    private var unwritten: RecordBatch?
    private let capacity: Int
    private let whenFull: TrackingOptions.WhenFull
    private var warned: Set<Loss> = []
    /// The bytes of all records that are not stored, those that are being written included.
    private var size = 0
    /// The number of records ever added.
    private(set) var added = 0
    /// The number of records ever stored or refused.
    private(set) var settled = 0
    /// Whether further records are refused.
    var isClosed = false
    private(set) var refused = 0
    private(set) var dropped = 0

    init(_ options: TrackingOptions) {
        capacity = max(1, options.recordBufferBytes)
        whenFull = options.whenFull
    }

    /// The most records of a batch, so that the list of their items is no longer than one may be.
    private static let maximumBatch = 1 << 14

    /// Whether nothing waits to be written; something may be on its way.
    var isEmpty: Bool { pending.isEmpty && unwritten == nil }

    /// Whether the records should be written before the flush interval ends.
    var isHalfFull: Bool { !isClosed && size >= max(1, capacity / 2) }

    mutating func add(_ record: PendingRecord) -> Addition {
        if isClosed {
            refused += 1
            return .lost(first(.ended))
        }
        // A record larger than the capacity is accepted when the buffer is empty.
        if size > 0, size + record.size > capacity {
            guard whenFull == .drop else { return .mustWait }
            dropped += 1
            return .lost(first(.full))
        }
        pending.append(record)
        size += record.size
        added += 1
        return .kept
    }

    private mutating func first(_ loss: Loss) -> Loss? {
        warned.insert(loss).inserted ? loss : nil
    }

    /// Takes the next batch to write; `nil` without any.
    mutating func take() -> RecordBatch? {
        if let batch = unwritten {
            unwritten = nil
            return batch
        }
        guard !pending.isEmpty else { return nil }
        let taken = Array(pending.prefix(Self.maximumBatch))
        pending.removeFirst(taken.count)
        return RecordBatch(
            records: taken, last: added - pending.count, size: taken.reduce(0) { $0 + $1.size })
    }

    /// Keeps a batch that is to be written again.
    mutating func putBack(_ batch: RecordBatch) { unwritten = batch }

    /// Records that a batch is stored, or refused for good.
    mutating func settle(_ batch: RecordBatch, isRefused: Bool) {
        settled = batch.last
        size -= batch.size
        if isRefused { refused += batch.records.count }
    }

    /// Counts records whose names are those of other artifacts.
    mutating func countRefused(_ count: Int) { refused += count }
}
