/// What a run produced or used: a file, a directory, a record over steps, or a dataset.
///
/// Its bytes are found by their SHA-256 alone; nothing else that a row says leads to a file.
public struct Artifact: Sendable, Hashable {
    /// What an artifact is.
    public enum Kind: String, TextEnumeration, Sendable {
        /// One file.
        case file
        /// A directory with all files below it, such as a model package.
        case directory
        /// Images over the steps of a run.
        case image
        /// Tables over the steps of a run.
        case table
        /// Texts over the steps of a run.
        case text
        /// Histograms over the steps of a run.
        case histogram
        /// A dataset that the run used; it has no file.
        case dataset

        /// Whether it is a record: items over the steps of a run, which lists lead to.
        public var isRecord: Bool {
            switch self {
            case .image, .table, .text, .histogram: true
            case .file, .directory, .dataset: false
            }
        }
    }

    /// A list of items of a record, kept as a file.
    public struct Segment: Sendable, Hashable, Codable {
        /// The SHA-256 of the list, 64 hexadecimal digits.
        public let sha256: String
        /// The number of items.
        public let count: Int
        /// The size of the items, in bytes.
        public let sizeBytes: Int64
        /// The smallest step.
        public let firstStep: Int64
        /// The largest step.
        public let lastStep: Int64

        /// Describes a list of items.
        public init(
            sha256: String, count: Int, sizeBytes: Int64, firstStep: Int64, lastStep: Int64
        ) {
            self.sha256 = sha256
            self.count = count
            self.sizeBytes = sizeBytes
            self.firstStep = firstStep
            self.lastStep = lastStep
        }
    }

    /// The SHA-256 of its bytes, 64 hexadecimal digits.
    ///
    /// That of a directory is the SHA-256 of a list of its files with their names and hashes, so
    /// that equal directories have equal hashes. That of a record is the hash of its last list, and
    /// that of a dataset the hash of its JSON.
    public let sha256: String
    /// Its size, in bytes; that of a directory or a record is the sum of its files.
    public let sizeBytes: Int64
    /// What it is.
    public let kind: Kind
    /// The extension that it was logged with, without the dot; empty for none.
    ///
    /// An exported artifact gets it back, because programs choose the format of a file by it.
    public let fileExtension: String
    /// The lists of the items of a record, in the order in which they were logged.
    public let segments: [Segment]
    /// What is known of a dataset.
    public let dataset: Dataset?

    /// Describes a file or a directory.
    public init(
        sha256: String, sizeBytes: Int64, kind: Kind = .file, fileExtension: String = ""
    ) {
        self.init(sha256, sizeBytes, kind, fileExtension, [], nil)
    }

    /// Describes a record by the lists of its items.
    init(kind: Kind, segments: [Segment]) {
        self.init(
            segments.last?.sha256 ?? "", segments.map(\.sizeBytes).saturatingSum, kind, "",
            segments, nil)
    }

    init(
        _ sha256: String, _ sizeBytes: Int64, _ kind: Kind, _ fileExtension: String,
        _ segments: [Segment], _ dataset: Dataset?
    ) {
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.kind = kind
        self.fileExtension = fileExtension
        self.segments = segments
        self.dataset = dataset
    }

    /// The number of items of a record; `nil` for anything else.
    public var itemCount: Int? {
        kind.isRecord ? segments.map(\.count).saturatingSum : nil
    }

    /// The hashes of the files that lead to all the others it consists of.
    var roots: [String] {
        switch kind {
        case .file, .directory: [sha256]
        case .image, .table, .text, .histogram: segments.map(\.sha256)
        case .dataset: []
        }
    }
}

extension Array where Element: FixedWidthInteger {
    /// The sum of the positive numbers; other programs may have stored any.
    fileprivate var saturatingSum: Element {
        reduce(0) { sum, number in
            let (next, overflows) = sum.addingReportingOverflow(Swift.max(0, number))
            return overflows ? .max : next
        }
    }
}

extension Artifact: JSONConvertible {
    /// The members `sha256`, `size_bytes`, `kind` and `file_extension`; also the `segments` of a
    /// record, and a `dataset`.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "sha256": .string(sha256), "size_bytes": .int(sizeBytes),
            "kind": .string(kind.rawValue), "file_extension": .string(fileExtension),
        ]
        if kind.isRecord { members["segments"] = segments.json }
        members["dataset"] = dataset?.json
        return .object(members)
    }

    /// Reads the members; all but the first two may be missing.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "artifact")
        self.init(
            try fields.string("sha256"), try fields.int64("size_bytes"),
            try fields.optional("kind", fields.text) ?? .file,
            try fields.optional("file_extension", fields.string) ?? "",
            try fields.optional("segments", fields.array)?.map(Segment.init(json:)) ?? [],
            try json["dataset"].map(Dataset.init(json:)))
    }
}

extension Artifact.Segment: JSONConvertible {
    /// The members `sha256`, `count`, `size_bytes`, `first_step` and `last_step`.
    public var json: JSONValue {
        [
            "sha256": .string(sha256), "count": .int(Int64(count)),
            "size_bytes": .int(sizeBytes), "first_step": .int(firstStep),
            "last_step": .int(lastStep),
        ]
    }

    /// Reads the five members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "segment")
        sha256 = try fields.string("sha256")
        count = try fields.int("count")
        sizeBytes = try fields.int64("size_bytes")
        firstStep = try fields.int64("first_step")
        lastStep = try fields.int64("last_step")
    }
}

extension Artifact: Codable {
    private enum CodingKeys: String, CodingKey {
        case sha256, sizeBytes, kind, fileExtension, segments, dataset
    }

    /// Decodes an artifact; `segments` and `dataset` may be missing.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decode(String.self, forKey: .sha256),
            try container.decode(Int64.self, forKey: .sizeBytes),
            try container.decode(Kind.self, forKey: .kind),
            try container.decode(String.self, forKey: .fileExtension),
            try container.decodeIfPresent([Segment].self, forKey: .segments) ?? [],
            try container.decodeIfPresent(Dataset.self, forKey: .dataset))
    }

    /// Encodes its members; only a record has `segments`, only a dataset `dataset`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sha256, forKey: .sha256)
        try container.encode(sizeBytes, forKey: .sizeBytes)
        try container.encode(kind, forKey: .kind)
        try container.encode(fileExtension, forKey: .fileExtension)
        if kind.isRecord { try container.encode(segments, forKey: .segments) }
        try container.encodeIfPresent(dataset, forKey: .dataset)
    }
}
