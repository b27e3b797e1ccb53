public import MLOpsCore
public import MLOpsOperations
import Foundation

/// Sends notifications to Slack, Teams, PagerDuty, webhooks and by e-mail, with libcurl.
///
/// Each attempt has a connection and a thread of its own, so a receiver that hangs holds up no
/// other. The sender makes one attempt per call; when to repeat is the caller's decision, and so is
/// how many are under way at once.
///
/// A crash between sending and noting it makes a second message with the same delivery id. Webhook
/// receivers, PagerDuty and mail programs recognize it; Slack and Teams have no such id and show it
/// twice.
public struct DeliverySender: NotificationSender {
    private let options: DeliveryOptions

    /// Makes a sender.
    public init(_ options: DeliveryOptions = DeliveryOptions()) { self.options = options }

    /// Makes one attempt to send a notification, and tells what came of it.
    public func send(
        _ notification: AlertNotification, through type: NotificationChannelType,
        config: Secret<JSONValue>
    ) async -> DeliveryOutcome {
        do {
            let config = try ChannelConfig(type: type, json: config)
            let outcome = try await send(notification, config)
            return Redaction(config).applied(to: outcome)
        } catch let error as StoreError {
            return DeliveryOutcome(.refused, reason: error.message)
        } catch let failure as TransferFailure {
            return DeliveryOutcome(failure)
        } catch {
            return DeliveryOutcome(.refused, reason: "The message cannot be made.")
        }
    }

    private func send(
        _ notification: AlertNotification, _ config: ChannelConfig
    ) async throws -> DeliveryOutcome {
        switch config {
        case .slack(let chat):
            let body = try SlackPayload.json(NotificationText(notification)).canonicalText()
            let target = try TransferTarget.http(chat.url, hosts: options.hosts.slack)
            return await HTTPRequest(target: target, body: body)
                .send(options, judge: ChatAnswers.slack)
        case .teams(let chat):
            let body = try TeamsPayload.text(notification)
            let target = try TransferTarget.http(chat.url, hosts: options.hosts.teams)
            return await HTTPRequest(target: target, body: body)
                .send(options, judge: ChatAnswers.teams)
        case .pagerDuty(let service):
            let key = service.routingKey.reveal()
            let body = try PagerDutyEvent.text(notification, routingKey: key)
            let target = try TransferTarget.http(service.url, hosts: options.hosts.pagerDuty)
            return await HTTPRequest(target: target, body: body)
                .send(options, judge: PagerDutyEvent.judge)
        case .webhook(let hook):
            let body = try WebhookPayload.text(notification)
            let headers = WebhookSignature.headers(
                id: notification.deliveryID.uuidString.lowercased(), at: .now, body: body,
                keys: hook.keys.reveal())
            let target = try TransferTarget.http(hook.url)
            return await HTTPRequest(target: target, body: body, headers: headers)
                .send(options, judge: WebhookPayload.judge)
        case .email(let mail):
            let message = MailMessage.text(notification, mail, at: .now)
            return await MailDelivery(config: mail, message: message).send(options)
        }
    }
}
