import CSQLite
import Foundation
import Synchronization

/// A store in one SQLite file, or in memory.
///
/// One connection writes and up to ``SQLiteConfiguration/maximumReaders`` read; several processes
/// may use one file. In memory there is one connection, and reads wait for their turn.
///
/// The file is in WAL mode. Only this library checkpoints it, and never while a commit can happen
/// (see the decision page "Checkpoints").
public final class SQLiteStore: ManagedStore {
    package let configuration: SQLiteConfiguration
    package let lifecycle = StoreLifecycle()
    /// The file; `nil` for a store in memory.
    let file: DatabaseFile?
    var isInMemory: Bool { file == nil }
    package let keys: StoreKeys
    let writer: ConnectionQueue<SQLiteConnection>
    let readers: ConnectionPool<SQLiteConnection>
    let snapshots = SnapshotGate()
    /// How many tasks read the whole file; see ``readingFile(_:)``.
    private let wholeReads = Mutex(0)

    /// Where artifacts are kept: in `<file>.artifacts`, beside the file.
    ///
    /// A store in memory keeps them in a temporary directory, which is removed with the store.
    public let artifacts: ArtifactStore

    /// Opens a file, and creates it if it does not exist.
    ///
    /// The first store that a process opens turns off SQLite's memory statistics, such as
    /// `sqlite3_memory_used()`, for the whole process. A program that needs them calls
    /// `sqlite3_initialize()` first.
    ///
    /// - Throws: `.notADatabase`, `.cannotOpen`, `.readOnly`, `.corrupt`, `.schemaTooNew`,
    ///   `.schemaTooOld` when it has to be migrated and `migratesOnOpen` is off,
    ///   `.migrationChanged`, `.busy`.
    public static func open(
        _ path: String, configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) async throws -> SQLiteStore {
        let store = try SQLiteStore(URL(filePath: path), configuration)
        try await store.writer.run { _ in }
        return store
    }

    /// Makes an empty store in memory.
    public static func inMemory(
        configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) async throws -> SQLiteStore {
        let store = try SQLiteStore(nil, configuration)
        try await store.writer.run { _ in }
        return store
    }

    /// Opens a file, or makes a store in memory, on the caller's thread.
    ///
    /// It is for programs that are not `async` (see ``Synchronous``).
    ///
    /// - Parameters:
    ///   - path: The file; `nil` makes an empty store in memory.
    ///   - configuration: How the store behaves.
    /// - Throws: What ``open(_:configuration:)`` throws.
    @available(*, noasync)
    public convenience init(
        path: String?, configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) throws {
        try self.init(path.map { URL(filePath: $0) }, configuration)
        try writer.runHere(waiting: nil) { _ in }
    }

    /// - Parameter file: `nil` for a store in memory.
    private init(_ file: URL?, _ configuration: SQLiteConfiguration) throws {
        keys = try configuration.keys ?? .fromEnvironment()
        let file = try file.map { try DatabaseFile($0.path, configuration) }
        self.file = file
        self.configuration = configuration
        writer = ConnectionQueue(label: "mlops.sqlite.writer", of: lifecycle) { interruption in
            try SQLiteOpening(file, configuration, interruption).open()
        }
        readers = ConnectionPool(
            label: "mlops.sqlite.reader", of: lifecycle, maximum: configuration.maximumReaders
        ) { interruption in
            // A store in memory has no readers.
            try file?.check()
            return try SQLiteOpening(file, configuration, interruption).openReader()
        }
        artifacts =
            file.map { ArtifactStore.beside($0.path, configuration) } ?? .temporary()
    }

    deinit {
        // The last connection to close checkpoints the log, so the readers close first.
        readers.closeIdle()
        if isInMemory { artifacts.removeAll() }
    }

    // MARK: Transactions

    package func transact<Value: Sendable>(
        writing: Bool, as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try lifecycle.checkOpen()
        if writing {
            return try await writer.run { [self] in try write($0, as: access, body) }
        }
        if isInMemory {
            return try await writer.run { [self] in try read($0, writer.interruption, access, body)
            }
        }
        return try await readers.with { [self] reader in
            try await reader.run { [self] connection in
                try snapshots.pass(reader.interruption) {
                    try read(connection, reader.interruption, access, body)
                }
            }
        }
    }

    package func readingWhole<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value { try await readingFile { try body($0) } }

    /// Runs a body that reads the whole file on one snapshot, while others may write.
    ///
    /// The snapshot never expires, so that the log grows until the body ends.
    func readingFile<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws -> Value
    ) async throws -> Value {
        try lifecycle.checkOpen()
        let work: @Sendable (SQLiteConnection) throws -> Value = { connection in
            try connection.begin(.read, in: nil)
            defer { try? connection.rollback() }
            let value = try body(connection)
            try connection.checkUnchanged()
            return value
        }
        if isInMemory { return try await writer.run(work) }
        wholeReads.withLock { $0 += 1 }
        defer { wholeReads.withLock { $0 -= 1 } }
        return try await readers.with { try await $0.run(work) }
    }

    /// Whether a backup or a verification is running and needs the log.
    var isReadWhole: Bool { wholeReads.withLock { $0 > 0 } }

    package func submit(
        as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Void,
        completion: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) {
        guard (try? lifecycle.checkOpen()) != nil else {
            completion(.failure(StoreError.storeIsClosed))
            return
        }
        writer.submit({ [self] in try write($0, as: access, body) }, completion: completion)
    }

    package func transactHere(
        writing: Bool, as access: Access, waiting limit: Duration?,
        _ body: (any Transaction) throws -> Void
    ) throws {
        try lifecycle.checkMayWait()
        if writing || isInMemory {
            return try writer.runHere(waiting: limit) { connection in
                // The limit also applies to the wait for another program's write.
                try connection.waiting(atMost: limit ?? configuration.busyTimeout) {
                    writing
                        ? try write(connection, as: access, body)
                        : try read(connection, writer.interruption, access, body)
                }
            }
        }
        return try readers.runHere(waiting: limit) { connection, interruption in
            try snapshots.pass(interruption) { try read(connection, interruption, access, body) }
        }
    }

    private func write<Value>(
        _ connection: SQLiteConnection, as access: Access,
        _ body: (any Transaction) throws -> Value
    ) throws -> Value {
        var didPurge = false
        let value = try connection.transact(
            .write, as: access, in: self, interruption: writer.interruption
        ) { transaction in
            defer { didPurge = transaction.didPurge }
            return try body(transaction)
        }
        afterCommit(connection, didPurge: didPurge)
        return value
    }

    private func read<Value>(
        _ connection: SQLiteConnection, _ interruption: Interruption, _ access: Access,
        _ body: (any Transaction) throws -> Value
    ) throws -> Value {
        try connection.transact(.read, as: access, in: self, interruption: interruption, body)
    }

    package func changingSchema<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try lifecycle.checkOpen()
        return try await writer.run { try body($0) }
    }

    package func closeConnections() async {
        await readers.close()
        // SQLite neither copies nor removes the log of a file that has moved.
        if file?.hasMoved == true, file?.hasOwnLog == true {
            try? await writer.run { $0.checkpointBeforeClosing() }
        }
        await writer.close()
        file?.removeStrayLog()
        file?.release()
        if isInMemory { artifacts.removeAll() }
    }
}
