package import Crypto
import CryptoExtras
import Foundation

/// Hashes passwords with scrypt (RFC 7914), in PHC strings.
///
/// Hashing runs on separate threads, at most two at once. So a burst of sign-ins neither blocks the
/// cooperative pool nor exhausts the machine's memory.
package enum PasswordHash {
    /// The result of a check.
    package enum Verification: Sendable {
        /// The password is another one, or there is no hash.
        case wrong
        /// The password is right.
        case right
        /// The password is right; it should be hashed again with the current parameters.
        case rightButOutdated
    }

    /// Derives `byteCount` bytes from the bytes of a password and a salt.
    package typealias Derivation =
        @Sendable (
            _ password: [UInt8], _ salt: [UInt8], _ parameters: Parameters, _ byteCount: Int
        ) throws -> SymmetricKey

    /// The derivation of stored hashes: scrypt.
    package static let scrypt: Derivation = { password, salt, parameters, byteCount in
        try KDF.Scrypt.deriveKey(
            from: password, salt: salt, outputByteCount: byteCount, rounds: parameters.rounds,
            blockSize: parameters.r, parallelism: parameters.p)
    }

    /// Hashes a password with a new random salt.
    ///
    /// - Parameters:
    ///   - password: 8 to 1024 bytes of UTF-8 in Unicode's normalization form C, so that a password
    ///     has the same bytes from every keyboard.
    ///   - deriving: The derivation; another one only in tests.
    /// - Returns: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, both base64 without padding.
    /// - Throws: `.invalidValue` when the length of the password or the parameters are out of
    ///   bounds.
    package static func hash(
        _ password: Secret<String>, parameters: Parameters = .current,
        deriving: @escaping Derivation = scrypt
    ) async throws -> String {
        let bytes = normalized(password)
        guard (shortest...longest).contains(bytes.count) else {
            throw StoreError(
                .invalidValue, "A password has \(shortest) to \(longest) bytes.",
                entity: User.entityName, field: "password")
        }
        guard parameters.areWithinBounds else {
            throw StoreError(
                .invalidValue, "These parameters of scrypt are out of bounds.",
                entity: User.entityName, field: "password_hash")
        }
        return try await work {
            let salt = SymmetricKey(size: .bits128).withUnsafeBytes(Array.init)
            let key = try deriving(bytes, salt, parameters, Record.keySize)
            return Record(parameters: parameters, salt: salt, key: key).text
        }
    }

    /// Checks a password against a stored hash.
    ///
    /// Without a hash (an unknown user, or a user without a password) it does the same work, so
    /// that the time does not reveal which accounts exist. This holds while the stored hashes have
    /// the current parameters.
    ///
    /// - Parameters:
    ///   - stored: A result of ``hash(_:parameters:deriving:)``, or `nil` when there is none.
    ///   - current: The parameters of hashes made today.
    ///   - deriving: The derivation; another one only in tests.
    /// - Throws: `.corrupt`, without the text, when the stored hash is malformed or its parameters
    ///   are out of bounds.
    package static func verify(
        _ password: Secret<String>, against stored: String?, current: Parameters = .current,
        deriving: @escaping Derivation = scrypt
    ) async throws -> Verification {
        let found = try stored.map(Record.init(parsing:))
        let record = found ?? .dummy(current)
        let bytes = normalized(password)
        // The minimum length applies to new passwords only, and may be raised.
        let isPossible = (1...longest).contains(bytes.count)
        let matches = try await work {
            let key = try deriving(
                isPossible ? bytes : [0], record.salt, record.parameters, record.key.byteCount)
            return key == record.key
        }
        guard matches, isPossible, found != nil else { return .wrong }
        return record.isOutdated(by: current) ? .rightButOutdated : .right
    }

    private static let shortest = 8
    /// Enough for any passphrase, yet cheap to hash.
    private static let longest = 1024

    private static func normalized(_ password: Secret<String>) -> [UInt8] {
        Array(password.reveal().precomposedStringWithCanonicalMapping.utf8)
    }
}
