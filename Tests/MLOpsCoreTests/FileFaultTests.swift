import Foundation
import MLOpsCore
import Testing

/// Files that are not a store, are damaged, or cannot be written.
@Suite struct FileFaultTests {
    let scratch: Scratch
    var path: String { scratch.path("mlops.db") }

    init() throws { scratch = try Scratch() }

    private func code(
        _ configuration: SQLiteConfiguration = SQLiteConfiguration(), opening path: String
    ) async -> StoreError.Code? {
        do {
            try await SQLiteStore.open(path, configuration: configuration).close()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    private func makeStore() async throws {
        let store = try await SQLiteStore.open(path)
        _ = try await store.localWorkspace().projects.insert(Project(name: "Digits"))
        try await store.close()
    }

    /// Runs SQL with the `sqlite3` tool, as an administrator would.
    private func sqlite3(_ sql: String, on path: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["sqlite3", path, sql]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    @Test func aTextFileIsNotADatabase() async throws {
        let text = Data(String(repeating: "not a database\n", count: 1000).utf8)
        try text.write(to: URL(filePath: path))
        #expect(await code(opening: path) == .notADatabase)
        #expect(try Data(contentsOf: URL(filePath: path)) == text)
    }

    @Test func aDatabaseOfAnotherProgramIsLeftAlone() async throws {
        try sqlite3("CREATE TABLE notes(body); INSERT INTO notes VALUES ('mine')", on: path)
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(await code(opening: path) == .notADatabase)
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test(arguments: [
        "CREATE TABLE schema_migrations(version TEXT PRIMARY KEY)",
        "CREATE TABLE schema_migrations(version TEXT PRIMARY KEY); CREATE TABLE users(id)",
        "CREATE TABLE users(id, email); CREATE TABLE projects(id)",
    ]) func aDatabaseThatLooksLikeOursIsLeftAlone(sql: String) async throws {
        try sqlite3(sql, on: path)
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(await code(opening: path) == .notADatabase)
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test func aTruncatedFileIsReportedAsDamaged() async throws {
        try await makeStore()
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        let size = try handle.seekToEnd()
        try handle.truncate(atOffset: size / 2)
        try handle.close()
        let store = try? await SQLiteStore.open(path)
        if let store {
            do {
                #expect(try await !store.verify().isSound)
            } catch let error as StoreError {
                #expect(error.code == .corrupt)
            }
            try await store.close()
        } else {
            #expect(await code(opening: path) == .corrupt)
        }
    }

    #if os(Linux)
        /// A disk that fails is not a damaged file, and a commit it did not sync may come back.
        @Test func aBrokenDiskIsNamedAsSuch() async throws {
            let store = try await SQLiteStore.open(path)
            let workspace = try await store.localWorkspace()
            try await workspace.withRun(project: "p", experiment: "e") { run in
                for step in 0..<20_000 { run.log("m", Double(step), step: step) }
            }
            try await store.close()
            let lines = try await Worker("broken-disk", path).remainingLines().dropFirst()
            #expect(
                lines == [
                    "read inputOutput", "verify inputOutput", "commit commitUnknown", "points 2",
                    "sound true",
                ])
        }
    #endif

    @Test func aMissingDirectoryCannotBeOpened() async throws {
        #expect(await code(opening: scratch.path("missing/mlops.db")) == .cannotOpen)
    }

    @Test func aFileThatCannotBeWrittenIsRefusedAtOnce() async throws {
        try await makeStore()
        let manager = FileManager.default
        try manager.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
        try manager.setAttributes(
            [.posixPermissions: 0o555], ofItemAtPath: scratch.directory.path)
        defer {
            try? manager.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: scratch.directory.path)
        }
        #expect(try await lastLine(opening: path) == "error readOnly")
        #expect(try await lastLine(opening: scratch.path("new.db")) == "error cannotOpen")
    }

    /// The last line of a worker that opens a file.
    ///
    /// The worker drops its privileges, because root may write whatever the permissions are.
    private func lastLine(opening path: String) async throws -> String? {
        let wrapper = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : []
        return await (try Worker("open", path, wrapper: wrapper)).remainingLines().last
    }

    @Test func aReadOnlyFileInAWritableDirectoryIsRefused() async throws {
        try await makeStore()
        let manager = FileManager.default
        try manager.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
        try manager.setAttributes(
            [.posixPermissions: 0o777], ofItemAtPath: scratch.directory.path)
        #expect(try await lastLine(opening: path) == "error readOnly")
        #expect(await code(opening: path) == (geteuid() == 0 ? nil : .readOnly))
    }

    @Test func aWritableFileInAReadOnlyDirectoryIsRefused() async throws {
        try await makeStore()
        let manager = FileManager.default
        try manager.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
        try manager.setAttributes(
            [.posixPermissions: 0o555], ofItemAtPath: scratch.directory.path)
        defer {
            try? manager.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: scratch.directory.path)
        }
        // The write-ahead log cannot be created beside it.
        let line = try await lastLine(opening: path)
        #expect(["error readOnly", "error cannotOpen"].contains(line), "\(line ?? "nothing")")
    }

    @Test func aSchemaNewerThanTheLibraryIsRefused() async throws {
        try await makeStore()
        try sqlite3(
            "INSERT INTO schema_migrations VALUES (5, 'later', 'x', '9.0.0', 0)", on: path)
        #expect(await code(opening: path) == .schemaTooNew)
    }

    @Test func anEditedMigrationIsRefused() async throws {
        try await makeStore()
        try sqlite3("UPDATE schema_migrations SET checksum = 'x' WHERE version = 2", on: path)
        #expect(await code(opening: path) == .migrationChanged)
    }

    @Test func aGapInTheMigrationsIsRefused() async throws {
        try await makeStore()
        try sqlite3("DELETE FROM schema_migrations WHERE version = 2", on: path)
        #expect(await code(opening: path) == .migrationChanged)
    }

    @Test func anOldSchemaIsRefusedWhereMigrationIsOff() async throws {
        let store = try await SQLiteStore.open(path)
        #expect(try await store.revertMigrations(to: 2) == [4, 3])
        try await store.close()
        var configuration = SQLiteConfiguration()
        configuration.migratesOnOpen = false
        #expect(await code(configuration, opening: path) == .schemaTooOld)
        #expect(await code(opening: path) == nil)
    }

    @Test func verifyNamesWhatIsMissing() async throws {
        try await makeStore()
        try sqlite3(
            "DROP INDEX idx_run_metrics_run_name; DROP TRIGGER audit_logs_no_delete;"
                + "CREATE TABLE stranger(a)", on: path)
        let store = try await SQLiteStore.open(path)
        let report = try await store.verify()
        #expect(
            report.problems == [
                "index idx_run_metrics_run_name is missing",
                "table stranger is not of this library",
                "trigger audit_logs_no_delete is missing",
            ])
        try await store.close()
    }

    @Test func verifyNamesABrokenReference() async throws {
        try await makeStore()
        try sqlite3(
            "PRAGMA foreign_keys = OFF; DELETE FROM organization_memberships; "
                + "DELETE FROM organizations", on: path)
        let store = try await SQLiteStore.open(path)
        let report = try await store.verify()
        #expect(report.problems == ["projects has a row whose organizations is missing"])
        try await store.close()
    }

    @Test func aDamagedValueIsNamedAndNotReturned() async throws {
        try await makeStore()
        try sqlite3("UPDATE projects SET created_by = replace(created_by, '-', '+')", on: path)
        let store = try await SQLiteStore.open(path)
        await #expect {
            try await store.localWorkspace().projects.all()
        } throws: { error in
            (error as? StoreError)?.code == .corrupt
                && (error as? StoreError)?.field == "created_by"
        }
        try await store.close()
    }

    @Test func aPurgeGivesSpaceBack() async throws {
        let store = try await SQLiteStore.open(path)
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        for step in 0..<20_000 { run.log("m", 1, step: step) }
        try await run.finish()
        let project = try #require(await workspace.projects.first())
        try await workspace.projects.delete(project.id)
        try await workspace.projects.purge(project.id)
        try await store.close()
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.size] as? Int ?? .max < 2 << 20)
    }
}
