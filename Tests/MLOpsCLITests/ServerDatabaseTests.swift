import Foundation
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// The tool with a database of the server that `Scripts/postgres` has started.
@Suite(.withServer)
struct ServerDatabaseTests {
    @Test func everyCommandWorksOnAServer() async throws {
        try await ServerDatabase.with { server in
            let early = try await server.tool(
                "db", "status", on: try server.url(as: "postgres"))
            #expect(early.status == 0 && early.output.contains("schema version 0 of 4"))
            for _ in 0..<2 {
                let roles = try await server.makeRoles()
                #expect(roles.status == 0, "\(roles.errors)")
                #expect(roles.output.contains("\(server.database)_app"))
                #expect(!roles.output.contains("hush"))
            }
            let empty = try await server("runs", "list")
            #expect(empty.status == 1 && empty.errors.contains("no organization yet"))
            let seed = try await server("seed")
            #expect(seed.status == 0, "\(seed.errors)")
            let runs = try await server("runs", "list", "--json")
            #expect(runs.status == 0, "\(runs.errors)")
            let id = try #require(try runs.json()[0]?["id"]?.string)
            let shown = try await server("runs", "show", id)
            #expect(shown.status == 0, "\(shown.errors)")
            #expect(try await server("models", "list").status == 0)
            let part = try await server("runs", "show", String(id.suffix(8)), "--json").json()
            #expect(part["run"]?["id"]?.string == id)
            let best = try await server(
                "runs", "list", "--where", "metrics.val_auc > 0.9 and status = completed")
            #expect(best.status == 0, "\(best.errors)")
            let exported = try await server("runs", "export", id)
            #expect(exported.status == 0 && exported.lines.count > 1, "\(exported.errors)")
            #expect(try await server.tool("seed").status == 0)
            for table in ["runs", "metrics", "registry"] {
                let here = try await server.tool("export", table)
                let there = try await server("export", table)
                #expect(here.lines.count > 1 && here.output == there.output, "\(there.errors)")
            }
            let counted = try await server(
                "db", "query", "SELECT count(*) AS n, sum(0.5) AS half FROM projects", "--json")
            #expect(try counted.json() == [["n": 2, "half": 1]], "\(counted.errors)")
            let changed = try await server("db", "query", "DELETE FROM projects")
            #expect(changed.status == 64, "\(changed.errors)")
            let added = try await server(
                "rules", "add", "grave", "--channel", "E-mail to the ML team", "--severity",
                "high", "--deployment", "fraud-scoring")
            #expect(added.status == 0, "\(added.errors)")
            let fired = try await server(
                "rules", "test", "grave", "--severity", "high", "--deployment", "fraud-scoring")
            #expect(fired.status == 0, "\(fired.output)\(fired.errors)")
            let channels = try await server("channels", "list", "--json").json()
            #expect(channels[0]?["rules"]?.array?.count == 4)
            let status = try await server("db", "status", "--json")
            #expect(try status.json()["version"] == 4)
            #expect(try status.json()["size_bytes"] == nil)
            let purged = try await server("purge", "--dry-run", "--all-organizations")
            #expect(purged.status < 2, "\(purged.errors)")
            let verified = try await server.tool(
                "db", "verify", on: try server.url(as: "\(server.database)_owner"))
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
            let unsure = try await server.tool(
                "db", "rollback", "--to", "3",
                on: try server.url(as: "\(server.database)_owner"))
            #expect(unsure.status == 64 && unsure.errors.contains("this role cannot tell"))
            let known = try await server.tool(
                "db", "rollback", "--to", "3", on: try server.url(as: "postgres"))
            #expect(known.status == 64 && known.errors.contains("audit_logs ("))
            let back = try await server.tool(
                "db", "rollback", "--to", "3", "--yes",
                on: try server.url(as: "\(server.database)_owner"))
            #expect(back.status == 0, "\(back.errors)")
            #expect(try await server("runs", "list").status == 65)
            let up = try await server.tool(
                "db", "migrate", on: try server.url(as: "\(server.database)_owner"))
            #expect(up.status == 0 && up.lines.contains("applied 4 security_notifications"))
            let after = try await server("runs", "list", "--json")
            #expect(after.status == 0, "\(after.errors)")
        }
    }

    /// Parts that a URL omits come from libpq's environment variables.
    @Test func theEnvironmentCompletesAURL() async throws {
        try await ServerDatabase.with { server in
            let parts = try #require(
                try server.url(as: "postgres").wholeMatch(
                    of: #/postgresql://postgres@(?<host>[^:]+):(?<port>\d+)/.*/#))
            let status = try await server.tool(
                ["db", "status", "--json"], on: "postgresql://",
                environment: [
                    "PGHOST": String(parts.host).removingPercentEncoding ?? "",
                    "PGPORT": String(parts.port), "PGUSER": "postgres",
                    "PGDATABASE": server.database,
                ])
            #expect(status.status == 0, "\(status.errors)")
            #expect(try status.json()["version"] == 0)
        }
    }

    @Test func whatOnlyAFileHasIsRefused() async throws {
        try await ServerDatabase.with { server in
            for arguments in [["db", "backup", "copy.db"], ["db", "vacuum"]] {
                let result = try await server.tool(
                    arguments, on: "postgresql://u:hush@h/db?password=hush")
                #expect(result.status == 64)
                #expect(result.errors.contains("postgresql://u@h/db is no file but a server's"))
                #expect(!result.errors.contains("hush"))
            }
            let file = try await server.tool("db", "roles")
            #expect(file.status == 64 && file.errors.contains("is a file"))
        }
    }

    @Test func systemAccessNeedsItsRole() async throws {
        try await ServerDatabase.with { server in
            #expect(try await server.makeRoles().status == 0)
            let refused = try await server.tool(
                "runs", "list", on: try server.url(as: "\(server.database)_app"))
            #expect(refused.status == 77 && refused.errors.contains("BYPASSRLS"))
            let option = try await server.tool(
                "runs", "list", "--system-database",
                try server.url(as: "\(server.database)_system"),
                on: try server.url(as: "\(server.database)_app"))
            #expect(option.status == 1 && option.errors.contains("no organization yet"))
        }
    }
}
