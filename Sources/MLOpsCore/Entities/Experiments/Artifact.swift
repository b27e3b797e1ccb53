/// A file or a directory that a run produced.
///
/// It is found by its SHA-256 alone; nothing else that a row says leads to a file.
public struct Artifact: Sendable, Hashable, Codable {
    /// What an artifact is.
    public enum Kind: String, TextEnumeration, Sendable {
        /// One file.
        case file
        /// A directory with all files below it, such as a model package.
        case directory
    }

    /// The SHA-256 of its bytes, 64 hexadecimal digits.
    ///
    /// That of a directory is the SHA-256 of a list of its files with their names and hashes, so
    /// that equal directories have equal hashes.
    public let sha256: String
    /// Its size, in bytes; that of a directory is the sum of its files.
    public let sizeBytes: Int64
    /// What it is.
    public let kind: Kind
    /// The extension that it was logged with, without the dot; empty for none.
    ///
    /// An exported artifact gets it back, because programs choose the format of a file by it.
    public let fileExtension: String

    /// Describes an artifact.
    public init(
        sha256: String, sizeBytes: Int64, kind: Kind = .file, fileExtension: String = ""
    ) {
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.kind = kind
        self.fileExtension = fileExtension
    }
}

extension Artifact: JSONConvertible {
    /// The members `sha256`, `size_bytes`, `kind` and `file_extension`.
    public var json: JSONValue {
        [
            "sha256": .string(sha256), "size_bytes": .int(sizeBytes),
            "kind": .string(kind.rawValue), "file_extension": .string(fileExtension),
        ]
    }

    /// Reads the four members; the last two may be missing.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "artifact")
        sha256 = try fields.string("sha256")
        sizeBytes = try fields.int64("size_bytes")
        kind = try fields.optional("kind", fields.text) ?? .file
        fileExtension = try fields.optional("file_extension", fields.string) ?? ""
    }
}
