public import Foundation
public import MLOpsCore

/// What a message about an alert says, whatever channel it goes through.
///
/// Titles, names, labels and context come from callers and may hold anything: each sender escapes
/// them for its channel, and cuts them to its limits.
public struct AlertNotification: Sendable, Hashable {
    /// What happened to the alert.
    public typealias Event = AlertEvent

    /// The delivery, the same over all its attempts: receivers deduplicate by it.
    public var deliveryID: UUID
    /// The first delivery about this alert to the same channel, which a mail refers to.
    public var firstDeliveryID: UUID?
    /// What happened.
    public var event: Event
    /// When it happened.
    public var occurredAt: Date
    /// The alert.
    public var alertID: Identifier<Alert>
    /// The kind of problem or event.
    public var alertType: AlertType
    /// The severity of the alert.
    public var severity: AlertSeverity
    /// What happened, in one line.
    public var title: String
    /// What happened, in full.
    public var message: String
    /// The name of the alert's project.
    public var project: String?
    /// The name of the alert's deployment.
    public var deployment: String?
    /// Names and values that identify the source.
    public var labels: [String: String]
    /// Details of the cause, as a JSON object.
    public var context: JSONValue
    /// How often the alert was raised.
    public var occurrences: Int
    /// How often it was raised since the last message about it.
    public var raises: Int
    /// The first of the other alerts that the message tells, if it is a digest.
    public var others: [AlertNotification]
    /// How many alerts it tells; more than 1 for a digest.
    public var alertCount: Int
    /// When the alert was first raised.
    public var triggeredAt: Date
    /// When the alert was resolved.
    public var resolvedAt: Date?
    /// Where to read more; left out of a message unless it is an http or https URL.
    public var link: String?

    /// Makes a notification.
    public init(
        deliveryID: UUID, firstDeliveryID: UUID? = nil, event: Event, occurredAt: Date,
        alertID: Identifier<Alert>, alertType: AlertType, severity: AlertSeverity, title: String,
        message: String = "", project: String? = nil, deployment: String? = nil,
        labels: [String: String] = [:], context: JSONValue = [:], occurrences: Int = 1,
        raises: Int = 1, others: [AlertNotification] = [], alertCount: Int = 1, triggeredAt: Date,
        resolvedAt: Date? = nil, link: String? = nil
    ) {
        self.deliveryID = deliveryID
        self.firstDeliveryID = firstDeliveryID
        self.event = event
        self.occurredAt = occurredAt
        self.alertID = alertID
        self.alertType = alertType
        self.severity = severity
        self.title = title
        self.message = message
        self.project = project
        self.deployment = deployment
        self.labels = labels
        self.context = context
        self.occurrences = occurrences
        self.raises = raises
        self.others = others
        self.alertCount = alertCount
        self.triggeredAt = triggeredAt
        self.resolvedAt = resolvedAt
        self.link = link
    }

    /// Makes the notification of an alert.
    ///
    /// The strings in the object `labels` of the alert's context become labels.
    public init(
        _ alert: Alert, event: Event, deliveryID: UUID, firstDeliveryID: UUID? = nil,
        project: String? = nil, deployment: String? = nil, link: String? = nil
    ) {
        var context = alert.context.object ?? [:]
        let labels = context.removeValue(forKey: "labels")?.object ?? [:]
        self.init(
            deliveryID: deliveryID, firstDeliveryID: firstDeliveryID, event: event,
            occurredAt: event == .resolved
                ? alert.resolvedAt ?? alert.lastSeenAt : alert.lastSeenAt,
            alertID: alert.id, alertType: alert.alertType, severity: alert.severity,
            title: alert.title, message: alert.message, project: project, deployment: deployment,
            labels: labels.compactMapValues(\.string), context: .object(context),
            occurrences: alert.occurrences, triggeredAt: alert.triggeredAt,
            resolvedAt: alert.resolvedAt, link: link)
    }

    /// Makes the notification of a message that was claimed.
    ///
    /// - Parameters:
    ///   - claim: The message.
    ///   - link: The page of an alert.
    public init(_ claim: ClaimedDelivery, link: (Alert) -> String? = { _ in nil }) {
        self.init(
            claim.alert, event: claim.delivery.event, deliveryID: claim.delivery.id.uuid,
            firstDeliveryID: claim.firstDeliveryID.uuid, project: claim.projectName,
            deployment: claim.deploymentName, link: link(claim.alert))
        raises = claim.delivery.count
        alertCount = claim.alertCount
        others = claim.others.map { other in
            AlertNotification(
                other.alert, event: other.event, deliveryID: claim.delivery.id.uuid,
                project: other.projectName, deployment: other.deploymentName,
                link: link(other.alert))
        }
    }
}
