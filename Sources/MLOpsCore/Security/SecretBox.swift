import Crypto
import Foundation

/// Encrypts secrets at rest: AES-256-GCM (NIST SP 800-38D), bound to their place.
///
/// A sealed text is `v1.<key id>.<base64url of nonce, ciphertext and tag>`. The parts before the
/// last one are authenticated, and so is the context, which names the place (table, row, column and
/// organization). A sealed text that was copied elsewhere cannot be opened there. The nonce is 96
/// random bits, which suffices for 2^32 secrets under one key.
package struct SecretBox: Sendable {
    private let keyID: String
    /// Nonce, ciphertext and tag.
    private let bytes: [UInt8]

    /// Seals a secret with the current key of a ring.
    ///
    /// - Parameter context: The place of the secret; opening needs the same text.
    /// - Throws: The errors of AES-GCM, which do not occur in practice.
    package static func seal(
        _ plaintext: String, with ring: KeyRing, context: String
    ) throws -> String {
        let (id, key) = ring.current
        let box = try AES.GCM.seal(
            Data(plaintext.utf8), using: key, authenticating: authenticated(id, context))
        let bytes = Array(box.nonce) + box.ciphertext + box.tag
        return header(id) + UnpaddedBase64.urlSafe.encode(bytes)
    }

    /// Opens a result of ``seal(_:with:context:)`` with the key that it names.
    ///
    /// - Throws: `.corrupt` when the text was changed or the context is another; `.missingKey` when
    ///   the ring does not have the key.
    package static func open(
        _ sealed: String, with ring: KeyRing, context: String
    ) throws -> Secret<String> {
        guard let box = SecretBox(parsing: sealed) else { throw corrupt }
        guard let key = ring[box.keyID] else {
            throw StoreError(
                .missingKey,
                "The key \(box.keyID), with which a secret was sealed, is not configured; put it "
                    + "back behind the current key in MLOPS_ENCRYPTION_KEYS.",
                field: "MLOPS_ENCRYPTION_KEYS")
        }
        do {
            let plaintext = try AES.GCM.open(
                AES.GCM.SealedBox(combined: box.bytes), using: key,
                authenticating: authenticated(box.keyID, context))
            return Secret(String(decoding: plaintext, as: UTF8.self))
        } catch { throw corrupt }
    }

    /// The id of the key that opens a sealed text; `nil` for a malformed text.
    package static func keyID(of sealed: String) -> String? { SecretBox(parsing: sealed)?.keyID }

    private init?(parsing sealed: String) {
        let parts = sealed.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.version, KeyRing.isID(parts[1]),
            let bytes = UnpaddedBase64.urlSafe.decode(parts[2])
        else { return nil }
        keyID = String(parts[1])
        self.bytes = bytes
    }

    private static let version = "v1"

    private static func header(_ id: String) -> String { "\(version).\(id)." }

    /// Unambiguous, because an id has no full stop.
    private static func authenticated(_ id: String, _ context: String) -> Data {
        Data((header(id) + context).utf8)
    }

    private static var corrupt: StoreError {
        StoreError(
            .corrupt,
            "A secret does not open here: it was changed, or copied from another row.")
    }
}
