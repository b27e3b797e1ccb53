/// Where notifications go, with secrets that are stored encrypted.
///
/// A value in ``NotificationChannel/config`` is a secret when its name says so (`webhook_url`,
/// `smtpPassword`, `routing-key`) or when it holds `user:password@`. In a channel of type webhook,
/// slack or teams, a value that holds a URL is a secret as well. An insert or an update stores a
/// secret as `{"$sealed": "..."}`, and reading a channel returns that form. An update with that
/// form unchanged keeps the secret. Without an encryption key (see ``StoreKeys``) a secret is
/// refused with `.missingKey`.
public protocol NotificationChannelRepository: SoftDeletableRepository
where Record == NotificationChannel {
    /// The live channel of this name, or `nil`.
    func named(_ name: String) throws -> NotificationChannel?

    /// The configuration of a live channel, secrets included; requires the right to write the
    /// channel.
    ///
    /// - Throws: `.notFound`; `.permissionDenied`; `.missingKey` when the key that sealed a secret
    ///   is not configured; `.corrupt` when one was changed or copied from another row.
    func openedConfig(of id: Identifier<NotificationChannel>) throws -> Secret<JSONValue>

    /// Notes in the audit trail that a test message was sent through a channel, and what became of
    /// it; requires the right to write the channel.
    ///
    /// - Throws: `.notFound`; `.permissionDenied`.
    func noteTest(
        of id: Identifier<NotificationChannel>, outcome: NotificationTestOutcome) throws
}
