public import Foundation
public import Logging
public import MLOpsCore

/// How a PostgreSQL store behaves.
public struct PostgresConfiguration: StoreConfiguration {
    /// The connection URL or string of the role for system access, which has BYPASSRLS.
    ///
    /// `nil` uses the store's own; system access is then refused unless that role may cross
    /// organizations (see ``PostgresRoles``).
    public var systemURL: String?

    /// Connections that are kept open when nobody uses them.
    public var minimumConnections = 0

    /// Connections that are open at most, for each of the two roles.
    ///
    /// Each role has one more for what is submitted from synchronous code, such as the points of a
    /// run logger.
    public var maximumConnections = 8

    /// How long a call waits for a free connection before it throws `.busy`.
    public var acquireTimeout = Duration.seconds(30)

    /// How long an unused connection above the minimum stays open.
    public var idleLimit = Duration.seconds(600)

    /// After how long a connection is replaced, so that a changed server or password is noticed.
    public var lifetime = Duration.seconds(3600)

    /// After how long unused a connection is asked whether it still answers.
    public var checkAfter = Duration.seconds(30)

    /// How long one statement may run; the server stops it then, and the call throws `.busy`.
    ///
    /// A server that does not answer at all counts as lost a little later. `nil` waits forever.
    public var statementTimeout: Duration? = .seconds(300)

    /// Whether statements are prepared once for each connection.
    ///
    /// Each keeps the 256 that it used last. It saves the server's planning, and needs a direct
    /// connection: PgBouncer in transaction mode hands each transaction another one.
    public var preparesStatements = false

    /// Whether each commit tells other programs which tables it has changed, by `NOTIFY`.
    ///
    /// Their observations need it. The server lets transactions that notify commit one after
    /// another, which many writers at once may feel.
    public var announcesChanges = true

    /// How often a transaction is run again after a deadlock or a serialization failure.
    public var retries = 5

    /// Statements that take longer are logged, without values; `nil` for none.
    public var slowStatementThreshold: Duration? = .milliseconds(500)

    /// Whether opening brings the schema up to date; the role needs to own it then.
    public var migratesOnOpen = true

    /// Whether opening refuses a schema that has yet to be migrated.
    public var requiresCurrentSchema = true

    /// Where artifacts are kept.
    public var artifacts = URL.currentDirectory().appending(path: "mlops.artifacts").path

    /// Where slow statements, notices and trouble are reported.
    public var logger = Logger(label: "mlops.postgres")

    /// What API keys are hashed and secrets sealed with; `nil` reads the environment, as
    /// ``/MLOpsCore/StoreKeys/fromEnvironment()`` says.
    public var keys: StoreKeys?

    /// The clock that rows are stamped with.
    public var clock: @Sendable () -> Date = { Date.now }

    /// The usual behaviour.
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
