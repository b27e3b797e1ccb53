import Foundation
import MLOpsCore

/// Collects what is no point: histograms and texts, as lines of JSON for each tag, and pictures.
struct TensorBoardMedia: Sendable {
    private var lines: [String: Data] = [:]
    private var pictures: [String: SourceArtifact] = [:]
    private var size = 0
    private(set) var notes = ImportNotes()

    /// The most bytes of a run that are kept in memory.
    private static let maximumSize = 64 << 20

    var artifacts: [String: SourceArtifact] {
        pictures.merging(lines.mapValues { .bytes($0, fileExtension: "jsonl") }) { $1 }
    }

    mutating func add(
        _ value: TensorBoardValue, _ tag: String, _ plugin: String?, _ event: TensorBoardEvent
    ) {
        switch value.content {
        case .scalar, .none: break
        case .audio: notes.leave("value", "sounds are not taken", tag)
        case .histogram(let message): add(histogram: message, tag, event)
        case .image(let message):
            var fields = message
            while fields.next(4) {
                add(picture: Data(fields.content), tag, event.step, 0)
            }
        case .tensor(let tensor):
            switch plugin {
            case "text": add(text: tensor, tag, event)
            case "histograms": add(histogram: tensor, tag, event)
            case "images":
                // The first two are width and height.
                for (index, data) in tensor.strings.dropFirst(2).enumerated() {
                    add(picture: data, tag, event.step, index)
                }
            default:
                if tensor.scalar == nil {
                    notes.leave("value", "it is a tensor of \(plugin ?? "no plugin")", tag)
                }
            }
        }
    }

    private mutating func add(histogram: WireReader, _ tag: String, _ event: TensorBoardEvent) {
        var fields = histogram
        var document: [String: JSONValue] = [:]
        let names = [1: "min", 2: "max", 3: "num", 4: "sum", 5: "sum_squares"]
        while fields.next() {
            if let name = names[fields.field] {
                document[name] = Self.json(fields.double)
            } else if fields.field == 6 || fields.field == 7 {
                let name = fields.field == 6 ? "bucket_limit" : "bucket"
                let more = fields.doubles.map(Self.json)
                document[name] = .array((document[name]?.array ?? []) + more)
            }
        }
        add(line: document, "histograms", tag, event)
    }

    /// Rows of left edge, right edge and count.
    private mutating func add(
        histogram tensor: TensorBoardTensor, _ tag: String, _ event: TensorBoardEvent
    ) {
        let values = tensor.values
        let buckets = stride(from: 0, to: values.count - values.count % 3, by: 3).map {
            JSONValue.array(values[$0..<$0 + 3].map(Self.json))
        }
        add(line: ["buckets": .array(buckets)], "histograms", tag, event)
    }

    private mutating func add(
        text tensor: TensorBoardTensor, _ tag: String, _ event: TensorBoardEvent
    ) {
        for data in tensor.strings {
            let text = String(decoding: data, as: UTF8.self).replacing("\0", with: "\u{FFFD}")
            add(line: ["text": .string(text)], "text", tag, event)
        }
    }

    private mutating func add(
        line document: [String: JSONValue], _ folder: String, _ tag: String,
        _ event: TensorBoardEvent
    ) {
        var document = document
        document["step"] = .int(event.step)
        document["wall_time"] = Self.json(event.time)
        guard let text = try? JSONValue.object(document).canonicalText() else {
            notes.leave("value", "it is larger than 1 MiB", tag)
            return
        }
        guard fits(text.utf8.count, tag) else { return }
        lines["tensorboard/\(folder)/\(Self.path(tag)).jsonl", default: Data()]
            .append(contentsOf: Data((text + "\n").utf8))
    }

    private mutating func add(picture: Data, _ tag: String, _ step: Int64, _ index: Int) {
        guard fits(picture.count, tag) else { return }
        let kinds: [([UInt8], String)] = [
            ([0x89, 0x50], "png"), ([0xFF, 0xD8], "jpg"), ([0x47, 0x49], "gif"),
        ]
        let kind = kinds.first { picture.starts(with: $0.0) }?.1 ?? "bin"
        let number = index == 0 ? "" : "-\(index)"
        pictures["tensorboard/images/\(Self.path(tag))/\(step)\(number).\(kind)"] =
            .bytes(picture, fileExtension: kind)
    }

    private mutating func fits(_ bytes: Int, _ tag: String) -> Bool {
        size += bytes
        if size <= Self.maximumSize { return true }
        notes.leave("value", "histograms, texts and pictures of a run are more than 64 MiB", tag)
        return false
    }

    /// A tag as a path: no part of it leads upwards.
    private static func path(_ tag: String) -> String {
        tag.split(separator: "/").map { $0 == "." || $0 == ".." ? "_" : String($0) }
            .joined(separator: "/")
    }

    private static func json(_ number: Double) -> JSONValue {
        if number.isFinite { return .double(number) }
        return .string(number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity")
    }
}
