import Foundation
import MLOpsCore

/// What the plugin `hparams` keeps of a session: its inputs, its times, and how it ended.
struct HyperParameters: Sendable {
    private(set) var values: [String: JSONValue] = [:]
    private(set) var group: String?
    private(set) var startedAt: Date?
    private(set) var endedAt: Date?
    private(set) var status: RunStatus?

    /// Reads one of the plugin's documents.
    mutating func read(_ content: UnsafeRawBufferPointer) {
        var document = WireReader(content)
        while document.next() {
            switch document.field {
            case 3: readStart(document.message)
            case 4: readEnd(document.message)
            default: break
            }
        }
    }

    private mutating func readStart(_ message: WireReader) {
        var fields = message
        while fields.next() {
            switch fields.field {
            case 1:
                var entry = fields.message
                var (name, value) = ("", JSONValue.null)
                while entry.next() {
                    if entry.field == 1 { name = entry.text }
                    if entry.field == 2 { value = Self.value(entry.message, depth: 0) }
                }
                values[name] = value
            case 4: group = fields.text
            case 5: startedAt = Self.date(fields.double)
            default: break
            }
        }
    }

    private mutating func readEnd(_ message: WireReader) {
        var fields = message
        while fields.next() {
            switch fields.field {
            case 1: status = [1: .completed, 2: .failed, 3: .running][fields.integer]
            case 2: endedAt = Self.date(fields.double)
            default: break
            }
        }
    }

    private static func date(_ seconds: Double) -> Date? {
        guard seconds > 0, seconds < 1e12 else { return nil }
        return TimeText.date(microseconds: Int64((seconds * 1_000_000).rounded()))
    }

    /// A `google.protobuf.Value`.
    private static func value(_ message: WireReader, depth: Int) -> JSONValue {
        var fields = message
        var value = JSONValue.null
        while fields.next() {
            switch fields.field {
            case 2:
                let number = fields.double
                if let whole = Int64(exactly: number), number.magnitude < 0x1p53 {
                    value = .int(whole)
                } else if number.isFinite {
                    value = .double(number)
                } else {
                    value = .string(number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity")
                }
            case 3: value = .string(fields.text)
            case 4: value = .bool(fields.integer != 0)
            case 6 where depth < 8:
                var (list, elements) = (fields.message, [JSONValue]())
                while list.next(1) {
                    elements.append(Self.value(list.message, depth: depth + 1))
                }
                value = .array(elements)
            default: break
            }
        }
        return value
    }
}
