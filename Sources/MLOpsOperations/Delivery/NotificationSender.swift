public import MLOpsCore

/// Sends notifications through channels.
public protocol NotificationSender: Sendable {
    /// Makes one attempt to send a notification, and tells what came of it.
    ///
    /// It never throws: a wrong configuration is ``DeliveryOutcome/Verdict/refused``, a cancelled
    /// task ``DeliveryOutcome/Verdict/retry(after:)``. It may be called from many tasks at once. An
    /// attempt that was cut off may have reached the receiver.
    ///
    /// - Parameters:
    ///   - notification: What to send.
    ///   - type: The type of the channel.
    ///   - config: Its configuration with secrets, from
    ///     `NotificationChannelRepository.openedConfig(of:)`.
    func send(
        _ notification: AlertNotification, through type: NotificationChannelType,
        config: Secret<JSONValue>
    ) async -> DeliveryOutcome
}
