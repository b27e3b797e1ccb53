import Foundation
import MLOpsCore

/// Makes the records of an event file, as TensorFlow 2 writes them: each value is a tensor.
struct EventWriter: PointWriter {
    /// The kinds of elements of tensors, by their numbers.
    private enum Element: Int64 {
        case float = 1
        case double = 2
        case string = 7
    }

    /// How a plugin's values are classed.
    private enum DataClass: Int64 {
        case scalar = 1
        case tensor = 2
        case blobs = 3
    }

    /// The tags that have been written; only the first value of a tag says which plugin shows it.
    private var tags: Set<String> = []

    /// The first record of a file.
    static func version(at time: Date, to bytes: inout ExportBytes) {
        var event = WireWriter()
        event.write(1, time.timeIntervalSince1970)
        event.write(3, "brain.Event:2")
        bytes.append(record: event.bytes)
    }

    // MARK: Points

    mutating func begin(_ report: RunReport, to bytes: inout ExportBytes) {}

    mutating func write(_ point: RunMetric, to bytes: inout ExportBytes) {
        write(point.metricName, "scalars", .scalar, point.step, point.timestamp, to: &bytes) {
            $0.write(1, Element.double.rawValue)
            $0.write(2, [UInt8]())
            $0.write(6, [point.value])
        }
    }

    // MARK: Records

    /// Writes a histogram as rows of left edge, right edge and count.
    mutating func write(
        _ histogram: RunHistogram, _ tag: String, _ item: RecordedItem, to bytes: inout ExportBytes
    ) {
        let (edges, counts) = (histogram.edges, histogram.counts)
        write(tag, "histograms", .tensor, item.step, item.loggedAt, to: &bytes) { tensor in
            tensor.write(1, Element.double.rawValue)
            Self.shape([counts.count, 3], of: &tensor)
            tensor.write(
                6, counts.indices.flatMap { [edges[$0], edges[$0 + 1], Double(counts[$0])] })
        }
    }

    mutating func write(
        text: Data, _ tag: String, _ item: RecordedItem, to bytes: inout ExportBytes
    ) {
        write(tag, "text", .tensor, item.step, item.loggedAt, to: &bytes) {
            $0.write(1, Element.string.rawValue)
            $0.write(2, [UInt8]())
            $0.write(8, text)
        }
    }

    mutating func write(
        _ image: RunImage, _ tag: String, _ item: RecordedItem, to bytes: inout ExportBytes
    ) {
        write(tag, "images", .blobs, item.step, item.loggedAt, to: &bytes) { tensor in
            tensor.write(1, Element.string.rawValue)
            Self.shape([3], of: &tensor)
            tensor.write(8, String(image.width))
            tensor.write(8, String(image.height))
            tensor.write(8, image.data)
        }
    }

    // MARK: Parameters

    /// Writes the parameters, times and end of a run, as the plugin `hparams` keeps them.
    mutating func writeParameters(of run: ExperimentRun, to bytes: inout ExportBytes) {
        let start = run.startedAt ?? run.createdAt
        parameters("_hparams_/session_start_info", at: start, to: &bytes) { document in
            document.write(3) { session in
                for (name, value) in run.flatParameters.sorted(by: { $0.key < $1.key }) {
                    session.write(1) { entry in
                        entry.write(1, name)
                        entry.write(2) { Self.write(value, to: &$0) }
                    }
                }
                session.write(5, start.timeIntervalSince1970)
            }
        }
        let status: Int64 =
            switch run.status {
            case .completed: 1
            case .failed, .cancelled: 2
            case .queued, .running: 3
            }
        let end = run.completedAt
        parameters("_hparams_/session_end_info", at: end ?? start, to: &bytes) { document in
            document.write(4) { session in
                session.write(1, status)
                if let end { session.write(2, end.timeIntervalSince1970) }
            }
        }
    }

    private mutating func parameters(
        _ tag: String, at time: Date, to bytes: inout ExportBytes,
        _ content: (inout WireWriter) -> Void
    ) {
        var document = WireWriter()
        content(&document)
        write(tag, "hparams", .tensor, 0, time, document.bytes, to: &bytes) {
            $0.write(1, Element.float.rawValue)
            Self.shape([0], of: &$0)
        }
    }

    /// Writes a parameter as a number, text or truth value: the plugin knows no others.
    private static func write(_ value: JSONValue, to message: inout WireWriter) {
        switch value {
        case .bool(let flag): message.write(4, flag)
        case .double(let number): message.write(2, number)
        // A double does not hold every integer.
        case .int(let number) where Int64(exactly: Double(number)) == number:
            message.write(2, Double(number))
        default: message.write(3, ExportText.cell(value))
        }
    }

    // MARK: Values

    private static func shape(_ sizes: [Int], of tensor: inout WireWriter) {
        tensor.write(2) { shape in
            for size in sizes { shape.write(2) { $0.write(1, Int64(size)) } }
        }
    }

    private mutating func write(
        _ tag: String, _ plugin: String, _ kind: DataClass, _ step: Int64, _ time: Date,
        _ content: [UInt8]? = nil, to bytes: inout ExportBytes,
        _ tensor: (inout WireWriter) -> Void
    ) {
        let isFirst = !tags.contains(tag)
        if isFirst { tags.insert(tag) }
        var event = WireWriter()
        event.write(1, time.timeIntervalSince1970)
        event.write(2, step)
        event.write(5) { summary in
            summary.write(1) { value in
                value.write(1, tag)
                if isFirst {
                    value.write(9) { metadata in
                        metadata.write(1) { data in
                            data.write(1, plugin)
                            if let content { data.write(2, content) }
                        }
                        metadata.write(4, kind.rawValue)
                    }
                }
                value.write(8, tensor)
            }
        }
        bytes.append(record: event.bytes)
    }
}

extension ExportBytes {
    /// Appends a record of an event file, between its length and the checksums.
    mutating func append(record: [UInt8]) {
        let length = UInt64(record.count).littleEndian
        withUnsafeBytes(of: length) { bytes in
            append(Array(bytes))
            append(checksum: CRC32C.masked(bytes))
        }
        append(record)
        append(checksum: record.withUnsafeBytes { CRC32C.masked($0) })
    }

    private mutating func append(checksum: UInt32) {
        withUnsafeBytes(of: checksum.littleEndian) { append(Array($0)) }
    }
}
