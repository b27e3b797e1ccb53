import Crypto
public import Foundation

/// A signature of one entry of an audit chain, kept in a file outside the database.
///
/// The hash of an entry covers all entries before it. A seal therefore shows later whether the
/// sealed entry was cut off or the whole chain was replaced. The chain alone cannot show either.
public struct AuditSeal: Sendable, Hashable {
    /// The organization, or `nil` for the system itself.
    public let organizationID: Identifier<Organization>?
    /// The sequence number of the sealed entry.
    public let sequence: Int
    /// The hash of the sealed entry.
    public let hash: String
    /// When it was sealed.
    public let createdAt: Date
    /// The public key that verifies the signature, 32 bytes (RFC 8032).
    public let publicKey: Data
    /// The Ed25519 signature of ``signedBytes``.
    public let signature: Data

    /// Signs an entry.
    init(
        organization: Identifier<Organization>?, sequence: Int, hash: String, createdAt: Date,
        signedWith key: Curve25519.Signing.PrivateKey
    ) throws {
        let unsigned = AuditSeal(
            organizationID: organization, sequence: sequence, hash: hash,
            createdAt: createdAt.roundedToMicroseconds,
            publicKey: key.publicKey.rawRepresentation, signature: Data())
        self.init(
            organizationID: organization, sequence: sequence, hash: hash,
            createdAt: unsigned.createdAt, publicKey: unsigned.publicKey,
            signature: try key.signature(for: unsigned.signedBytes))
    }

    private init(
        organizationID: Identifier<Organization>?, sequence: Int, hash: String, createdAt: Date,
        publicKey: Data, signature: Data
    ) {
        self.organizationID = organizationID
        self.sequence = sequence
        self.hash = hash
        self.createdAt = createdAt
        self.publicKey = publicKey
        self.signature = signature
    }

    /// The bytes that are signed.
    ///
    /// They are `mlops audit seal`, a line feed, and the canonical text of one object with the
    /// members of the file except `signature`.
    public var signedBytes: Data {
        get throws {
            Data(("mlops audit seal\n" + (try JSONValue.object(members).canonicalText())).utf8)
        }
    }

    private var members: [String: JSONValue] {
        get throws {
            guard let microseconds = createdAt.microseconds else { throw Self.invalid }
            return [
                "organization": organizationID.map { .string($0.description) } ?? .null,
                "sequence": .int(Int64(sequence)),
                "hash": .string(hash),
                "created_at": .int(microseconds),
                "public_key": .string(publicKey.base64EncodedString()),
            ]
        }
    }
}

extension AuditSeal: JSONConvertible {
    /// The content of the file, an object.
    ///
    /// Its members are `organization` (an id, or `null` for the system), `sequence`, `hash`,
    /// `created_at` (microseconds since 1970), `public_key` and `signature` (base64).
    public var json: JSONValue {
        var members = (try? members) ?? [:]
        members["signature"] = .string(signature.base64EncodedString())
        return .object(members)
    }

    /// Reads the content of a file.
    ///
    /// - Throws: `.invalidValue` when it is malformed. Only
    ///   ``AuditLogRepository/verify(against:trusting:)`` verifies the signature.
    public init(json: JSONValue) throws {
        guard let members = json.object, members.count == 6,
            let organization = members["organization"],
            let sequence = members["sequence"]?.int.flatMap({ Int(exactly: $0) }), sequence > 0,
            let hash = members["hash"]?.string, let time = members["created_at"]?.int,
            let key = members["public_key"]?.string.flatMap({ Data(base64Encoded: $0) }),
            let signature = members["signature"]?.string.flatMap({ Data(base64Encoded: $0) })
        else { throw Self.invalid }
        let id = organization.string.flatMap { Identifier<Organization>($0) }
        guard id != nil || organization == .null else { throw Self.invalid }
        self.init(
            organizationID: id, sequence: sequence, hash: hash,
            createdAt: Date(microseconds: time), publicKey: key, signature: signature)
        // A valid file reads back to the same content.
        guard self.json == json else { throw Self.invalid }
    }

