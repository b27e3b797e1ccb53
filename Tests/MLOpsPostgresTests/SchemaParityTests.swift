import Foundation
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// The schemas of PostgreSQL and SQLite are equal, except for a list of differences.
@Suite(.onServer) struct SchemaParityTests {
    /// The definitions that only one of the two has, with the reason.
    private static let differences: [(lines: Set<String>, reason: String)] = [
        (
            Set(
                Schema.tables.map { "check \($0.name).\($0.name)_id_check" }.filter {
                    !$0.contains("run_metrics") && !$0.contains("model_monitoring")
                }
            ).union([
                "check users.users_is_active_check", "check users.users_is_superuser_check",
                "check users.users_is_verified_check",
                "check organizations.organizations_is_active_check",
                "check projects.projects_is_active_check",
                "check deployments.deployments_auto_scaling_check",
                "check alerts.alerts_is_automatic_check",
                "check model_monitoring.model_monitoring_is_anomaly_check",
                "check data_drift_reports.data_drift_reports_is_drift_detected_check",
                "check api_keys.api_keys_is_active_check",
                "check notification_channels.notification_channels_is_active_check",
                "check notification_rules.notification_rules_is_active_check",
                "check run_metrics.run_metrics_value_check",
                "check model_monitoring.model_monitoring_value_check",
            ]), "the type says it: uuid, boolean, double precision"
        ),
        (
            [
                "column run_metrics.value nullable", "column run_metrics.value",
                "column model_monitoring.value nullable", "column model_monitoring.value",
            ], "NaN is a value; on SQLite it is null"
        ),
        (
            [
                "check data_drift_reports.data_drift_reports_drift_score_check",
                "check data_drift_reports.data_drift_reports_drift_threshold_check",
            ], "they refuse NaN, which SQLite refuses as null"
        ),
        (
            [
                "index project_members.idx_project_members_project_user unique "
                    + "(project_id, user_id) where deleted_at IS NULL",
                "index project_members.idx_project_members_project_user unique "
                    + "(organization_id, project_id, user_id) where deleted_at IS NULL",
                "index model_versions.model_versions_model_id_version_key unique "
                    + "(model_id, version) where deleted_at IS NULL",
                "index model_versions.model_versions_model_id_version_key unique "
                    + "(organization_id, model_id, version) where deleted_at IS NULL",
                "index model_versions.model_versions_model_id_number_key unique "
                    + "(model_id, number)",
                "index model_versions.model_versions_model_id_number_key unique "
                    + "(organization_id, model_id, number)",
            ], "a hash partition by organization has the organization in each key"
        ),
        (
            Set(
                ["model_monitoring", "run_metrics"].flatMap {
                    ["key \($0) (id)", "key \($0) (organization_id, id)"]
                }), "on SQLite a bulk table does without the second key"
        ),
        (["trigger audit_logs_no_truncate"], "SQLite has no TRUNCATE"),
        (["trigger audit_logs_no_replace"], "PostgreSQL has no REPLACE"),
        (["trigger audit_logs_rowid"], "PostgreSQL has no rowid"),
        (["trigger organizations_keep_limits"], "SQLite has no roles"),
    ]

    @Test func theSchemasDifferAsWritten() async throws {
        let server = try #require(TestServer.shared)
        let postgres = try await server.withDatabase { try await Self.lines(of: server, $0) }
        let sqlite = try Self.linesOfSQLite()
        #expect(sqlite.count > 500 && postgres.count > 500)
        let found = sqlite.symmetricDifference(postgres)
        let written = Self.differences.reduce(into: Set<String>()) { $0.formUnion($1.lines) }
        #expect(found.subtracting(written).sorted() == [])
        #expect(written.subtracting(found).sorted() == [], "written, and not there")
    }

    private static func linesOfSQLite() throws -> Set<String> {
        let connection = try SQLiteConnection(
            path: ":memory:", flags: 6, configuration: SQLiteConfiguration(),
            interruption: Interruption())
        for migration in SQLiteConnection.migrations { try connection.runScript(migration.up) }
        var lines: Set<String> = []
        func rows(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Void) throws {
            try connection.query(sql) { row in
                try body(&row)
                return true
            }
        }
        try rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'") {
            lines.insert("trigger \(try $0.next(String.self))")
        }
        for table in Schema.tables {
            let name = table.name
            try rows("SELECT name, \"notnull\" FROM pragma_table_info(\(name)) ORDER BY cid") {
                let column: String = try $0.next()
                lines.insert("column \(name).\(column)\(try $0.next(Bool.self) ? "" : " nullable")")
            }
            var definition = ""
            try rows("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = \(name)") {
                definition = try $0.next()
            }
            for match in definition.matches(of: #/CONSTRAINT (\w+)\s+CHECK/#) {
                lines.insert("check \(name).\(match.1)")
            }
            let lists = #/CONSTRAINT\ (\w+)\s+CHECK\ \(\w+\ IN\ \(([^)]*'[^)]*)\)/#
            for match in definition.matches(of: lists) {
                lines.insert("values \(name).\(match.1) \(literals(String(match.2)))")
            }
            for match in definition.matches(of: #/CONSTRAINT (\w+)\s+UNIQUE \((.*?)\)/#)
            where match.2 != "organization_id, id" {
                lines.insert("index \(name).\(match.1) unique (\(match.2))")
            }
            let foreign =
                #/
                CONSTRAINT\ (\w+)\s+FOREIGN\ KEY\ \((.*?)\)\s+
                REFERENCES\ (\w+)\ \((.*?)\)\s+ON\ DELETE\ (CASCADE|RESTRICT|SET\ NULL)
                /#
            for match in definition.matches(of: foreign) {
                lines.insert(
                    "foreign key \(name).\(match.1) (\(match.2)) to \(match.3) (\(match.4)) "
                        + "on delete \(match.5)")
            }
            let unique = definition.contains("UNIQUE (organization_id, id)")
            lines.insert("key \(name) (\(unique ? "organization_id, " : "")id)")
            try rows(
                """
                SELECT l.name, l."unique", coalesce(s.sql, ''), (SELECT group_concat(name, ', ') \
                FROM (SELECT i.name FROM pragma_index_info(l.name) i ORDER BY i.seqno)) \
                FROM pragma_index_list(\(name)) l JOIN sqlite_schema s ON s.name = l.name \
                WHERE l.origin = 'c'
                """
            ) {
                let index: String = try $0.next()
                let isUnique: Bool = try $0.next()
                let text: String = try $0.next()
                let condition = text.firstMatch(of: #/WHERE (.*)$/#.dotMatchesNewlines()).map {
                    " where \($0.1)"
                }
                lines.insert(
                    "index \(name).\(index)\(isUnique ? " unique" : "") "
                        + "(\(try $0.next(String.self)))\(condition ?? "")")
            }
        }
        return lines
    }

