public import Foundation
public import Logging

/// How a SQLite store behaves.
public struct SQLiteConfiguration: StoreConfiguration {
    /// What a store may do with its file.
    public enum Mode: String, Sendable, Hashable {
        /// Read and write it.
        case readWrite
        /// Only read it.
        ///
        /// The file may be on a read-only medium, or one of another user whose modes allow reading.
        /// Others may write meanwhile. A write throws `.readOnly`.
        case readOnly
    }

    /// What the store may do with the file; a store in memory ignores it.
    public var mode = Mode.readWrite

    /// What a commit survives.
    public enum Durability: String, Sendable, Hashable {
        /// A killed process. A power cut may cost the last commits, never the file.
        case normal
        /// A power cut as well: each commit waits for the disk.
        case full
    }

    /// What a commit survives.
    public var durability = Durability.normal

    /// Who may use the files that the store makes: the database, its log, backups, artifacts.
    ///
    /// Files that exist keep their modes.
    public var fileAccess = FileAccess.owner

    /// How long a call waits for another process's write before it throws `.busy`.
    public var busyTimeout = Duration.seconds(60)

    /// How many reads can run at once on a file, 1 or more.
    public var maximumReaders = 4

    /// The size of each connection's page cache, in bytes.
    ///
    /// One connection writes, and up to ``maximumReaders`` read.
    public var cacheSize = 16 << 20

    /// The size budget of the write-ahead log, in bytes.
    ///
    /// A read of this store whose snapshot keeps the log above this size for long is ended with
    /// `.snapshotExpired`. A read of another process cannot be ended: the log grows until that read
    /// is over, and shrinks afterwards. The store logs one warning, and ``SQLiteStore/logStatus()``
    /// shows the state.
    public var walBudget = 256 << 20

    /// How many bytes the log grows before its pages are copied into the database.
    public var checkpointSize = 16 << 20

    /// How long a read may hold a snapshot while the log is above its budget.
    public var snapshotGrace = Duration.seconds(1)

    /// Statements that take longer are logged with their plan, without values; `nil` for none.
    ///
    /// Only the time inside SQLite counts; the time of a body that receives rows does not. A
    /// statement that fails counts as well. The rows of one insert count together.
    public var slowStatementThreshold: Duration? = .milliseconds(500)

    /// Whether opening brings the schema up to date; otherwise an old one is refused.
    public var migratesOnOpen = true

    /// Whether opening refuses a database whose schema is out of date.
    ///
    /// Turn off this and ``migratesOnOpen`` to inspect an old database or to revert migrations.
    /// Only ``Store/migrationStatus()``, ``Store/verify()``, ``Store/migrate()`` and
    /// ``Store/revertMigrations(to:)`` are then guaranteed to work.
    public var requiresCurrentSchema = true

    /// Where slow statements and problems are reported.
    public var logger = Logger(label: "mlops.sqlite")

    /// The keys that hash API keys and seal secrets; `nil` reads them from the environment.
    ///
    /// See ``StoreKeys/fromEnvironment()``.
    public var keys: StoreKeys?

    /// Which attempts to reach something the audit trail records, beside every change.
    public var auditedAccess: AuditedAccess = []

    /// The clock that rows are stamped with.
    public var clock: @Sendable () -> Date = { Date.now }

    /// Makes the default configuration.
    public init() {}
}
