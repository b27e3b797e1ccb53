public import Crypto
/// The audit trail, where an inserted entry is put at the end of its organization's chain.
public protocol AuditLogRepository: Repository where Record == AuditLog {
    /// The entries about one row, newest first; about every row of the type when the id is `nil`.
    func of(resource type: String, id: String?) throws -> [AuditLog]

    /// Checks the whole chain of the workspace's organization, or of the system itself under system
    /// access, in bounded memory.
    func verifyChain() throws -> AuditChainReport

    /// Signs the last entry of the chain, to be kept outside the database.
    ///
    /// The signature covers every entry before it as well. The chain is not checked here: call
    /// ``verifyChain()`` in the same transaction first.
    ///
    /// - Throws: `.notFound` when there is no entry.
    func seal(with key: Curve25519.Signing.PrivateKey) throws -> AuditSeal

    /// Checks the whole chain, and checks it against seals.
    ///
    /// A chain may begin with an entry that one of the seals names. The older entries, pruned under
    /// that seal (see ``AuditPrune``), do not count as missing. Pass that seal together with later
    /// ones.
    ///
    /// - Parameters:
    ///   - seals: The seals that the chain has to match.
    ///   - key: The public key to trust; the key that a seal names is not evidence.
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
