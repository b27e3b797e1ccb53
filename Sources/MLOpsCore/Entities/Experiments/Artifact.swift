/// A file that a run produced.
public struct Artifact: Sendable, Hashable, Codable {
    /// The SHA-256 of its bytes, 64 hexadecimal digits.
    public let sha256: String
    /// Its size, in bytes.
    public let sizeBytes: Int64
    /// Its path, relative to the artifact directory.
    public let path: String

    /// Describes a file.
    public init(sha256: String, sizeBytes: Int64, path: String) {
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.path = path
    }
}

extension Artifact: JSONConvertible {
    /// The members `sha256`, `size_bytes` and `path`.
    public var json: JSONValue {
        ["sha256": .string(sha256), "size_bytes": .int(sizeBytes), "path": .string(path)]
    }

    /// Reads the three members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "artifact")
        sha256 = try fields.string("sha256")
        sizeBytes = try fields.int64("size_bytes")
        path = try fields.string("path")
    }
}
