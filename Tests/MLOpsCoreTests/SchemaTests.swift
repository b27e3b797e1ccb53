import CSQLite
import Foundation
import Testing

@testable import MLOpsCore

/// The schema, the mapping and the documentation agree.
@Suite struct SchemaTests {
    private let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func connection(_ path: String = ":memory:") throws -> SQLiteConnection {
        try SQLiteConnection(
            path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
            configuration: SQLiteConfiguration(), interruption: Interruption())
    }

    private func migrated() throws -> SQLiteConnection {
        let connection = try connection()
        try connection.configure(SQLiteConfiguration())
        _ = try Migrator(connection, migrations: SQLiteConnection.migrations, now: .now).migrate()
        return connection
    }

    private struct LiveColumn: Equatable {
        let name: String
        let type: String
        let isNullable: Bool
    }

    private func columns(of table: String, in connection: SQLiteConnection) throws -> [LiveColumn] {
        var columns: [LiveColumn] = []
        try connection.query(
            "SELECT name, type, \"notnull\" FROM pragma_table_info(\(table)) ORDER BY cid"
        ) { row in
            columns.append(
                LiveColumn(
                    name: try row.next(), type: try row.next(),
                    isNullable: try row.next(Int.self) == 0))
            return true
        }
        return columns
    }

    @Test func theMappingNamesTheTablesAndTheirColumns() throws {
        let connection = try migrated()
        for table in Schema.tables {
            #expect(try columns(of: table.name, in: connection).map(\.name) == table.columns)
        }
        let live = try connection.catalogue().definitions.keys.filter { $0.hasPrefix("table ") }
        #expect(Set(live) == Set(Schema.tables.map { "table \($0.name)" }))
    }

    @Test func eachMigrationSaysWhichTablesItMakes() {
        let made = SQLiteConnection.migrations.map(\.tables)
        #expect(made.joined().sorted() == Schema.tables.map(\.name).sorted())
        #expect(made.allSatisfy { !$0.isEmpty })
    }

    @Test func theMappingsReferencesAreTheForeignKeys() throws {
        let connection = try migrated()
        for table in Schema.tables {
            var live: Set<String> = []
            try connection.query(
                """
                SELECT "from", "table" FROM pragma_foreign_key_list(\(table.name)) f \
                WHERE "from" <> 'organization_id' AND seq = (SELECT max(seq) \
                FROM pragma_foreign_key_list(\(table.name)) o WHERE o.id = f.id)
                """
            ) { row in
                live.insert("\(try row.next(String.self)) -> \(try row.next(String.self))")
                return true
            }
            let mapped = Set(table.references.map { "\($0.column) -> \($0.parent)" })
            #expect(mapped == live, "\(table.name)")
        }
    }

    @Test func everyForeignKeyIsServedByAnIndex() throws {
        let connection = try migrated()
        for table in Schema.tables {
            for reference in table.references {
                let condition =
                    reference.isUser
                    ? "\(reference.column) = ?"
                    : "organization_id = ? AND \(reference.column) = ?"
                let plan = connection.plan(of: "SELECT 1 FROM \(table.name) WHERE \(condition)")
                #expect(plan.count == 1 && plan[0].hasPrefix("SEARCH"), "\(table.name): \(plan)")
                #expect(plan[0].contains("\(reference.column)=?"), "\(table.name): \(plan)")
            }
        }
    }

    @Test func theEightNamedIndexesExist() throws {
        let names = Set(try migrated().catalogue().definitions.keys)
        for name in [
            "idx_organization_memberships_org_user", "idx_project_members_project_user",
            "idx_model_versions_model_stage", "idx_run_metrics_run_name",
            "idx_model_monitoring_deployment_metric", "idx_data_drift_reports_deployment_period",
            "idx_alerts_org_status_triggered", "idx_audit_logs_org_created",
        ] {
            #expect(names.contains("index \(name)"))
        }
    }

