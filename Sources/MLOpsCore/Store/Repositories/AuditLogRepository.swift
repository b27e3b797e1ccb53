public import Crypto
/// The audit trail, where an inserted entry is put at the end of its organization's chain.
public protocol AuditLogRepository: Repository where Record == AuditLog {
    /// The entries about one row, newest first; about every row of the type when the id is `nil`.
    func of(resource type: String, id: String?) throws -> [AuditLog]

    /// Checks the whole chain of the workspace's organization, or of the system itself under system
    /// access, in bounded memory.
    func verifyChain() throws -> AuditChainReport

    /// Signs the last entry of the chain, and with it all before, to be kept outside the database.
    ///
    /// The chain is taken as it is; ``verifyChain()`` in the same transaction tells whether it is
    /// worth a seal.
    ///
    /// - Throws: `.notFound` when there is no entry.
    func seal(with key: Curve25519.Signing.PrivateKey) throws -> AuditSeal

    /// Checks the whole chain, and that it still holds what seals vouch for.
    ///
    /// A chain may begin with an entry that one of the seals names: older ones that were pruned
    /// under it (see ``AuditPrune``) are not missed. Give that seal together with later ones.
    ///
    /// - Parameters:
    ///   - seals: What the chain is held against.
    ///   - key: Whose signature is trusted; that a seal names a key proves nothing.
    func verify(
        against seals: [AuditSeal], trusting key: Curve25519.Signing.PublicKey
    ) throws -> AuditSealReport
}

extension AuditLogRepository {
    /// The entries about every row of a type, newest first.
    public func of(resource type: String) throws -> [AuditLog] {
        try of(resource: type, id: nil)
    }

    /// Checks the whole chain, and that it still holds what a seal vouches for.
    public func verify(
        against seal: AuditSeal, trusting key: Curve25519.Signing.PublicKey
    ) throws -> AuditSealReport {
        try verify(against: [seal], trusting: key)
    }
}
