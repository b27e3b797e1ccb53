/// Which attempts to reach something the audit trail records, beside every change.
///
/// They are off by default, because each leaves an entry: whoever may try can make the trail grow.
/// A program that sets them limits the number of attempts.
public struct AuditedAccess: OptionSet, Sendable {
    /// The bits of the set.
    public let rawValue: Int

    /// Makes a set of its bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Sign-ins that were refused, as `user.refuse_sign_in` in the system's trail.
    ///
    /// The entry names the user if the address has one, and never the address.
    public static let failedSignIns = AuditedAccess(rawValue: 1)

    /// API keys that opened no workspace, as `api_key.refuse`.
    ///
    /// The entry is in the trail of the key's organization, or in the system's for an unknown key.
    public static let refusedKeys = AuditedAccess(rawValue: 2)

    /// Configurations of channels that were read in plain text, as `notification_channel.open`.
    ///
    /// They can then be read in write transactions only.
    public static let openedSecrets = AuditedAccess(rawValue: 4)
}
