/// The alerts of an organization.
public protocol AlertRepository: MutableRepository where Record == Alert {
    /// The open alerts, newest first.
    func open() throws -> [Alert]

    /// The alerts that are open or acknowledged, newest first.
    func unresolved() throws -> [Alert]

    /// The alerts of a deployment, newest first.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func of(deployment: Identifier<Deployment>) throws -> [Alert]

    /// Stores an alert, or counts up the unresolved alert of the same fingerprint.
    ///
    /// The existing alert gets the higher of the two severities and the later of the two
    /// `lastSeenAt`.
    ///
    /// - Throws: What ``Repository/insert(_:)`` throws.
    @discardableResult
    func raise(_ alert: Alert) throws -> Alert

    /// Acknowledges an alert as the acting user; an acknowledged alert does not change.
    ///
    /// - Throws: `.notFound`; `.conflict` when it is resolved; `.permissionDenied` under system
    ///   access.
    @discardableResult
    func acknowledge(_ id: Identifier<Alert>) throws -> Alert

    /// Notes that the acting user has resolved an alert.
    ///
    /// - Throws: `.notFound`; `.conflict` when it is resolved already; `.permissionDenied` under
    ///   system access.
    @discardableResult
    func resolve(_ id: Identifier<Alert>) throws -> Alert
}
