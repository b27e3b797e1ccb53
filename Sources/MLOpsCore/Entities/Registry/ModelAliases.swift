/// The versions of a model by alias, such as `champion`.
///
/// A stored document that cannot be read is kept as it is, and has the aliases that can be read.
public struct ModelAliases: Sendable, Hashable {
    /// The ids of the versions by alias, of the aliases that can be read.
    public private(set) var versions: [String: Identifier<ModelVersion>] = [:]
    /// The stored document, if not all of it can be read.
    public private(set) var damaged: JSONValue?

    /// No aliases.
    public init() {}

    /// An alias as it is stored.
    ///
    /// - Throws: `.invalidValue` for a text that cannot be one.
    public static func checked(_ alias: String) throws(StoreError) -> String {
        try ModelAlias.checked(alias)
    }

    /// The version of an alias; `nil` for one that is not there or cannot be read.
    ///
    /// Setting one repairs it; what else cannot be read is kept.
    public package(set) subscript(alias: String) -> Identifier<ModelVersion>? {
        get { versions[alias] }
        set {
            versions[alias] = newValue
            guard case .object(var members) = damaged else { return damaged = nil }
            members[alias] = newValue?.json
            self = Self(reading: .object(members))
        }
    }

    /// The aliases that can be read, in alphabetical order.
    public var names: [String] { versions.keys.sorted() }
}

extension ModelAliases: KeptDocument {
    /// An object with the id of the version for each alias.
    public var json: JSONValue { damaged ?? versions.json }

    /// Reads the aliases.
    ///
    /// - Throws: `.corrupt` when one cannot be read.
    public init(json: JSONValue) throws {
        versions = try [String: Identifier<ModelVersion>](json: json)
    }

    /// Reads what can be read, and keeps the document.
    package init(damaged json: JSONValue) {
        damaged = json
        versions = (json.object ?? [:]).compactMapValues { try? Identifier<ModelVersion>(json: $0) }
    }
}

extension ModelAliases: ExpressibleByDictionaryLiteral {
    /// Names versions; of an alias that occurs twice the last one counts.
    public init(dictionaryLiteral elements: (String, Identifier<ModelVersion>)...) {
        versions = Dictionary(elements) { $1 }
    }
}

extension ModelAliases: Codable {
    /// Reads ``json``, and keeps what cannot be read.
    public init(from decoder: any Decoder) throws {
        self.init(reading: try JSONValue(from: decoder))
    }

    private init(reading json: JSONValue) {
        self = (try? Self(json: json)) ?? Self(damaged: json)
    }

    /// Writes ``json``.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
