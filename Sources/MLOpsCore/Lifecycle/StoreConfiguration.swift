package import Foundation
package import Logging

/// What the configurations of both stores have in common.
package protocol StoreConfiguration: Sendable {
    /// Whether opening brings the schema up to date; otherwise an old one is refused.
    var migratesOnOpen: Bool { get }
    /// Whether opening refuses a database that has yet to be migrated.
    var requiresCurrentSchema: Bool { get }
    /// Statements that take longer are logged; `nil` for none.
    var slowStatementThreshold: Duration? { get }
    /// Where slow statements and trouble are reported.
    var logger: Logger { get }
    /// What API keys are hashed and secrets sealed with; `nil` reads the environment.
    var keys: StoreKeys? { get }
    /// Which attempts to reach something the audit trail records.
    var auditedAccess: AuditedAccess { get }
    /// The clock that rows are stamped with.
    var clock: @Sendable () -> Date { get }
}
