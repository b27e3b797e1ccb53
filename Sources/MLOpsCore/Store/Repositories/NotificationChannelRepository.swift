/// Where notifications go, with secrets that are stored encrypted.
///
/// A value in ``NotificationChannel/config`` is a secret when its name says so (`webhook_url`,
/// `smtpPassword`, `routing-key`), when it holds `user:password@`, and in a channel of type
/// webhook, slack or teams when it holds a URL. A channel that is inserted or updated keeps
/// it as `{"$sealed": "..."}`, and that is what the methods that read a channel return; an update
/// of such a value as it is keeps the secret. Without an encryption key (see ``StoreKeys``) a
/// secret is refused with `.missingKey`.
public protocol NotificationChannelRepository: SoftDeletableRepository
where Record == NotificationChannel {
    /// The live channel of this name, or `nil`.
    func named(_ name: String) throws -> NotificationChannel?

    /// The configuration of a live channel with its secrets, for who may write the channel.
    ///
    /// - Throws: `.notFound`; `.permissionDenied`; `.missingKey` when the key that sealed a secret
    ///   is not configured; `.corrupt` when one was changed or copied from another row.
    func openedConfig(of id: Identifier<NotificationChannel>) throws -> Secret<JSONValue>
}
