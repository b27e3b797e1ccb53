public import Foundation
public import Logging

/// How a SQLite store behaves.
public struct SQLiteConfiguration: StoreConfiguration {
    /// What a commit survives.
    public enum Durability: String, Sendable, Hashable {
        /// A killed process. A power cut may cost the last commits, never the file.
        case normal
        /// A power cut as well: each commit waits for the disk.
        case full
    }

    /// What a commit survives.
    public var durability = Durability.normal

    /// How long a call waits for another process's write before it throws `.busy`.
    public var busyTimeout = Duration.seconds(60)

    /// How many reads can run at once on a file, 1 or more.
    public var maximumReaders = 4

    /// How many bytes of pages each connection keeps in memory; there is one that writes and up to
    /// ``maximumReaders`` that read.
    public var cacheSize = 16 << 20

    /// The size in bytes that the write-ahead log may keep.
    ///
    /// A read of this store whose snapshot keeps the log above this size for long is ended with
    /// `.snapshotExpired`. A read of another process cannot be ended: the log grows until that read
    /// is over, and is cut back then. The store warns of it once, and ``SQLiteStore/logStatus()``
    /// shows it.
    public var walBudget = 256 << 20

    /// After how many bytes in the log its pages are copied into the database.
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

    /// Whether opening refuses a database that has yet to be migrated.
    ///
    /// Turn it off, and ``migratesOnOpen`` with it, to look at an old database or to take
    /// migrations back; only ``Store/migrationStatus()``, ``Store/verify()``,
    /// ``Store/migrate()`` and ``Store/revertMigrations(to:)`` are then sure to work.
    public var requiresCurrentSchema = true

    /// Where slow statements and trouble are reported.
    public var logger = Logger(label: "mlops.sqlite")

    /// What API keys are hashed and secrets sealed with; `nil` reads the environment, as
    /// ``StoreKeys/fromEnvironment()`` says.
    public var keys: StoreKeys?

    /// The clock that rows are stamped with.
    public var clock: @Sendable () -> Date = { Date.now }

    /// The usual behaviour.
    public init() {}
}