    private static let invalid = StoreError(
        .invalidValue, "This is not a seal of an audit trail.", entity: "audit seal")
}

extension AuditSeal {
    /// The problem of the seal itself, without a look at the entries; `nil` if there is none.
    func problem(
        trusting key: Curve25519.Signing.PublicKey, organization: Identifier<Organization>?
    ) -> AuditSealReport.Finding? {
        guard publicKey == key.rawRepresentation else { return .untrustedKey }
        guard let bytes = try? signedBytes, key.isValidSignature(signature, for: bytes) else {
            return .alteredSeal
        }
        return organizationID == organization ? nil : .anotherOrganization
    }

    /// The finding about the seal after a check of the chain.
    ///
    /// - Parameter storedHash: The hash of the stored entry with the sealed sequence number; `nil`
    ///   when there is none, for example when it was pruned under a later seal.
    func finding(_ chain: AuditChainReport, storedHash: String?) -> AuditSealReport.Finding {
        guard (chain.lastSequence ?? 0) >= sequence else { return .cutTail }
        if let storedHash, storedHash != hash { return .replacedChain }
        return chain.isIntact ? .intact : .brokenChain
    }
}

/// The result of checking an audit chain against seals.
public struct AuditSealReport: Sendable, Hashable, Codable {
    /// The problem found; of several, the one listed first is reported.
    public enum Finding: String, Sendable, Hashable, Codable, CaseIterable {
        /// No problem.
        case intact
        /// A seal is signed with another key than the trusted one.
        case untrustedKey = "untrusted_key"
        /// A seal does not match its signature.
        case alteredSeal = "altered_seal"
        /// A seal belongs to another organization.
        case anotherOrganization = "another_organization"
        /// The chain ends before the sealed entry.
        case cutTail = "cut_tail"
        /// The chain has another entry with the sealed sequence number.
        case replacedChain = "replaced_chain"
        /// An entry is missing or was changed; the chain's report says which.
        case brokenChain = "broken_chain"
    }

    /// The result for the chain; empty when a seal itself is wrong.
    public let chain: AuditChainReport
    /// The problem found.
    public let finding: Finding
    /// The sequence number of the seal that shows the problem; `nil` when none does.
    public let sealedSequence: Int?

    init(chain: AuditChainReport, finding: Finding, sealedSequence: Int?) {
        self.chain = chain
        self.finding = finding
        self.sealedSequence = sealedSequence
    }

    /// Makes a report from the check of a chain alone.
    public init(_ chain: AuditChainReport) {
        self.init(
            chain: chain, finding: chain.isIntact ? .intact : .brokenChain, sealedSequence: nil)
    }

    /// Whether the chain is intact and matches the seals.
    public var isIntact: Bool { finding == .intact }

    /// The problem as a sentence; `nil` when there is none.
    public var problem: String? {
        let seal = "The seal of entry \(sealedSequence ?? 0)"
        switch finding {
        case .intact: return nil
        case .untrustedKey: return "\(seal) is signed with another key than the trusted one."
        case .alteredSeal: return "\(seal) was altered: its signature does not fit."
        case .anotherOrganization: return "\(seal) is that of another organization."
        case .cutTail:
            return "The audit trail was cut off: it ends with entry \(chain.lastSequence ?? 0), "
                + "before the sealed entry \(sealedSequence ?? 0)."
        case .replacedChain:
            return "The audit trail was replaced: the sealed entry \(sealedSequence ?? 0) is "
                + "another one now."
        case .brokenChain:
            let broken = chain.firstBrokenSequence ?? 0
            guard let first = chain.firstSequence, first > 1, broken == 1 else {
                return "The audit trail is broken at entry \(broken)."
            }
            return "The audit trail is broken at entry 1: it begins with entry \(first). Give the "
                + "seal under which the older ones were pruned, if they were."
        }
    }
}
