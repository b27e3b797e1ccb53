/// Keys that the program supplies; never stored.
///
/// A store without them does everything but what needs one: making and checking API keys needs
/// peppers, and keeping a secret, such as the URL of a webhook, needs encryption keys.
public struct StoreKeys: Sendable {
    /// The keys of the hashes of API keys, or `nil` for none.
    public var peppers: KeyRing?

    /// The keys that seal secrets at rest, or `nil` for none.
    public var encryption: KeyRing?

    /// Takes keys from wherever the program keeps them.
    public init(peppers: KeyRing? = nil, encryption: KeyRing? = nil) {
        self.peppers = peppers
        self.encryption = encryption
    }

    /// Reads `MLOPS_PEPPERS` and `MLOPS_ENCRYPTION_KEYS`, or the files that `MLOPS_PEPPERS_FILE`
    /// and `MLOPS_ENCRYPTION_KEYS_FILE` name.
    ///
    /// - Throws: What ``KeyRing/fromEnvironment(_:_:)`` throws.
    public static func fromEnvironment() throws -> StoreKeys {
        StoreKeys(
            peppers: try KeyRing.fromEnvironment(pepperVariable),
            encryption: try KeyRing.fromEnvironment(encryptionVariable))
    }
}

extension StoreKeys {
    private static let pepperVariable = "MLOPS_PEPPERS"
    private static let encryptionVariable = "MLOPS_ENCRYPTION_KEYS"

    /// The peppers; throws `.missingKey`, with what to set, when there are none.
    package func requirePeppers() throws -> KeyRing {
        guard let peppers else {
            throw Self.missing("An API key needs a pepper.", Self.pepperVariable, example: "p1")
        }
        return peppers
    }

    /// The encryption keys; throws `.missingKey`, with what to set, when there are none.
    package func requireEncryption() throws -> KeyRing {
        guard let encryption else {
            throw Self.missing(
                "A secret is kept only encrypted, which needs a key.", Self.encryptionVariable,
                example: "k1")
        }
        return encryption
    }

    private static func missing(
        _ reason: String, _ variable: String, example id: String
    ) -> StoreError {
        StoreError(
            .missingKey,
            "\(reason) Set \(variable) (or \(variable)_FILE) to lines of id=base64 of 32 bytes, "
                + "for example \(id)=$(openssl rand -base64 32), or what "
                + "`mlops secrets generate-key` prints.",
            field: variable)
    }
}
