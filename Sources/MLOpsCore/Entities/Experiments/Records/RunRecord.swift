public import Foundation

/// A value that a run keeps under a name and a step.
protocol RunRecord: Sendable {
    /// The kind of its entry in the run.
    static var kind: Artifact.Kind { get }
    /// The extension of its file, without the dot.
    var fileExtension: String { get }
    /// What the list of items says of it, such as the size of an image.
    var details: JSONValue { get }

    /// Its bytes as they are kept.
    ///
    /// - Throws: `.invalidValue` beyond its limits.
    func recordedBytes() throws -> Data

    /// Reads kept bytes.
    ///
    /// - Throws: `.corrupt` for bytes that are no such value.
    init(recorded bytes: Data) throws
}

extension StoreError {
    /// The error of kept bytes that have the right hash, but are no such value.
    static func unreadableRecord(_ kind: Artifact.Kind) -> StoreError {
        StoreError(
            .corrupt, "A recorded \(kind.rawValue) is not in the form that the library writes.",
            entity: "artifact", field: "kind")
    }

    /// The error of a value that cannot be recorded.
    static func record(_ kind: Artifact.Kind, _ problem: String) -> StoreError {
        StoreError(
            .invalidValue, "The \(kind.rawValue) \(problem).", entity: "artifact",
            field: kind.rawValue)
    }
}

/// One item of a record, as its list has it.
public struct RecordedItem: Sendable, Hashable {
    /// The step that it was logged with.
    public let step: Int64
    /// When it was logged.
    public let loggedAt: Date
    /// The SHA-256 of its bytes.
    public let sha256: String
    /// Its size, in bytes.
    public let sizeBytes: Int64
    /// The extension of its file, without the dot.
    public let fileExtension: String
    /// `width` and `height` of an image, `rows` and `columns` of a table, `bins` of a histogram.
    public let details: JSONValue
}

extension RecordedItem: JSONConvertible {
    /// The members `step`, `logged_at` in microseconds, `sha256`, `size_bytes`, `file_extension`
    /// and `details`.
    public var json: JSONValue {
        [
            "step": .int(step), "logged_at": .int(loggedAt.microseconds ?? 0),
            "sha256": .string(sha256), "size_bytes": .int(sizeBytes),
            "file_extension": .string(fileExtension), "details": details,
        ]
    }

    /// Reads the six members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "item of a record")
        step = try fields.int64("step")
        loggedAt = try fields.date("logged_at")
        sha256 = try fields.string("sha256")
        sizeBytes = try fields.int64("size_bytes")
        fileExtension = try fields.string("file_extension")
        details = json["details"] ?? [:]
    }
}

/// A text, as a run records it.
struct RecordedText: RunRecord {
    let text: String

    /// The longest text, in UTF-8 bytes.
    static let maximumBytes = 16 << 20

    static var kind: Artifact.Kind { .text }
    var fileExtension: String { "txt" }
    var details: JSONValue { [:] }

    init(_ text: String) { self.text = text }

    func recordedBytes() throws -> Data {
        guard text.utf8.count <= Self.maximumBytes else {
            throw StoreError.record(
                .text, "has \(text.utf8.count) bytes, more than \(Self.maximumBytes)")
        }
        return Data(text.utf8)
    }

    init(recorded bytes: Data) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw StoreError.unreadableRecord(.text)
        }
        self.text = text
    }
}
