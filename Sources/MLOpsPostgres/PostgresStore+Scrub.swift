public import MLOpsCore

extension PostgresStore {
    /// Vacuums every table; see `Store.scrub()`.
    public func scrub() async throws -> ScrubReport {
        try lifecycle.checkOpen()
        let obstacles = try await systems.with { queue in
            try await queue.run { try $0.vacuumTables() }
        }
        return ScrubReport(
            obstacles: obstacles,
            elsewhere: [
                "Free space inside of pages, until it is used again; `VACUUM FULL` rewrites a "
                    + "table.",
                "The server's write-ahead log, until its segments are used again, and its archive.",
                "Replicas until they have followed, and backups that were made before.",
            ])
    }
}

extension PostgresConnection {
    /// Vacuums every table that the role may vacuum.
    ///
    /// - Returns: What keeps old rows in the tables, a sentence each.
    fileprivate func vacuumTables() throws -> [String] {
        let tables = Self.migrations.flatMap(\.tables)
        let own = Set(
            try names(
                """
                SELECT c.relname::text FROM pg_class c \
                WHERE c.relnamespace = current_schema()::regnamespace \
                AND pg_has_role(c.relowner, 'USAGE')
                """
            ))
        let readers = try names(
            """
            SELECT 'the session ' || pid FROM pg_stat_activity \
            WHERE (datname = current_database() OR datname IS NULL) \
            AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL \
            AND backend_type IS DISTINCT FROM 'autovacuum worker' \
            UNION ALL SELECT 'the prepared transaction ' || gid FROM pg_prepared_xacts \
            WHERE database = current_database() \
            UNION ALL SELECT 'the replication slot ' || slot_name FROM pg_replication_slots \
            WHERE xmin IS NOT NULL ORDER BY 1
            """
        )
        for table in tables where own.contains(table) {
            try runScript("VACUUM \(table)")
        }
        let others = tables.filter { !own.contains($0) }
        var obstacles: [String] = []
        if !others.isEmpty {
            obstacles.append(
                "Old rows of \(others.joined(separator: ", ")), which this role may not vacuum; "
                    + "run `VACUUM` as the owner.")
        }
        if !readers.isEmpty {
            obstacles.append(
                "Old rows that may still be read by \(readers.joined(separator: ", ")); repeat "
                    + "the call when they have ended.")
        }
        return obstacles
    }

    private func names(_ sql: Fragment) throws -> [String] {
        var names: [String] = []
        try query(sql) { row in
            names.append(try row.next())
            return true
        }
        return names
    }
}