    /// The string literals in a SQL list, in order.
    private static func literals(_ list: String) -> String {
        list.matches(of: #/'([^']*)'/#).map { String($0.1) }.joined(separator: ", ")
    }

    /// Text is compared by bytes, whatever the server's locale.
    ///
    /// The server of the tests has a locale that sorts differently.
    @Test func everyTextHasTheCollationC() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let order = try await server.rows(
                "SELECT t FROM (VALUES ('a'), ('B')) v(t) ORDER BY t", in: database)
            #expect(order == [["a"], ["B"]], "the server of the tests sorts by a language")
            let others = try await server.rows(
                """
                SELECT format('%s.%s %s', c.relname, a.attname, a.attcollation::regcollation)
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i')
                    AND c.relname NOT LIKE 'schema_migrations%' AND a.attnum > 0
                    AND a.attcollation NOT IN (0, '"C"'::regcollation)
                """, in: database)
            #expect(others == [])
        }
    }

    private static func lines(of server: TestServer, _ database: String) async throws -> Set<
        String
    > {
        let rows = try await server.rows(
            """
            WITH tables AS (
                SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relkind = 'r' AND relname <> 'schema_migrations'
            ), keys AS (
                SELECT i.indexrelid, (SELECT string_agg(a.attname, ', ' ORDER BY k.o)
                FROM unnest(i.indkey) WITH ORDINALITY k(n, o)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n) AS columns
                FROM pg_index i
            )
            SELECT format('column %s.%s%s', relname, attname,
                CASE WHEN attnotnull THEN '' ELSE ' nullable' END)
            FROM tables JOIN pg_attribute ON attrelid = tables.oid
            WHERE attnum > 0 AND NOT attisdropped
            UNION ALL SELECT format('check %s.%s', relname, conname)
            FROM tables JOIN pg_constraint ON conrelid = tables.oid WHERE contype = 'c'
            UNION ALL SELECT format('foreign key %s.%s %s', relname, conname,
                pg_get_constraintdef(pg_constraint.oid))
            FROM tables JOIN pg_constraint ON conrelid = tables.oid WHERE contype = 'f'
            UNION ALL SELECT format('key %s (%s)', relname, columns)
            FROM tables JOIN pg_index i ON indrelid = tables.oid JOIN keys USING (indexrelid)
            WHERE indisprimary
            UNION ALL SELECT format('index %s.%s%s (%s)%s', relname, indexrelid::regclass,
                CASE WHEN indisunique THEN ' unique' ELSE '' END, columns,
                ' where ' || pg_get_expr(indpred, indrelid))
            FROM tables JOIN pg_index i ON indrelid = tables.oid JOIN keys USING (indexrelid)
            WHERE NOT indisprimary
            UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
            """, in: database)
        let lists = try await server.rows(
            """
            SELECT relname || '.' || conname, pg_get_constraintdef(c.oid)
            FROM pg_constraint c JOIN pg_class t ON t.oid = conrelid
            WHERE contype = 'c' AND pg_get_constraintdef(c.oid) LIKE '% = ANY (ARRAY[''%'
            """, in: database
        ).map { "values \($0[0] ?? "") \(literals($0[1] ?? ""))" }
        #expect(lists.count > 10)
        return Set(rows.compactMap { $0[0] }.map(Self.plain) + lists)
    }

    /// A definition of PostgreSQL, rewritten as SQLite's.
    private static func plain(_ line: String) -> String {
        let foreign =
            #/^foreign key (\S+) FOREIGN KEY \((.*?)\) REFERENCES (\w+)\((.*?)\) ON DELETE /#
        return line.replacing(foreign) {
            "foreign key \($0.1) (\($0.2)) to \($0.3) (\($0.4)) on delete "
        }
        .replacing("::text", with: "")
        .replacing(#/ where \((.*)\)$/#) { " where \($0.1)" }
    }
}