    /// Makes a file with the `sqlite3` tool.
    private func makeByHand(_ path: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let folder = root.appending(path: "Schema/SQLite").path
        process.arguments = [
            "sh", "-c",
            "for f in '\(folder)'/*.up.sql; do sqlite3 '\(path)' < \"$f\" || exit 1; done",
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    @Test func thePlainToolMakesWhatTheLibraryMakes() async throws {
        let scratch = try Scratch()
        let path = scratch.path("by-hand.db")
        try makeByHand(path)
        #expect(try connection(path).catalogue() == migrated().catalogue())
        // Such a file is recognized, and adopted unchanged.
        let store = try await SQLiteStore.open(path)
        #expect(try await store.migrationStatus().allSatisfy { $0.appliedAt != nil })
        #expect(try await store.verify().problems == [])
        try await store.close()
    }

    @Test func aFileThatAnotherProcessTakesOverMeanwhileIsNotTakenOverTwice() async throws {
        let scratch = try Scratch()
        let path = scratch.path("by-hand.db")
        try makeByHand(path)
        let late = try connection(path)
        #expect(try late.recognise() == [1, 2, 3, 4])
        try await SQLiteStore.open(path).close()
        let migrator = Migrator(late, migrations: SQLiteConnection.migrations, now: .now)
        try migrator.adopt { try late.recogniseInTransaction() }
        #expect(try migrator.version() == 4)
    }

    @Test func aFileOfThePlainToolShrinksToo() async throws {
        let scratch = try Scratch()
        let path = scratch.path("by-hand.db")
        try makeByHand(path)
        let store = try await SQLiteStore.open(path)
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        for step in 0..<20_000 { run.log("m", 1, step: step) }
        try await run.finish()
        let project = try #require(await workspace.projects.first())
        try await workspace.projects.delete(project.id)
        try await workspace.projects.purge(project.id)
        #expect(try await store.vacuum() > 1 << 20)
        #expect(try await store.verify().problems == [])
        try await store.close()
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(size ?? .max < 1 << 20)
        #expect(try connection(path).pragma("auto_vacuum") == 2)
    }

    @Test func everyMigrationGoesUpAndDown() throws {
        let connection = try connection()
        try connection.configure(SQLiteConfiguration())
        let migrator = Migrator(connection, migrations: SQLiteConnection.migrations, now: .now)
        for version in 1...4 {
            #expect(try migrator.migrate(to: version) == [version])
            #expect(
                try connection.catalogue()
                    == connection.expectedCatalogue(version: version))
        }
        for version in (0...3).reversed() {
            #expect(try migrator.rollback(to: version) == [version + 1])
            #expect(
                try connection.catalogue()
                    == connection.expectedCatalogue(version: version))
        }
        #expect(try migrator.migrate() == [1, 2, 3, 4])
    }

    @Test func aMigrationThatFailsLeavesTheOldSchema() throws {
        let connection = try connection()
        let broken = Migration(
            version: 2, name: "broken", up: "CREATE TABLE a(b); CREATE TABLE a(b);", down: "")
        let first = Migration(version: 1, name: "first", up: "CREATE TABLE c(d);", down: "")
        let migrator = Migrator(connection, migrations: [first, broken], now: .now)
        #expect(throws: StoreError.self) { try migrator.migrate() }
        #expect(try migrator.version() == 1)
        #expect(try connection.catalogue().definitions.keys.sorted() == ["table c"])
    }

    @Test func theDocumentationNamesEveryColumn() throws {
        let connection = try migrated()
        let text = try String(
            contentsOf: root.appending(path: "Schema/README.md"), encoding: .utf8)
        for table in Schema.tables {
            let heading = "### `\(table.name)`\n"
            let start = try #require(text.range(of: heading), "\(table.name)").upperBound
            let section = text[start...].prefix(
                upTo: text[start...].range(of: "\n### ")?.lowerBound
                    ?? text.endIndex)
            let documented = section.split(separator: "\n").compactMap { line -> LiveColumn? in
                let cells = line.split(separator: "|").map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
                guard cells.count == 4, cells[0].hasPrefix("`") else { return nil }
                return LiveColumn(
                    name: cells[0].trimmingCharacters(in: ["`"]), type: cells[1],
                    isNullable: cells[2] == "yes")
            }
            #expect(try documented == columns(of: table.name, in: connection), "\(table.name)")
        }
    }

    @Test func theDocumentationNamesEveryIndexTriggerAndConstraint() throws {
        let connection = try migrated()
        let text = try String(
            contentsOf: root.appending(path: "Schema/README.md"), encoding: .utf8)
        for (name, definition) in try connection.catalogue().definitions {
            let own = try #require(name.split(separator: " ").last)
            #expect(text.contains("`\(own)`"), "\(name)")
            for constraint in definition.matches(of: /CONSTRAINT (\w+_(?:check|key))\b/) {
                #expect(text.contains("`\(constraint.1)`"), "\(constraint.1)")
            }
        }
    }
}
