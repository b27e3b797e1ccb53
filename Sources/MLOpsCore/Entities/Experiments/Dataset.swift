/// A dataset that a run used: what it is called, and the digest that tells its versions apart.
///
/// It is a reference; the data itself stays where it is.
public struct Dataset: Sendable, Hashable, Codable {
    /// Its name, such as `mnist`.
    public let name: String
    /// What identifies its content, such as the SHA-256 of a file or a version.
    public let digest: String
    /// Where it came from, such as a URL or a query.
    public let source: String?
    /// Its fields and their types, in any form.
    public let schema: JSONValue?
    /// What it was used for, such as `training`.
    public let context: String?

    /// The longest name and context, in UTF-8 bytes.
    public static let maximumNameBytes = 256
    /// The longest digest.
    public static let maximumDigestBytes = 128
    /// The longest source, in UTF-8 bytes.
    public static let maximumSourceBytes = 8 << 10
    /// The largest schema, in bytes of its JSON.
    public static let maximumSchemaBytes = 16 << 10

    /// Describes a dataset.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - digest: What identifies its content: visible ASCII characters but `"` and `\`.
    ///   - source: Where it came from. It is readable by all who see the run: leave passwords out.
    ///   - schema: Its fields and their types.
    ///   - context: What it was used for.
    /// - Throws: `.invalidValue` for an empty name or digest, and beyond the limits.
    public init(
        name: String, digest: String, source: String? = nil, schema: JSONValue? = nil,
        context: String? = nil
    ) throws {
        let (name, context) = (name.asName, context?.asName)
        try Self.check(!name.isEmpty && Self.isText(name, Self.maximumNameBytes), "name")
        try Self.check(
            !digest.isEmpty && digest.utf8.count <= Self.maximumDigestBytes
                && digest.utf8.allSatisfy(Self.isDigestByte), "digest")
        if let source { try Self.check(Self.isText(source, Self.maximumSourceBytes), "source") }
        if let context {
            try Self.check(
                !context.isEmpty && Self.isText(context, Self.maximumNameBytes), "context")
        }
        // In the form that a store gives it, so that what is read equals what was logged.
        let schema = schema?.namingKeys()
        if let schema {
            _ = try schema.canonicalText(maximumBytes: Self.maximumSchemaBytes)
        }
        self.init(name, digest, source, schema, context)
    }

    private init(
        _ name: String, _ digest: String, _ source: String?, _ schema: JSONValue?,
        _ context: String?
    ) {
        self.name = name
        self.digest = digest
        self.source = source
        self.schema = schema
        self.context = context
    }

    private static func check(_ isValid: Bool, _ field: String) throws {
        guard !isValid else { return }
        throw StoreError(
            .invalidValue,
            "The \(field) of a dataset is empty, too long, or has characters that it cannot have.",
            entity: "dataset", field: field)
    }

    private static func isText(_ text: String, _ limit: Int) -> Bool {
        text.utf8.count <= limit && !text.utf8.contains(0)
    }

    /// Whether a byte stands for itself in JSON, so that a digest can be searched for as text.
    private static func isDigestByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// The name of its entry in a run: one for each content and use.
    ///
    /// The signs that separate the parts are percent-encoded where they are a part's own.
    var entryName: String {
        func escaped(_ part: String, _ separators: [String]) -> String {
            (["%"] + separators).reduce(part) { text, sign in
                text.replacing(sign, with: ["%": "%25", "/": "%2F", "@": "%40"][sign] ?? sign)
            }
        }
        guard let context else { return "\(escaped(name, ["/", "@"]))@\(digest)" }
        return "\(escaped(context, ["/", "@"]))/\(escaped(name, ["@"]))@\(digest)"
    }
}

extension Dataset {
    /// Decodes a dataset.
    ///
    /// - Throws: As ``init(name:digest:source:schema:context:)``.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            name: container.decode(String.self, forKey: .name),
            digest: container.decode(String.self, forKey: .digest),
            source: container.decodeIfPresent(String.self, forKey: .source),
            schema: container.decodeIfPresent(JSONValue.self, forKey: .schema),
            context: container.decodeIfPresent(String.self, forKey: .context))
    }
}

extension Dataset: JSONConvertible {
    /// The members `name` and `digest`, and `source`, `schema` and `context` if it has them.
    public var json: JSONValue {
        var members: [String: JSONValue] = ["name": .string(name), "digest": .string(digest)]
        members["source"] = source.map { .string($0) }
        members["schema"] = schema
        members["context"] = context.map { .string($0) }
        return .object(members)
    }

    /// Reads the members; all but the first two may be missing.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "dataset")
        self.init(
            try fields.string("name"), try fields.string("digest"),
            try fields.optional("source", fields.string), json["schema"],
            try fields.optional("context", fields.string))
    }
}

extension ExperimentRun {
    /// The datasets that it used, by name, digest and context.
    public var datasets: [Dataset] {
        artifacts.values.compactMap(\.dataset).sorted {
            ($0.name, $0.digest, $0.context ?? "") < ($1.name, $1.digest, $1.context ?? "")
        }
    }
}
