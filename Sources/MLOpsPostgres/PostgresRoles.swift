import CLibPQ
import Foundation
import MLOpsCore

/// The three roles of a database, and what each may do.
///
/// | role | may | for |
/// | --- | --- | --- |
/// | owner | migrate; own the tables, and see no row of them | deployments, `mlops db migrate` |
/// | application | read and write rows of the organization that a transaction names | workspaces |
/// | system | read and write rows of every organization (BYPASSRLS) | system access |
///
/// The application and the system role may not change or remove an entry of the audit trail. The
/// owner and superusers can: a table's owner may switch its triggers and policies off. Keep their
/// passwords away from programs. `AuditPrune` requires a superuser.
public struct PostgresRoles: Sendable {
    /// A role that can log in.
    public struct Role: Sendable {
        /// The name.
        public var name: String
        /// The password; `nil` keeps the role's current one.
        ///
        /// It leaves this process only as a SCRAM verifier.
        public var password: String?

        /// Describes a role.
        public init(_ name: String, password: String? = nil) {
            self.name = name
            self.password = password
        }
    }

    /// The role that owns the tables.
    public var owner: Role
    /// The role that works in one organization at a time.
    public var application: Role
    /// The role that works across organizations.
    public var system: Role

    /// Names the roles.
    public init(
        owner: Role = Role("mlops_owner"), application: Role = Role("mlops_app"),
        system: Role = Role("mlops_system")
    ) {
        self.owner = owner
        self.application = application
        self.system = system
    }

    /// Creates the missing roles, migrates as the owner, and grants each role its rights.
    ///
    /// Running it again changes nothing.
    ///
    /// - Parameters:
    ///   - url: The URL of the database for a superuser: only a superuser may grant BYPASSRLS.
    ///   - configuration: How the connection is made.
    /// - Throws: `.cannotOpen`, `.permissionDenied`, what a migration throws.
    public func setUp(
        _ url: String, configuration: PostgresConfiguration = PostgresConfiguration()
    ) async throws {
        let queue = ConnectionQueue(label: "mlops.postgres.roles") {
            try PostgresConnection(url, configuration: configuration, interruption: $0)
        }
        let now = configuration.clock()
        try await queue.run { connection in
            try connection.begin(.write, in: nil)
            do {
                try connection.lockSchema()
                try make(owner, "NOBYPASSRLS", connection)
                try make(application, "NOBYPASSRLS", connection)
                try make(system, "BYPASSRLS", connection)
                try connection.runScript(try grantsOfDatabase(connection))
                try connection.commit()
            } catch {
                try? connection.rollback()
                throw error
            }
            try connection.runScript("SET ROLE \(connection.quoted(owner.name))")
            _ = try Migrator(connection, now: now).migrate()
            try connection.runScript(try grantsOfTables(connection))
            try connection.restrictGrants()
        }
        await queue.close()
    }

    private func make(
        _ role: Role, _ attributes: String, _ connection: PostgresConnection
    ) throws {
        var exists = false
        try connection.query("SELECT 1 FROM pg_roles WHERE rolname = \(role.name)") { _ in
            exists = true
            return false
        }
        let name = connection.quoted(role.name)
        try connection.runScript(
            "\(exists ? "ALTER" : "CREATE") ROLE \(name) LOGIN NOSUPERUSER \(attributes)")
        guard let password = role.password else { return }
        let verifier = try connection.verifier(of: password, for: role.name)
        try connection.runScript("ALTER ROLE \(name) PASSWORD '\(verifier)'")
    }

    private func grantsOfDatabase(_ connection: PostgresConnection) throws -> String {
        let (schema, database) = try connection.place()
        let roles = [owner, application, system].map { connection.quoted($0.name) }
        return """
            GRANT CONNECT, TEMPORARY ON DATABASE \(database) TO \(roles.joined(separator: ", "));
            GRANT CREATE ON DATABASE \(database) TO \(roles[0]);
            GRANT USAGE ON SCHEMA \(schema) TO \(roles.joined(separator: ", "));
            GRANT CREATE ON SCHEMA \(schema) TO \(roles[0]);
            """
    }

    /// The grants on the tables; no role gets TRUNCATE, which ignores row-level security.
    ///
    /// Default privileges grant the tables of later migrations as well. When the owner migrates
    /// alone, `restrictGrants()` finds the roles in them.
    private func grantsOfTables(_ connection: PostgresConnection) throws -> String {
        let (schema, _) = try connection.place()
        let roles = [application, system].map { connection.quoted($0.name) }
            .joined(separator: ", ")
        let tables = Schema.tables.map(\.name).joined(separator: ", ")
        return """
            ALTER DEFAULT PRIVILEGES IN SCHEMA \(schema)
                GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO \(roles);
            GRANT SELECT, INSERT, UPDATE, DELETE ON \(tables) TO \(roles)
            """
    }
}

extension PostgresConnection {
    /// Revokes the rights on some tables that the roles must not have; the owner calls it.
    func restrictGrants() throws {
        var roles: [(name: String, crosses: Bool)] = []
        try query(
            """
            SELECT DISTINCT r.rolname::text, r.rolbypassrls FROM pg_default_acl d
            CROSS JOIN aclexplode(d.defaclacl) a JOIN pg_roles r ON r.oid = a.grantee
            WHERE d.defaclobjtype = 'r' AND d.defaclnamespace = current_schema()::regnamespace
                AND d.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)
                AND a.grantee <> d.defaclrole
            """
        ) { row in
            roles.append((try row.next(), try row.next()))
            return true
        }
        // Tables that do not exist yet are restricted by the migration that creates them.
        let limits: [(table: String, all: String?, tenants: String)] = try [
            (table: "schema_migrations", all: "SELECT", tenants: "SELECT"),
            (AuditLog.table.name, "SELECT, INSERT", "SELECT, INSERT"),
            (User.table.name, nil, "SELECT"),
            (Organization.table.name, nil, "SELECT, UPDATE, DELETE"),
        ].filter { try hasTable($0.table) }
        for role in roles {
            let name = quoted(role.name)
            for limit in limits {
                guard let rights = role.crosses ? limit.all : limit.tenants else { continue }
                try runScript(
                    """
                    REVOKE ALL ON \(limit.table) FROM \(name);
                    GRANT \(rights) ON \(limit.table) TO \(name)
                    """)
            }
        }
    }
}

extension PostgresConnection {
    /// A name as an identifier in SQL.
    fileprivate func quoted(_ name: String) -> String {
        // By scalar: a combining mark makes another character of a quote.
        "\"\(name.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined())\""
    }

    /// The SCRAM verifier of a password: it neither reveals the password nor allows a login.
    fileprivate func verifier(of password: String, for role: String) throws -> String {
        guard let text = PQencryptPasswordConn(handle, password, role, "scram-sha-256") else {
            throw StoreError(.invalidValue, "The password of \(role) cannot be used.")
        }
        defer { PQfreemem(text) }
        return String(cString: text)
    }

    /// The schema and the database that the connection works in, quoted.
    fileprivate func place() throws -> (schema: String, database: String) {
        var place = ("", "")
        try query("SELECT quote_ident(current_schema()), quote_ident(current_database())") { row in
            place = (try row.next(), try row.next())
            return false
        }
        return place
    }
}
