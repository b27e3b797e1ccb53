public import Foundation

/// A value of a record, for programs that keep records without a run logger.
public enum RecordedValue: Sendable, Hashable {
    /// A table.
    case table(RunTable)
    /// An image.
    case image(RunImage)
    /// A text of at most 16 MiB.
    case text(String)
    /// A histogram.
    case histogram(RunHistogram)

    /// The kind of a record that has it.
    public var kind: Artifact.Kind { type(of: record).kind }

    fileprivate var record: any RunRecord {
        switch self {
        case .table(let table): table
        case .image(let image): image
        case .text(let text): RecordedText(text)
        case .histogram(let histogram): histogram
        }
    }
}

extension ArtifactStore {
    /// Keeps the bytes of a value of the past, to be listed in a record.
    ///
    /// - Throws: `.invalidValue` for a table or a text that is too large; `.inputOutput`,
    ///   `.diskFull`.
    public func add(
        _ value: RecordedValue, step: Int64, loggedAt date: Date
    ) throws -> RecordedItem {
        let record = value.record
        let kept = try keep(record.recordedBytes(), fileExtension: record.fileExtension)
        return RecordedItem(
            step: step, loggedAt: date, sha256: kept.sha256, sizeBytes: kept.sizeBytes,
            fileExtension: kept.fileExtension, details: record.details)
    }

    /// Keeps the list of items, and returns what a run records of them.
    ///
    /// - Parameters:
    ///   - kind: The kind of all items.
    ///   - items: The items in the order in which they were logged.
    ///   - record: The record that they follow.
    /// - Throws: `.inputOutput`, `.diskFull`; `.invalidValue` for items of another kind than those
    ///   of the record.
    public func record(
        of kind: Artifact.Kind, _ items: [RecordedItem], after record: Artifact? = nil
    ) throws -> Artifact {
        guard kind.isRecord, record.map({ $0.kind == kind }) ?? true else {
            throw StoreError(
                .invalidValue, "A record has items of one kind: tables, images, texts, histograms.",
                entity: "artifact", field: "kind")
        }
        var (segments, touched) = (record?.segments ?? [], Set<URL>())
        for start in stride(from: 0, to: items.count, by: RecordSegment.maximumMergedItems) {
            let end = min(start + RecordSegment.maximumMergedItems, items.count)
            segments.append(
                try keep(RecordSegment(kind: kind, items: Array(items[start..<end])), &touched))
        }
        flush(touched)
        return Artifact(kind: kind, segments: segments)
    }
}
