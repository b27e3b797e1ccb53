/// The configuration of a notification channel, whose secrets are stored encrypted.
///
/// What is a secret, ``SecretRules`` says. Its value, whatever type it has, is stored as
/// `{"$sealed": "..."}`, bound to the organization, the channel and the member, so that a copy of
/// it opens nowhere else.
struct SealedConfig {
    private let place: String
    private let rules: SecretRules
    private let keys: StoreKeys

    init(
        of channel: Identifier<NotificationChannel>, in organization: Identifier<Organization>,
        type: NotificationChannelType, keys: StoreKeys
    ) {
        place = "notification_channels/\(organization)/\(channel)"
        rules = SecretRules(type: type)
        self.keys = keys
    }

    /// The configuration as it is stored; what is sealed already is kept.
    ///
    /// - Throws: `.missingKey` when there is a secret and no key; `.invalidValue` for a sealed
    ///   value of another place, a secret in the place of a name, or anything else under `$sealed`;
    ///   `.checkViolation` when it is no object.
    func sealed(_ config: JSONValue) throws -> JSONValue {
        // Said here, since a server may write a row that it refuses into its own log.
        guard config.object != nil else {
            throw StoreError(
                .checkViolation, "The configuration of a channel is a JSON object.",
                entity: NotificationChannel.entityName, field: "notification_channels_config_check")
        }
        return try sealed(config, at: [])
    }

    private func sealed(_ value: JSONValue, at path: [String]) throws -> JSONValue {
        if let sealed = value.sealedText {
            do {
                _ = try open(sealed, at: path)
            } catch let error as StoreError where error.code == .corrupt {
                throw Self.invalid(
                    "A sealed value was changed, moved or copied from elsewhere; give the secret "
                        + "itself.")
            }
            return value
        }
        if rules.isSecret(value, named: path.last) {
            guard !value.mentionsSealing else { throw Self.misplaced }
            return [
                JSONValue.sealedName: .string(
                    try SecretBox.seal(
                        value.canonicalText(), with: keys.requireEncryption(), context: place(path))
                )
            ]
        }
        for name in value.object?.keys ?? [:].keys {
            guard name != JSONValue.sealedName else { throw Self.misplaced }
            guard !rules.isSecret(text: name) else {
                throw Self.invalid(
                    "A name in the configuration is itself a secret, such as a URL, and only "
                        + "values can be sealed; put it where a value stands.")
            }
        }
        return try value.mapMembers { try sealed($1, at: path + [$0]) }
    }

    /// The configuration with its secrets.
    ///
    /// - Throws: `.missingKey` when a key that sealed it is not there; `.corrupt` when a value was
    ///   changed or copied from elsewhere.
    func opened(_ config: JSONValue) throws -> Secret<JSONValue> {
        Secret(try opened(config, at: []))
    }

    private func opened(_ value: JSONValue, at path: [String]) throws -> JSONValue {
        guard let sealed = value.sealedText else {
            return try value.mapMembers { try opened($1, at: path + [$0]) }
        }
        return try open(sealed, at: path)
    }

    private func open(_ sealed: String, at path: [String]) throws -> JSONValue {
        let text = try SecretBox.open(sealed, with: keys.requireEncryption(), context: place(path))
        return try JSONValue(parsing: text.reveal())
    }

    /// The configuration with every secret under the current key, or `nil` when it is so already.
    ///
    /// - Throws: What ``opened(_:)`` and ``sealed(_:)`` throw.
    func resealed(_ config: JSONValue) throws -> JSONValue? {
        let current = try keys.requireEncryption().current.id
        let isCurrent = config.sealedTexts.allSatisfy { SecretBox.keyID(of: $0) == current }
        // What was stored before a rule said that it is a secret is sealed now.
        if isCurrent, try sealed(config) == config { return nil }
        return try sealed(opened(config).reveal())
    }

    private func place(_ path: [String]) -> String {
        // A name may hold the separator.
        place + path.map { "/\($0.utf8.count):\($0)" }.joined()
    }

    private static func invalid(_ message: String) -> StoreError {
        StoreError(
            .invalidValue, message, entity: NotificationChannel.entityName, field: "config")
    }

    private static let misplaced = invalid(
        "The name $sealed is the library's own, for one sealed text and nothing else.")
}

extension JSONValue {
    fileprivate static let sealedName = "$sealed"

    /// The sealed text of an object that stands for a secret.
    fileprivate var sealedText: String? {
        guard case .object(let members) = self, members.count == 1 else { return nil }
        return members[Self.sealedName]?.string
    }

    fileprivate func mapMembers(
        _ transform: (String, JSONValue) throws -> JSONValue
    ) rethrows -> JSONValue {
        switch self {
        case .object(let members):
            var mapped: [String: JSONValue] = [:]
            for (name, value) in members { mapped[name] = try transform(name, value) }
            return .object(mapped)
        case .array(let elements):
            return .array(
                try elements.enumerated().map { try transform("\($0.offset)", $0.element) })
        default: return self
        }
    }

    /// Whether a member at any depth has the name of sealed values.
    var mentionsSealing: Bool {
        switch self {
        case .object(let members):
            members.contains { $0.key == Self.sealedName || $0.value.mentionsSealing }
        case .array(let elements): elements.contains(where: \.mentionsSealing)
        default: false
        }
    }

    fileprivate var sealedTexts: [String] {
        if let sealedText { return [sealedText] }
        return switch self {
        case .object(let members): members.values.flatMap(\.sealedTexts)
        case .array(let elements): elements.flatMap(\.sealedTexts)
        default: []
        }
    }

    /// The document with a mark in the place of each sealed value.
    var withoutSealedValues: JSONValue {
        sealedText == nil ? mapMembers { $1.withoutSealedValues } : .string("[redacted]")
    }
}
