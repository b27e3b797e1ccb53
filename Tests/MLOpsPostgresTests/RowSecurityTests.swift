import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Raw SQL of the application role is limited by row-level security and composite keys.
@Suite(.onServer) struct RowSecurityTests {
    private static let tables = Schema.tables.map(\.name)
    private static let tenants = Schema.tables.filter { $0.tenancy == .organizationColumn }
        .map(\.name)

    /// Two organizations with a row in each table.
    private struct Pair {
        let database: String
        let own: Identifier<Organization>
        let other: Identifier<Organization>
    }

    private func withPair(
        _ form: TestServer.Form = .plain, _ body: (TestServer, Pair) async throws -> Void
    ) async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase(form) { database in
            let store = try await server.store(database)
            let context = try await ConformanceContext(store)
            _ = try await Fixtures.insertTree(into: context.workspace, number: 1)
            let other = try await Self.otherWorkspace(store)
            _ = try await Fixtures.insertTree(into: other, number: 2)
            try await store.close()
            try await body(
                server,
                Pair(
                    database: database, own: context.workspace.organizationID,
                    other: other.organizationID))
        }
    }

    private static func otherWorkspace(_ store: PostgresStore) async throws -> Workspace {
        let (organization, user) = try await store.withSystemAccess(reason: "two tenants") {
            try await $0.write { tx in
                let user = try tx.users.insert(Fixtures.user(2))
                let organization = try tx.organizations.insert(Fixtures.organization(2))
                try tx.scoped(to: organization.id, as: .user(user.id)).memberships.insert(
                    Fixtures.membership(2, of: user.id, role: .owner))
                return (organization.id, user.id)
            }
        }
        return try await store.workspace(organization: organization, as: .user(user))
    }

    /// The outcome of a statement of the application role: `rows n`, or the error.
    private func outcome(
        _ server: TestServer, _ pair: Pair, in organization: Identifier<Organization>?,
        _ sql: String
    ) async throws -> String {
        try await server.connected(server.url(pair.database, as: "mlops_app")) { connection in
            try connection.begin(.write, in: organization)
            defer { try? connection.rollback() }
            do {
                return "rows \(try connection.execute(Fragment(raw: sql)))"
            } catch let error as StoreError {
                return "\(error.code.rawValue): \(error.message)"
            }
        }
    }

    /// The values of an organization's row as a list in SQL, with some of them changed.
    private func values(
        _ server: TestServer, _ pair: Pair, of table: String, in organization: String,
        changing changes: [String: String]
    ) async throws -> (columns: String, values: String) {
        let columns = Schema.tables.first { $0.name == table }?.columns ?? []
        let list = columns.map { "quote_nullable(\($0)::text)" }.joined(separator: ", ")
        let row = try #require(
            try await server.rows(
                "SELECT \(list) FROM \(table) WHERE organization_id = '\(organization)' LIMIT 1",
                in: pair.database
            ).first)
        let values = zip(columns, row).map { column, value in changes[column] ?? value ?? "NULL" }
        return (columns.joined(separator: ", "), values.joined(separator: ", "))
    }

    @Test(arguments: TestServer.Form.allCases)
    func noTableShowsOrTakesAnothersRows(_ form: TestServer.Form) async throws {
        try await withPair(form) { server, pair in
            for table in Self.tables {
                let organization = table == "organizations" ? "id" : "organization_id"
                let rows = try await server.rows("SELECT 'x' FROM \(table)", in: pair.database)
                #expect(rows.count >= 2, "\(table) has rows of both")
                let foreign =
                    table == "users"
                    ? "id NOT IN (SELECT user_id FROM organization_memberships)"
                    : "\(organization) <> '\(pair.own)'"
                let calls = [
                    "SELECT count(*) FROM \(table) WHERE \(foreign) HAVING count(*) > 0",
                    "SELECT * FROM \(table) WHERE \(foreign)",
                    "UPDATE \(table) SET id = id WHERE \(foreign)",
                    "DELETE FROM \(table) WHERE \(foreign)",
                ]
                for sql in calls {
                    let done = try await outcome(server, pair, in: pair.own, sql)
                    #expect(
                        done == "rows 0" || done.hasPrefix("permissionDenied"), "\(sql) \(done)")
                    let nowhere = try await outcome(server, pair, in: nil, sql)
                    #expect(nowhere == "rows 0" || nowhere.hasPrefix("permissionDenied"), "\(sql)")
                }
                let cursor = try await server.connected(
                    server.url(pair.database, as: "mlops_app")
                ) { connection in
                    try connection.begin(.write, in: pair.own)
                    defer { try? connection.rollback() }
                    var count = 0
                    try connection.stream("SELECT id FROM \(raw: table) WHERE \(raw: foreign)") {
                        _ in
                        count += 1
                        return true
                    }
                    return count
                }
                #expect(cursor == 0, "\(table)")
            }
        }
    }

    @Test(arguments: TestServer.Form.allCases)
    func noRowIsPutIntoAnotherOrganization(_ form: TestServer.Form) async throws {
        try await withPair(form) { server, pair in
            for table in Self.tenants {
                let (columns, values) = try await values(
                    server, pair, of: table, in: "\(pair.other)",
                    changing: ["id": "gen_random_uuid()"])
                let insert = "INSERT INTO \(table) (\(columns)) VALUES (\(values))"
                let key = table == "audit_logs" ? "id" : "organization_id, id"
                // The upsert conflicts with the other organization's own row.
                let (_, same) = try await self.values(
                    server, pair, of: table, in: "\(pair.other)", changing: [:])
                let upsert =
                    "INSERT INTO \(table) (\(columns)) VALUES (\(same)) "
                    + "ON CONFLICT (\(key)) DO UPDATE SET id = \(table).id"
                for sql in [insert, upsert] {
                    let done = try await outcome(server, pair, in: pair.own, sql)
                    #expect(done.hasPrefix("permissionDenied"), "\(sql) \(done)")
                }
                let move = try await outcome(
                    server, pair, in: pair.own,
                    "UPDATE \(table) SET organization_id = '\(pair.other)'")
                #expect(
                    move.hasPrefix("permissionDenied") || move.hasPrefix("foreignKeyViolation"),
                    "\(table) \(move)")
            }
        }
    }

    /// The id of another organization's row violates a foreign key exactly like an unused id.
    @Test(arguments: TestServer.Form.allCases)
    func noForeignKeyTellsAnothersRowFromNone(_ form: TestServer.Form) async throws {
        try await withPair(form) { server, pair in
            var tried = 0
            for table in Schema.tables where table.tenancy == .organizationColumn {
                for reference in table.references where !reference.isUser {
                    let foreign = try #require(
                        try await server.rows(
                            """
                            SELECT id::text FROM \(reference.parent)
                            WHERE organization_id = '\(pair.other)' LIMIT 1
                            """, in: pair.database
                        ).first?.first ?? nil)
                    var outcomes: Set<String> = []
                    for parent in [foreign, UUID().uuidString] {
                        let (columns, values) = try await values(
                            server, pair, of: table.name, in: "\(pair.own)",
                            changing: [
                                "id": "gen_random_uuid()", reference.column: "'\(parent)'",
                                "name": "'x'", "version": "'x'", "number": "1000",
                                "fingerprint": "'x'",
                                "deleted_at": "now()", "deletion_id": "gen_random_uuid()",
                                "status": table.name == "alerts" ? "'open'" : nil,
                            ].compactMapValues(\.self))
                        outcomes.insert(
                            try await outcome(
                                server, pair, in: pair.own,
                                "INSERT INTO \(table.name) (\(columns)) VALUES (\(values))"))
                    }
                    let only = try #require(outcomes.first)
                    #expect(outcomes.count == 1, "\(table.name).\(reference.column) \(outcomes)")
                    #expect(only.hasPrefix("foreignKeyViolation"), "\(table.name) \(only)")
                    tried += 1
                }
            }
            #expect(tried > 15)
        }
    }

    @Test func nobodyChangesTheAuditTrail() async throws {
        try await withPair { server, pair in
            for role in ["mlops_app", "mlops_system", "mlops_owner", "postgres"] {
                for sql in ["UPDATE audit_logs SET action = 'x'", "DELETE FROM audit_logs"] {
                    let done = try await server.connected(
                        server.url(pair.database, as: role)
                    ) { connection in
                        try connection.begin(.write, in: pair.own)
                        defer { try? connection.rollback() }
                        do {
                            return try connection.execute(Fragment(raw: sql)) == 0 ? "none" : "some"
                        } catch let error as StoreError {
                            return error.code.rawValue
                        }
                    }
                    #expect(done == "permissionDenied", "\(role) \(sql)")
                }
            }
        }
    }

    /// An organization can update its row, but not its limits, which need the system role.
    @Test func noOrganizationLiftsItsOwnLimits() async throws {
        try await withPair { server, pair in
            let changes = [
                "max_models = 7", "max_users = 7", "max_projects = 7", "is_active = NOT is_active",
                "subscription_plan = 'enterprise'", "subscription_status = 'suspended'",
            ]
            for change in changes {
                let sql = "UPDATE organizations SET \(change)"
                let done = try await outcome(server, pair, in: pair.own, sql)
                #expect(done == "permissionDenied: an organization does not set its own limits.")
                // Nor by leaving the organization's scope within the statement.
                let tricked = try await outcome(
                    server, pair, in: pair.own,
                    sql + " WHERE set_config('mlops.organization_id', '', true) IS NOT NULL")
                #expect(tricked.hasPrefix("permissionDenied"), "\(tricked)")
            }
            let name = try await outcome(
                server, pair, in: pair.own, "UPDATE organizations SET name = 'mine'")
            #expect(name == "rows 1")
            let system = try await server.connected(
                server.url(pair.database, as: "mlops_system")
            ) { try $0.execute("UPDATE organizations SET max_models = 7") }
            #expect(system == 2)
        }
    }

    /// The only remaining way to see a row of another organization: adding its user as a member.
    ///
    /// A workspace may also make a member of anyone whose id it knows. Members are visible, with
    /// all columns that the user repository reads.
    @Test func onlyAMembershipShowsAPerson() async throws {
        try await withPair { server, pair in
            let person = try #require(
                try await server.rows(
                    """
                    SELECT user_id::text FROM organization_memberships
                    WHERE organization_id = '\(pair.other)' LIMIT 1
                    """, in: pair.database
                ).first?.first ?? nil)
            let look = "SELECT 'x'::text FROM users WHERE id = '\(person)'"
            #expect(try await outcome(server, pair, in: pair.own, look) == "rows 0")
            for sql in [
                "UPDATE users SET first_name = 'x'", "DELETE FROM users",
                "INSERT INTO users SELECT * FROM users",
            ] {
                let done = try await outcome(server, pair, in: pair.own, sql)
                #expect(done.hasPrefix("permissionDenied"), "\(sql) \(done)")
            }
            let seen = try await server.connected(server.url(pair.database, as: "mlops_app")) {
                connection in
                try connection.begin(.write, in: pair.own)
                defer { try? connection.rollback() }
                try connection.execute(
                    """
                    INSERT INTO organization_memberships (id, organization_id, user_id, role, \
                    created_at, updated_at) VALUES (gen_random_uuid(), \(pair.own), \
                    \(raw: "'\(person)'"), 'viewer', now(), now())
                    """)
                return try connection.texts(Fragment(raw: look)).count
            }
            #expect(seen == 1)
        }
    }

    /// The privileges of each role on each table.
    private static let grants = """
        SELECT table_name || ' ' || grantee || ' ' || privilege_type
        FROM information_schema.table_privileges
        WHERE table_schema = 'public' AND grantee LIKE 'mlops%' ORDER BY 1
        """

    /// Tables that the owner creates again get the same privileges, and no others.
    @Test func tablesThatTheOwnerMakesAgainAreGranted() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let before = try await server.rows(Self.grants, in: database)
            #expect(before.count > 150)
            let owner = try await PostgresStore.open(server.url(database, as: "mlops_owner"))
            _ = try await owner.revertMigrations(to: 0)
            _ = try await owner.migrate()
            try await owner.close()
            #expect(try await server.rows(Self.grants, in: database) == before)
            #expect(!before.contains(["audit_logs mlops_app UPDATE"]))
            #expect(!before.contains(["users mlops_app INSERT"]))
            let store = try await server.store(database) { $0.migratesOnOpen = false }
            let workspace = try await store.localWorkspace()
            _ = try await Fixtures.insertTree(into: workspace)
            try await store.close()
        }
    }

    /// A program that stops between two migrations leaves no role with excessive privileges.
    @Test func eachMigrationRestrictsItsOwnGrants() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let whole = Set(try await server.rows(Self.grants, in: database))
            let owner = server.url(database, as: "mlops_owner")
            let steps = try await server.connected(owner) { connection in
                let migrator = Migrator(connection, now: .now)
                _ = try migrator.rollback(to: 0)
                return try (1...4).map { version in
                    _ = try migrator.migrate(to: version)
                    return Set(try connection.texts(Fragment(raw: Self.grants)))
                }
            }
            for (step, found) in steps.enumerated() {
                #expect(found.subtracting(whole) == [], "after migration \(step + 1)")
                #expect(found.contains(["users mlops_app SELECT"]))
            }
            #expect(steps.last == whole)
        }
    }

    /// The second form of the schema is really partitioned.
    @Test func thePartitionedTablesArePartitioned() async throws {
        let server = try #require(TestServer.shared)
        for form in TestServer.Form.allCases {
            let found = try await server.withDatabase(form) {
                try await server.rows(
                    "SELECT relname::text FROM pg_class WHERE relkind = 'p' ORDER BY 1", in: $0)
            }
            let whole = ["users", "organizations", "audit_logs", "api_keys"]
            let expected = Self.tables.filter { form == .partitioned && !whole.contains($0) }
            #expect(found.compactMap { $0[0] } == expected.sorted())
        }
    }

    @Test func systemAccessNeedsItsRole() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let store = try await server.store(database) { $0.systemURL = nil }
            await #expect {
                try await store.localWorkspace()
            } throws: { ($0 as? StoreError)?.code == .permissionDenied }
            try await store.close()
        }
    }
}
