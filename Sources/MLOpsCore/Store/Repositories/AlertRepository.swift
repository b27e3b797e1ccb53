public import Foundation

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
    /// The existing alert gets the higher of the two severities, and what the later one says, if
    /// it says something. A severity above the one that was acknowledged opens it again and ends
    /// its snooze. Once a person has raised it, no program resolves it.
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

    /// Keeps an alert quiet until a time, or no longer.
    ///
    /// Without a time the snooze ends.
    ///
    /// - Throws: `.notFound`; `.conflict` when it is resolved; `.invalidValue` for a time that is
    ///   over.
    @discardableResult
    func snooze(_ id: Identifier<Alert>, until time: Date?) throws -> Alert

    /// Adds a comment of the acting user, also to a resolved alert.
    ///
    /// - Throws: `.notFound`; `.invalidValue` for an empty or too long text, and for one comment
    ///   more than an alert takes; `.permissionDenied` under system access.
    @discardableResult
    func comment(_ id: Identifier<Alert>, _ text: String) throws -> Alert

    /// Resolves the alert of a fingerprint, if only programs have raised it; for the program that
    /// raised it and sees that it is over.
    ///
    /// - Returns: The resolved alert; `nil` when there is none, or a person has raised it.
    /// - Throws: `.permissionDenied`, also under system access.
    @discardableResult
    func resolveAutomatic(
        _ fingerprint: String, in project: Identifier<Project>?
    ) throws -> Alert?

    /// The messages about an alert, with the errors of those that failed.
    ///
    /// - Throws: `.notFound`; `.permissionDenied` for who is no maintainer of its project, and for
    ///   an alert without one, no admin of the organization.
    func deliveries(of id: Identifier<Alert>) throws -> [AlertDelivery]
}
