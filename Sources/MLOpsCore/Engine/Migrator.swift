package import Foundation

/// Migrates a database to a schema version.
///
/// Each migration is one transaction under a lock, so that programs that start together apply it
/// only once.
package struct Migrator {
    let connection: any SQLConnection
    let migrations: [Migration]
    let now: Date

    package init(
        _ connection: any SQLConnection, migrations: [Migration]? = nil, now: Date
    ) {
        self.connection = connection
        self.migrations = migrations ?? type(of: connection).migrations
        self.now = now
    }

    private var latest: Int { migrations.last?.version ?? 0 }

    private struct Applied {
        let version: Int
        let name: String
        let checksum: String
        let libraryVersion: String
        let date: Date
    }

    private func applied() throws -> [Applied] {
        guard try connection.hasTable("schema_migrations") else { return [] }
        var rows: [Applied] = []
        try connection.query(
            """
            SELECT version, name, checksum, library_version, applied_at \
            FROM schema_migrations ORDER BY version
            """
        ) { row in
            rows.append(
                Applied(
                    version: try row.next(), name: try row.next(), checksum: try row.next(),
                    libraryVersion: try row.next(), date: try row.next()))
            return true
        }
        return rows
    }

    /// The schema version of the database; 0 when it is empty.
    ///
    /// - Throws: `.schemaTooNew`; `.migrationChanged` for an edited or a missing migration.
    package func version() throws -> Int {
        let applied = try applied()
        if let newest = applied.last, newest.version > latest {
            throw StoreError(
                .schemaTooNew,
                "The database is at schema version \(newest.version), written by library "
                    + "\(newest.libraryVersion); this library knows \(latest). Update the program.")
        }
        for (row, migration) in zip(applied, migrations) {
            guard row.version == migration.version else {
                throw StoreError(
                    .migrationChanged,
                    "Migration \(migration.version) is missing between those applied; "
                        + "restore a backup (`mlops db restore`).")
            }
            guard row.checksum == migration.checksum else {
                throw StoreError(
                    .migrationChanged,
                    "Migration \(row.version) (\(row.name)) was applied from another text than "
                        + "this library's; use the library version \(row.libraryVersion) that "
                        + "applied it, or restore a backup (`mlops db "
                        + "restore`).")
            }
        }
        return applied.last?.version ?? 0
    }

    package func status() throws -> [MigrationStatus] {
        _ = try version()
        let applied = try applied()
        return migrations.map { migration in
            let row = applied.first { $0.version == migration.version }
            return MigrationStatus(
                version: migration.version, name: migration.name, appliedAt: row?.date,
                libraryVersion: row?.libraryVersion)
        }
    }

    /// Applies the pending migrations up to a version; returns the versions that it applied.
    package func migrate(to target: Int? = nil) throws -> [Int] {
        let target = target ?? latest
        var done: [Int] = []
        while let next = try step(
            where: { $0 < target },
            { current in
                guard let migration = migrations.first(where: { $0.version == current + 1 }) else {
                    return
                }
                try connection.execute(bookkeeping)
                try connection.runScript(migration.up)
                try connection.finishMigration()
                try record(migration)
            })
        {
            done.append(next + 1)
        }
        return done
    }

    /// Reverts migrations, newest first, down to a version; returns the versions it reverted.
    package func rollback(to target: Int) throws -> [Int] {
        guard (0...latest).contains(target) else {
            throw StoreError(.invalidValue, "There is no schema version \(target).")
        }
        var done: [Int] = []
        while let current = try step(
            where: { $0 > target },
            { current in
                guard let migration = migrations.first(where: { $0.version == current }) else {
                    return
                }
                try connection.runScript(migration.down)
                try connection.execute("DELETE FROM schema_migrations WHERE version = \(current)")
            })
        {
            done.append(current)
        }
        return done
    }

    /// Records migrations that were applied by hand.
    ///
    /// - Parameter recognise: Returns their versions. It runs under the lock, because another
    ///   program may have recorded them meanwhile.
    package func adopt(_ recognise: () throws -> [Int]) throws {
        try connection.begin(.write, in: nil)
        do {
            try connection.lockSchema()
            let versions = try recognise()
            try connection.execute(bookkeeping)
            for migration in migrations where versions.contains(migration.version) {
                try record(migration)
            }
            try connection.commit()
        } catch {
            try? connection.rollback()
            throw error
        }
    }

    /// Runs one migration in one transaction.
    ///
    /// The version is read again under the lock, because another program may have migrated
    /// meanwhile.
    ///
    /// - Returns: The version before the migration; `nil` when none was pending.
    private func step(
        where isPending: (Int) -> Bool, _ body: (Int) throws -> Void
    ) throws -> Int? {
        guard isPending(try version()) else { return nil }
        try connection.begin(.write, in: nil)
        do {
            try connection.lockSchema()
            let current = try version()
            guard isPending(current) else {
                try connection.rollback()
                return nil
            }
            try body(current)
            try connection.commit()
            return current
        } catch {
            try? connection.rollback()
            throw error
        }
    }

    private func record(_ migration: Migration) throws {
        try connection.execute(
            """
            INSERT INTO schema_migrations (version, name, checksum, library_version, applied_at) \
            VALUES (\(migration.version), \(migration.name), \(migration.checksum), \
            \(libraryVersion), \(now))
            """)
    }

    private var bookkeeping: Fragment {
        Fragment(raw: type(of: connection).bookkeepingDefinition)
    }
}
