import Crypto

/// The text of an API key: `mlops_<environment>_<locator><secret><checksum>`.
///
/// | part | content |
/// | --- | --- |
/// | environment | 1 to 16 characters of `a-z` and `0-9`, such as `live` |
/// | locator | 12 random base-62 digits, the indexed, public name of the key |
/// | secret | 256 random bits as 43 base-62 digits |
/// | checksum | the CRC-32 of everything before it, as 6 base-62 digits |
///
/// The prefix lets a scanner recognize a leaked key. The checksum detects a typo without a
/// database. Both follow the format of GitHub's tokens (GitHub blog, "Behind GitHub's new
/// authentication token formats", 2021).
///
/// The text is shown once, when the key is made. The store keeps ``prefix`` and ``hash(with:)``.
/// The secret is random, so one HMAC under a pepper is enough, and no slow hash is needed.
package struct APIKeyToken: Sendable {
    /// The environment that the key is for, such as `live` or `test`.
    package let environment: String

    private let locator: String
    private let secret: Secret<[UInt8]>

    private init(environment: String, locator: String, secret: [UInt8]) {
        self.environment = environment
        self.locator = locator
        self.secret = Secret(secret)
    }

    /// Makes a new key from the system's random numbers.
    ///
    /// - Precondition: ``isEnvironment(_:)`` holds for the environment.
    package static func generate(environment: String = "live") -> APIKeyToken {
        precondition(
            isEnvironment(environment), "an environment is 1 to 16 characters of a-z and 0-9")
        return APIKeyToken(
            environment: environment, locator: Base62.random(width: locatorWidth),
            secret: SymmetricKey(size: .bits256).withUnsafeBytes(Array.init))
    }

    /// Reads a key, without a database.
    ///
    /// - Throws: `.invalidValue`, without the text, when the format or the checksum is wrong.
    package init(parsing text: String) throws {
        let invalid = StoreError(
            .invalidValue,
            "This is not an API key: it has another form, or a character of it was changed.",
            entity: APIKey.entityName, field: "api_key")
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.scheme, Self.isEnvironment(parts[1]),
            parts[2].utf8.count == Self.locatorWidth + Self.secretWidth + Self.checksumWidth
        else { throw invalid }
        let locator = parts[2].prefix(Self.locatorWidth)
        let rest = parts[2].dropFirst(Self.locatorWidth)
        guard text.hasSuffix(Self.checksum(of: text.dropLast(Self.checksumWidth))),
            Base62.isText(locator),
            let secret = Base62.decode(
                rest.prefix(Self.secretWidth), byteCount: Self.secretByteCount)
        else { throw invalid }
        self.init(environment: String(parts[1]), locator: String(locator), secret: secret)
    }

    /// The whole key, to be shown once.
    package var text: Secret<String> {
        let body = prefix + Base62.encode(secret.reveal(), width: Self.secretWidth)
        return Secret(body + Self.checksum(of: body))
    }

    /// The public part, `mlops_<environment>_<locator>`, by which the store finds the key.
    package var prefix: String { "\(Self.scheme)_\(environment)_\(locator)" }
}

extension APIKeyToken {
    /// The hash of the secret that the store keeps: `<pepper id>:<64 hexadecimal digits>`.
    ///
    /// It is the HMAC-SHA-256 of the secret under the current pepper.
    package func hash(with peppers: KeyRing) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: secret.reveal(), using: peppers.current.key)
        return "\(peppers.current.id):\(code.hexadecimal)"
    }

    /// Whether a stored hash belongs to this key, under the pepper that the hash names.
    ///
    /// The time depends neither on how much of the hash matches nor on whether there is one. No
    /// hash, a malformed one, and one under an unknown pepper fail after the same work.
    package func matches(_ stored: String?, peppers: KeyRing) -> Bool {
        let parts = (stored ?? "").split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let pepper = parts.first.flatMap { peppers[String($0)] }
        let code = parts.count == 2 ? [UInt8](hexadecimal: parts[1]) : nil
        let matches = HMAC<SHA256>.isValidAuthenticationCode(
            code ?? [UInt8](repeating: 0, count: SHA256.byteCount),
            authenticating: secret.reveal(), using: pepper ?? peppers.current.key)
        return matches && pepper != nil && code != nil
    }

    /// Whether a text is valid as the environment of a key.
    package static func isEnvironment(_ text: some StringProtocol) -> Bool {
        (1...16).contains(text.utf8.count)
            && text.utf8.allSatisfy { character in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
            }
    }

    private static let scheme = "mlops"
    private static let locatorWidth = 12
    private static let secretByteCount = 32
    /// The smallest sufficient width: 62^42 < 2^256 < 62^43.
    private static let secretWidth = 43
    private static let checksumWidth = 6

    private static func checksum(of text: some StringProtocol) -> String {
        let check = CRC32.checksum(text.utf8)
        let bytes = stride(from: 24, through: 0, by: -8).map { UInt8(check >> $0 & 0xFF) }
        return Base62.encode(bytes, width: checksumWidth)
    }
}
