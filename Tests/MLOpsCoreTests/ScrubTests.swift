import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

/// What was erased, purged or sealed anew is in no file of the database.
@Suite struct ScrubTests {
    let scratch: Scratch
    var path: String { scratch.path("mlops.db") }

    init() throws { scratch = try Scratch() }

    /// The files of a database that hold one of the texts.
    private func files(with texts: [String], of path: String) throws -> [String] {
        try ["", "-wal"].map { path + $0 }.filter { file in
            guard FileManager.default.fileExists(atPath: file) else { return false }
            let data = try Data(contentsOf: URL(filePath: file))
            return texts.contains { data.range(of: Data($0.utf8)) != nil }
        }
    }

    private func makeStore() async throws -> (SQLiteStore, Workspace, [String]) {
        var configuration = SQLiteConfiguration()
        configuration.keys = Fixtures.keys
        let store = try await SQLiteStore.open(path, configuration: configuration)
        let workspace = try await store.localWorkspace()
        // The settings fill pages of their own, and the names change once, so that old rows lie
        // in free pages and inside of used ones.
        let page = String(repeating: "canary-settings ", count: 1000)
        try await store.withSystemAccess(reason: "test") { access in
            try await access.write { tx in
                for number in 1...50 {
                    var user = try tx.users.insert(
                        User(
                            email: "canary\(number)@example.com", firstName: "canary-first",
                            lastName: "canary-last", settings: ["page": .string(page)]))
                    user.lastName = "canary-married"
                    try tx.users.update(user)
                }
            }
            try await access.write { tx in
                let users = try tx.users.all { $0.email.hasPrefix("canary") }
                for user in users { try tx.users.erase(user.id) }
            }
        }
        let channel = try await workspace.notificationChannels.insert(
            Fixtures.channel(1, config: ["token": "canary-token"]))
        let sealed = try #require(channel.config["token"]?["$sealed"]?.string)
        try await workspace.notificationChannels.delete(channel.id)
        try await workspace.notificationChannels.purge(channel.id)
        return (store, workspace, ["canary", sealed])
    }

    @Test func nothingOfItIsInTheFileTheLogOrALaterBackup() async throws {
        let (store, workspace, texts) = try await makeStore()
        #expect(try !files(with: texts, of: path).isEmpty)
        let report = try await store.scrub()
        #expect(report.isClean && report.remains.count == 1)
        #expect(try files(with: texts, of: path) == [])
        let backup = scratch.path("backup.db")
        try await store.backup(to: backup)
        #expect(try files(with: texts, of: backup) == [])
        #expect(try await store.verify().problems == [])
        try await workspace.projects.insert(Project(name: "Later"))
        try await store.close()
    }

    @Test func anotherProcessThatReadsIsNamed() async throws {
        let (store, _, texts) = try await makeStore()
        let worker = try Worker("hold", path)
        _ = try #require(await worker.line(startingWith: "holding"))
        let held = try await store.scrub()
        #expect(!held.isClean && held.remains.first?.contains("reader") == true)
        worker.send(SIGKILL)
        _ = await worker.wait()
        #expect(try await store.scrub().isClean)
        #expect(try files(with: texts, of: path) == [])
        try await store.close()
    }
}
