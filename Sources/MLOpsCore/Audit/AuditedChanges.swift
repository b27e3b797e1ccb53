import Crypto
import Foundation

extension Table {
    /// The largest value that the trail stores, in bytes of UTF-8.
    ///
    /// A longer value is stored as its hash and length.
    private static let longestAuditedValue = 1024

    /// The changed fields, each with its value before and after; a new row has no `before`.
    func changes(from before: [StoredValue]?, to after: [StoredValue]) throws -> JSONValue {
        var changes: [String: JSONValue] = [:]
        if before == nil { changes.reserveCapacity(auditedPositions.count) }
        for position in auditedPositions {
            let (old, new) = (before?[position] ?? .null, after[position])
            guard old != new else { continue }
            let isRedacted = redactedPositions.contains(position)
            var change = ["after": isRedacted ? .redacted : try Self.audited(new)]
            if before != nil { change["before"] = isRedacted ? .redacted : try Self.audited(old) }
            changes[columns[position]] = .object(change)
        }
        return .object(changes)
    }

    private static func audited(_ value: StoredValue) throws -> JSONValue {
        switch value {
        case .null: return .null
        case .integer(let number), .time(let number): return .int(number)
        case .real(let number): return number.json
        case .bool(let flag): return .bool(flag)
        case .uuid(let uuid): return .string(uuid.lowercased)
        case .text(let text): return short(.string(text), text)
        case .json(let document):
            let shown =
                document.value.mentionsSealing
                ? StoredDocument(
                    document.value.withoutSealedValues, maximumBytes: document.maximumBytes)
                : document
            return short(shown.value, try shown.canonicalText(), depth: shown.value.depth)
        }
    }

    private static func short(
        _ value: JSONValue, _ text: String, depth: Int = 0
    ) -> JSONValue {
        // The entry is a JSON document itself, with limits on its size and depth.
        if text.utf8.count <= longestAuditedValue, depth <= JSONValue.maximumDepth / 2 {
            return value
        }
        return [
            "sha256": .string(SHA256.hash(data: Data(text.utf8)).hexadecimal),
            "bytes": .int(Int64(text.utf8.count)),
        ]
    }
}

extension JSONValue {
    fileprivate static let redacted = JSONValue.string("[redacted]")

    /// The depth of nested arrays and objects.
    fileprivate var depth: Int {
        switch self {
        case .array(let elements): 1 + (elements.map(\.depth).max() ?? 0)
        case .object(let members): 1 + (members.values.map(\.depth).max() ?? 0)
        default: 0
        }
    }
}
