import Foundation

/// The configuration of a notification channel, whose secrets are stored encrypted.
///
/// ``SecretRules`` decide which values are secrets. A secret value of any type is stored as
/// `{"$sealed": "..."}`. It is bound to the organization, the channel and the member, so that a
/// copy of it cannot be opened elsewhere. It is also bound to the time at which the channel was
/// made, which the engine sets: after a purge, a new channel may have the id of the old one.
struct SealedConfig {
    private let place: String
    private let rules: SecretRules
    private let keys: StoreKeys

    init(
        of channel: Identifier<NotificationChannel>, createdAt: Date,
        in organization: Identifier<Organization>, type: NotificationChannelType, keys: StoreKeys
    ) {
        let made = createdAt.microseconds ?? 0
        place = "notification_channels/\(organization)/\(channel)/\(made)"
        rules = SecretRules(type: type)
        self.keys = keys
    }

    /// Seals the secrets of a configuration; values that are sealed already are kept.
    ///
    /// - Throws: `.missingKey` when there is a secret and no key; `.invalidValue` for a sealed
    ///   value of another place, a name that is itself a secret, or anything else under `$sealed`;
    ///   `.checkViolation` when it is not an object.
    func sealed(_ config: JSONValue) throws -> JSONValue {
        // Checked here, because a database server may log the rows that it refuses.
        guard config.object != nil else {
            throw StoreError(
                .checkViolation, "The configuration of a channel is a JSON object.",
                entity: NotificationChannel.entityName, field: "notification_channels_config_check")
        }
        return try sealed(config.namingKeys(), at: [])
    }

    private func sealed(_ value: JSONValue, at path: [String]) throws -> JSONValue {
        if let sealed = value.sealedText {
            do {
                _ = try open(sealed, at: path)
            } catch let error as StoreError where error.code == .corrupt {
                throw Self.notOfThisRow
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

    /// Opens the secrets of a configuration.
    ///
    /// - Throws: `.missingKey` when the key of a sealed value is not configured; `.corrupt` when a
    ///   value was changed or copied from elsewhere.
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

    /// Seals every secret with the current key; `nil` when all are sealed with it already.
    ///
    /// - Throws: The errors of ``opened(_:)`` and ``sealed(_:)``.
    func resealed(_ config: JSONValue) throws -> JSONValue? {
        let current = try keys.requireEncryption().current.id
        let isCurrent = config.sealedTexts.allSatisfy { SecretBox.keyID(of: $0) == current }
        // Values stored before a rule made them secrets are sealed as well.
        if isCurrent, try sealed(config) == config { return nil }
        return try sealed(opened(config).reveal())
    }

    private func place(_ path: [String]) -> String {
        // The length disambiguates: a name may contain the separator.
        place + path.map { "/\($0.utf8.count):\($0)" }.joined()
    }

    /// The error for a sealed value that is not one of this row.
    static let notOfThisRow = invalid(
        "A sealed value was changed, moved or copied from elsewhere; give the secret itself.")

    private static func invalid(_ message: String) -> StoreError {
        StoreError(
            .invalidValue, message, entity: NotificationChannel.entityName, field: "config")
    }

    private static let misplaced = invalid(
        "The name $sealed is the library's own, for one sealed text and nothing else.")
}

extension JSONValue {
    fileprivate static let sealedName = "$sealed"

    /// The sealed text, if this is the object that stands for a secret.
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

    /// Whether it holds a sealed value at any depth.
    var holdsSealed: Bool { !sealedTexts.isEmpty }

    /// The document with `[redacted]` instead of each sealed value.
    var withoutSealedValues: JSONValue {
        sealedText == nil ? mapMembers { $1.withoutSealedValues } : .string("[redacted]")
    }
}
