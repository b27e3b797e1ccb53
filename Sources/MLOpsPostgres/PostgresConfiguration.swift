public import Foundation
public import Logging
public import MLOpsCore

/// How a PostgreSQL store behaves.
public struct PostgresConfiguration: StoreConfiguration {
    /// The connection URL or string of the role for system access, which has BYPASSRLS.
    ///
    /// `nil` uses the store's own URL. System access is then refused unless the role of that URL
    /// may cross organizations (see ``PostgresRoles``).
    public var systemURL: String?

    /// The number of connections that stay open when idle.
    public var minimumConnections = 0

    /// The largest number of open connections, for each of the two roles.
    ///
    /// Each role has one more for work that synchronous code submits, such as the points of a run
    /// logger.
    public var maximumConnections = 8

    /// How long a call waits for a free connection before it throws `.busy`.
    public var acquireTimeout = Duration.seconds(30)

    /// How long an unused connection above the minimum stays open.
    public var idleLimit = Duration.seconds(600)

    /// The age at which a connection is replaced, so that a new server or password is noticed.
    public var lifetime = Duration.seconds(3600)

    /// The idle time after which a connection is checked before its next use.
    public var checkAfter = Duration.seconds(30)

    /// How long one statement may run; the server stops it then, and the call throws `.busy`.
    ///
    /// A connection without any answer counts as lost five seconds later. `nil` waits forever.
    public var statementTimeout: Duration? = .seconds(300)

    /// Whether statements are prepared once for each connection.
    ///
    /// Each connection keeps the 256 statements that it used last. This saves planning on the
    /// server. It requires a direct connection: PgBouncer in transaction mode may run each
    /// transaction on another one.
    public var preparesStatements = false

    /// Whether each commit announces its changed tables to other programs, by `NOTIFY`.
    ///
    /// Observations in other programs need it. The server commits notifying transactions one at a
    /// time, which may slow down many concurrent writers.
    public var announcesChanges = true

    /// How often a transaction is retried after a deadlock or a serialization failure.
    public var retries = 5

    /// Statements that take longer are logged, without values; `nil` for none.
    public var slowStatementThreshold: Duration? = .milliseconds(500)

    /// Whether opening brings the schema up to date; the role then has to own the schema.
    public var migratesOnOpen = true

    /// Whether opening refuses a schema that is out of date.
    public var requiresCurrentSchema = true

    /// Where artifacts are kept.
    public var artifacts = URL.currentDirectory().appending(path: "mlops.artifacts").path

    /// Where slow statements, notices and problems are reported.
    public var logger = Logger(label: "mlops.postgres")

    /// The keys that hash API keys and seal secrets; `nil` reads them from the environment.
    ///
    /// See ``/MLOpsCore/StoreKeys/fromEnvironment()``.
    public var keys: StoreKeys?

    /// Which attempts to reach something the audit trail records, beside every change.
    public var auditedAccess: AuditedAccess = []

    /// The clock that rows are stamped with.
    public var clock: @Sendable () -> Date = { Date.now }

    /// Makes the default configuration.
    public init() {}
}

extension PostgresConfiguration: CustomStringConvertible, CustomReflectable {
    /// The limits, without the URL of system access, which may hold a password.
    public var description: String {
        "PostgresConfiguration(maximumConnections: \(maximumConnections))"
    }

    /// A mirror without URL and keys.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: ["maximumConnections": maximumConnections, "artifacts": artifacts])
    }
}
