/// The configuration of a notification channel, whose secrets are stored encrypted.
///
/// A member holds a secret when a word of its name says so: `webhook_url`, `smtpPassword`,
/// `routing-key`. Its value, whatever type it has, is stored as `{"$sealed": "..."}`, bound to the
/// organization, the channel and the member, so that a copy of it opens nowhere else.
struct SealedConfig {
    private let place: String
    private let keys: StoreKeys

    init(
        of channel: Identifier<NotificationChannel>, in organization: Identifier<Organization>,
        keys: StoreKeys
    ) {
        place = "notification_channels/\(organization)/\(channel)"
        self.keys = keys
    }

    /// The words of a name that holds a secret.
    private static let secretWords: Set = [
        "password", "passwd", "passphrase", "secret", "token", "key", "apikey", "credential",
        "credentials", "authorization", "auth", "webhook", "url", "uri", "dsn", "headers", "cookie",
    ]

    static func isSecret(_ name: String) -> Bool {
        var words: [String] = [""]
        for character in name {
            if !character.isLetter {
                words.append("")
            } else if character.isUppercase, words.last?.last?.isLowercase == true {
                words.append(character.lowercased())
            } else {
                words[words.count - 1] += character.isUppercase ? String(character) : "\(character)"
            }
        }
        return words.contains { secretWords.contains($0.lowercased()) }
    }

    /// The configuration as it is stored; what is sealed already is kept.
    ///
    /// - Throws: `.missingKey` when there is a secret and no key; `.invalidValue` for a sealed value
    ///   of another place.
    func sealed(_ config: JSONValue) throws -> JSONValue { try sealed(config, at: []) }

    private func sealed(_ value: JSONValue, at path: [String]) throws -> JSONValue {
        if let sealed = value.sealedText {
            do {
                _ = try SecretBox.open(sealed, with: keys.requireEncryption(), context: place(path))
            } catch let error as StoreError where error.code == .corrupt {
                throw StoreError(
                    .invalidValue,
                    "A sealed value was changed or copied from elsewhere; give the secret itself.",
                    entity: NotificationChannel.entityName, field: "config")
            }
            return value
        }
        if let name = path.last, Self.isSecret(name), value != .null {
            let ring = try keys.requireEncryption()
            let text = try SecretBox.seal(
                value.canonicalText(), with: ring, context: place(path))
            return [JSONValue.sealedName: .string(text)]
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
        let text = try SecretBox.open(sealed, with: keys.requireEncryption(), context: place(path))
        return try JSONValue(parsing: text.reveal())
    }

    /// Whether a secret is sealed with another key than the current one.
    func isOutdated(_ config: JSONValue) throws -> Bool {
        let current = try keys.requireEncryption().current.id
        return config.sealedTexts.contains { SecretBox.keyID(of: $0) != current }
    }

    private func place(_ path: [String]) -> String {
        // A name may hold the separator.
        place + path.map { "/\($0.utf8.count):\($0)" }.joined()
    }
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

    fileprivate var sealedTexts: [String] {
        if let sealedText { return [sealedText] }
        var texts: [String] = []
        _ = mapMembers {
            texts += $1.sealedTexts
            return $1
        }
        return texts
    }

    /// The document with a mark in the place of each sealed value.
    var withoutSealedValues: JSONValue {
        sealedText == nil ? mapMembers { $1.withoutSealedValues } : .string("[redacted]")
    }
}
