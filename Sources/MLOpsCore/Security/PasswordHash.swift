package import Crypto
import CryptoExtras
import Foundation

/// Hashes of passwords: scrypt (RFC 7914) in a PHC string.
///
/// A hash is made and checked on threads of its own, at most two at once, so that a burst of logins
/// neither blocks the cooperative pool nor takes the memory of the machine.
package enum PasswordHash {
    /// What a check found.
    package enum Verification: Sendable {
        /// Another password, or no such user.
        case wrong
        /// The password.
        case right
        /// The password, whose hash should be made anew: it has other parameters than the current.
        case rightButOutdated
    }

    /// Derives so many bytes from the bytes of a password and a salt.
    package typealias Derivation =
        @Sendable (
            _ password: [UInt8], _ salt: [UInt8], _ parameters: Parameters, _ byteCount: Int
        ) throws -> SymmetricKey

    /// The derivation that is stored: scrypt.
    package static let scrypt: Derivation = { password, salt, parameters, byteCount in
        try KDF.Scrypt.deriveKey(
            from: password, salt: salt, outputByteCount: byteCount, rounds: parameters.rounds,
            blockSize: parameters.r, parallelism: parameters.p)
    }

    /// The hash of a password, under a new random salt.
    ///
    /// - Parameters:
    ///   - password: 8 to 1024 bytes of UTF-8 in Unicode's normal form C, so that the same password
    ///     from two keyboards is the same bytes.
    ///   - deriving: The derivation; another one only in tests.
    /// - Returns: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, both base64 without padding.
    /// - Throws: `.invalidValue` when the password is shorter or longer, or the parameters are out
    ///   of their bounds.
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

    /// Whether a password is that of a stored hash.
    ///
    /// Without a hash (an unknown user, or one without a password) the same work is done, so that
    /// the time does not show which accounts exist. This holds as long as the stored hashes have
    /// the current parameters.
    ///
    /// - Parameters:
    ///   - stored: What ``hash(_:parameters:deriving:)`` gave, or `nil` when there is none.
    ///   - current: The parameters that a hash made today has.
    ///   - deriving: The derivation; another one only in tests.
    /// - Throws: `.corrupt`, without the text, when the stored hash has another form or its
    ///   parameters are out of bounds.
    package static func verify(
        _ password: Secret<String>, against stored: String?, current: Parameters = .current,
        deriving: @escaping Derivation = scrypt
    ) async throws -> Verification {
        let found = try stored.map(Record.init(parsing:))
        let record = found ?? .dummy(current)
        let bytes = normalized(password)
        // The least length is a rule for new passwords, and may rise.
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
    /// Long enough for any passphrase, and short enough that its own hashing costs nothing.
    private static let longest = 1024

    private static func normalized(_ password: Secret<String>) -> [UInt8] {
        Array(password.reveal().precomposedStringWithCanonicalMapping.utf8)
    }
}
