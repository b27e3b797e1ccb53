import MLOpsCore
import PostgresSchema

extension PostgresConnection {
    static let bookkeepingDefinition = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version         bigint      NOT NULL PRIMARY KEY,
            name            text        NOT NULL,
            checksum        text        NOT NULL,
            library_version text        NOT NULL,
            applied_at      timestamptz NOT NULL
        )
        """

    /// The migrations of `Schema/Postgres`.
    static let migrations: [Migration] = PostgresSchema.migrations.map {
        Migration(
            version: $0.version, name: $0.name,
            up: String(decoding: $0.up, as: UTF8.self),
            down: String(decoding: $0.down, as: UTF8.self))
    }

    /// Restricts the grants in the transaction that creates the tables.
    ///
    /// A crash therefore leaves no role with rights that it must not have.
    func finishMigration() throws { try restrictGrants() }

    /// Takes an advisory lock until the transaction ends, which works through PgBouncer too.
    ///
    /// The number is "mlops" in ASCII.
    func lockSchema() throws {
        try query("SELECT pg_advisory_xact_lock(470121574515)") { _ in false }
    }

    func hasTable(_ name: String) throws -> Bool {
        var found = false
        // Not `to_regclass`: it uses the session's cache, which may lack a table that another
        // session created while this one waited for the migration lock.
        try query(
            """
            SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
            WHERE c.relname = \(name) AND n.nspname = ANY (current_schemas(false)))
            """
        ) { row in
            found = try row.next()
            return false
        }
        return found
    }

    /// Runs the body in the replica role, in which ordinary triggers do not fire.
    ///
    /// The role applies to this transaction only, takes no lock on the table and leaves the schema
    /// unchanged.
    ///
    /// It requires a superuser, or a role to which the parameter was granted.
    func pruningTrail<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            try runScript("SET LOCAL session_replication_role = replica")
        } catch let error as StoreError where error.code == .permissionDenied {
            throw StoreError(
                .permissionDenied,
                "Only a superuser removes entries of the audit trail on PostgreSQL; give one's URL "
                    + "as that of the system (`systemURL`, `--system-database`) for this call.")
        }
        let value = try body()
        try runScript("SET LOCAL session_replication_role = origin")
        return value
    }

    /// Every object of the connection's schema, in PostgreSQL's own notation.
    func catalogue() throws -> Catalogue {
        var definitions: [String: String] = [:]
        try query(
            """
            WITH tables AS (
                SELECT oid, relname, relrowsecurity, relforcerowsecurity FROM pg_class
                WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
                    AND relname <> 'schema_migrations' AND NOT relispartition
            )
            SELECT 'table ' || relname, format('row security %s, forced %s', relrowsecurity,
                relforcerowsecurity) FROM tables
            UNION ALL
            SELECT format('column %s.%s', t.relname, a.attname), format('%s %s not null %s %s',
                format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation, a.attnotnull,
                pg_get_expr(d.adbin, d.adrelid))
            FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT format('constraint %s.%s', t.relname, c.conname), pg_get_constraintdef(c.oid)
            FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid
            WHERE c.conparentid = 0
            UNION ALL
            SELECT 'index ' || indexname, indexdef FROM pg_indexes JOIN tables
                ON relname = tablename WHERE schemaname = current_schema()
            UNION ALL
            SELECT format('trigger %s.%s', t.relname, g.tgname), pg_get_triggerdef(g.oid)
            FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
            UNION ALL
            SELECT format('policy %s.%s', tablename, policyname),
                format('%s %s %s using %s check %s',
                permissive, roles, cmd, qual, with_check)
            FROM pg_policies WHERE schemaname = current_schema()
            UNION ALL
            SELECT 'function ' || proname, prosrc FROM pg_proc
            WHERE pronamespace = current_schema()::regnamespace
                AND proname IN ('audit_logs_append_only', 'organizations_keep_limits')
            """
        ) { row in
            let name: String = try row.next()
            definitions[name] = try row.next(String?.self) ?? ""
            return true
        }
        let schema = try currentSchema()
        return Catalogue(definitions.mapValues { $0.replacing("\(schema).", with: "") })
    }

    private func currentSchema() throws -> String {
        var name = ""
        try query("SELECT current_schema()::text") { row in
            name = try row.next()
            return false
        }
        return name
    }

    /// Runs the migrations in a schema that is rolled back, and returns its catalogue.
    func expectedCatalogue(version: Int) throws -> Catalogue {
        try begin(.write, in: nil)
        defer { try? rollback() }
        let schema = "mlops_expected"
        try runScript("CREATE SCHEMA \(schema); SET LOCAL search_path = \(schema)")
        for migration in Self.migrations where migration.version <= version {
            try runScript(migration.up)
        }
        return try catalogue()
    }

    /// Whether the role may see every organization's rows.
    func crossesOrganizations() throws -> Bool {
        var crosses = false
        try query("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") {
            row in
            crosses = try row.next()
            return false
        }
        return crosses
    }
}
