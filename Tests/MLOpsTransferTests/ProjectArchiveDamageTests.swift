import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

@testable import MLOpsTransfer

/// Archives that are damaged, made by others, or of another kind: nothing of them is stored.
@Suite struct ProjectArchiveDamageTests {
    /// A small archive with a row of each kind, and a file.
    private static func small() async throws -> (ArchiveFixture, Data) {
        let fixture = try await ArchiveFixture(isSample: false)
        let run = try await fixture.workspace.startRun(
            project: try await fixture.workspace.projects.find(fixture.project).name,
            experiment: "with files", name: "with files")
        for step in 0..<200 { run.log("loss", 1 / Double(step + 1), step: step) }
        _ = try await run.logArtifact(Data("weights".utf8), named: "weights")
        try await run.finish()
        let file = try await fixture.export("small.tar")
        return (fixture, try Data(contentsOf: file))
    }

    private func take(_ data: Data, _ fixture: ArchiveFixture) async throws -> (
        report: ImportReport?, error: ImportSourceError?, isEmpty: Bool
    ) {
        let file = fixture.directory.appending(path: "\(Identifier<Project>()).tar")
        try data.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let store = try await SQLiteStore.inMemory()
        var (report, failure) = (ImportReport?.none, ImportSourceError?.none)
        do {
            report = try await ProjectImporter(from: file).run(into: store)
        } catch let error as ImportSourceError {
            failure = error
        }
        let isEmpty = try await store.withSystemAccess(reason: "test") { access in
            try await access.read { tx in
                try tx.organizations.count() == 0 && tx.projects.count() == 0
            }
        }
        return (report, failure, isEmpty)
    }

    /// Expects that an archive is refused, that the error names a place, and that nothing is left.
    private func expectRefusal(
        _ data: Data, _ fixture: ArchiveFixture, _ kind: ImportSourceError.Kind = .damaged,
        naming text: String = "", _ comment: Comment? = nil,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let taken = try await take(data, fixture)
        #expect(taken.error?.kind == kind, comment, sourceLocation: location)
        #expect(
            text.isEmpty || taken.error?.message.contains(text) == true,
            "\(taken.error?.message ?? "no error")", sourceLocation: location)
        #expect(taken.isEmpty, comment, sourceLocation: location)
    }

    @Test func ofATruncatedArchiveNothingIsTaken() async throws {
        let (fixture, data) = try await Self.small()
        let whole = try #require(try await take(data, fixture).report)
        // What follows the last entry is zeros.
        let content = data.count - data.reversed().prefix { $0 == 0 }.count
        var messages: Set<String> = []
        for length in Array(stride(from: 1000, to: data.count, by: 1000)) + [1, 511, 512, 513] {
            let taken = try await take(data.prefix(length), fixture)
            if length < content {
                #expect(taken.error != nil && taken.isEmpty, "\(length)")
                messages.insert(taken.error?.message ?? "")
            } else if let report = taken.report {
                #expect(report.taken == whole.taken, "\(length)")
            }
        }
        #expect(messages.contains { $0.contains("runs.jsonl") }, "\(messages)")
    }

    @Test func aFlippedBitIsNoticed() async throws {
        let (fixture, data) = try await Self.small()
        let whole = try #require(try await take(data, fixture).report)
        var random = SeededGenerator()
        var refused = 0
        for _ in 0..<80 {
            var damaged = data
            let bit = Int.random(in: 0..<data.count * 8, using: &random)
            damaged[bit / 8] ^= 1 << (bit % 8)
            let taken = try await take(damaged, fixture)
            refused += taken.error == nil ? 0 : 1
            // Between the entries are bytes without a meaning.
            let isSame = taken.report?.taken == whole.taken
            #expect(
                taken.error != nil && taken.isEmpty || isSame,
                "seed \(random.seed), bit \(bit)")
        }
        #expect(refused > 30, "seed \(random.seed)")
    }

    @Test func otherFilesAreRefused() async throws {
        let (fixture, data) = try await Self.small()
        try await expectRefusal(Data(), fixture, naming: "is empty")
        for text in ["text", "SQLite format 3\0", "PK\u{3}\u{4}", "\u{1F}\u{8B}\u{8}"] {
            try await expectRefusal(
                Data(text.utf8) + Data(count: 2000), fixture, .anotherKind, "\(text)")
        }
        var plain = try TarFile(files: ["manifest.json": Data("{}".utf8)])
        try await expectRefusal(plain.finished, fixture, .anotherKind, naming: "manifest")
        plain = try TarFile(files: fixture.unpacked(try file(data, fixture)))
        try await expectRefusal(
            plain.data.dropFirst(2048), fixture, .anotherKind, "without its beginning")
        let database = fixture.directory.appending(path: "own.db")
        try await SQLiteStore.open(database.path).close()
        try await expectRefusal(try Data(contentsOf: database), fixture, .anotherKind)
        for path in [fixture.directory, fixture.directory.appending(path: "none.tar")] {
            await #expect(throws: ImportSourceError.self) {
                try await ProjectImporter(from: path).run(into: SQLiteStore.inMemory())
            }
        }
    }

    private func file(_ data: Data, _ fixture: ArchiveFixture) throws -> URL {
        let file = fixture.directory.appending(path: "copy-\(Identifier<Project>()).tar")
        try data.write(to: file)
        return file
    }

    @Test func aLaterVersionSaysWhatToDo() async throws {
        let (fixture, data) = try await Self.small()
        let files = try fixture.unpacked(try file(data, fixture))
        let later = try TarFile(files: files) { $0["version"] = 2 }
        try await expectRefusal(later.finished, fixture, .anotherKind, naming: "Update it")
        let other = try TarFile(files: files) { $0["format"] = "other" }
        try await expectRefusal(other.finished, fixture, .anotherKind)
        // Written by hand but with nothing wrong, it is taken.
        #expect(try await take(TarFile(files: files).finished, fixture).report != nil)
    }

    @Test func noPathLeavesTheArchive() async throws {
        let (fixture, data) = try await Self.small()
        let files = try fixture.unpacked(try file(data, fixture))
        let hash = String(repeating: "a", count: 64)
        let names = [
            "../evil", "/etc/evil", "files/../../evil", "files/\(hash)/../evil", "./project.json",
            "files//\(hash)", "files/\(hash)", "C:\\evil", "..\\evil", "files", "project.json/",
            "files/\(hash.uppercased())", "PROJECT.JSON", "fi\u{301}les/x",
        ]
        for name in names {
            var tar = try TarFile(files: files)
            tar.add(name, Data("evil".utf8))
            try await expectRefusal(tar.finished, fixture, naming: "", "\(name)")
            let listed = try TarFile(files: files.merging([name: Data("evil".utf8)]) { $1 })
            try await expectRefusal(listed.finished, fixture, naming: "", "listed \(name)")
        }
        for (type, name) in [("1", "x"), ("2", "x"), ("5", "x"), ("3", "x"), ("6", "x")] {
            var tar = try TarFile(files: files)
            tar.add(name, type: Character(type), link: "/etc/passwd")
            try await expectRefusal(tar.finished, fixture, naming: "regular", "type \(type)")
        }
        // A link in the place of a file that the manifest names.
        var tar = try TarFile(files: files) { _ in }
        tar = try TarFile(files: ["manifest.json": files["manifest.json"] ?? Data()]) {
            $0 = (try? JSONValue(parsing: files["manifest.json"] ?? Data()).object) ?? [:]
        }
        tar.add("people.jsonl", type: "2", link: "/etc/passwd")
        try await expectRefusal(tar.finished, fixture, naming: "people.jsonl")
        #expect(!FileManager.default.fileExists(atPath: "/etc/evil"))
    }

    @Test func aManifestThatLiesIsNoticed() async throws {
        let (fixture, data) = try await Self.small()
        let files = try fixture.unpacked(try file(data, fixture))
        var twice = try TarFile(files: files)
        twice.add("runs.jsonl", files["runs.jsonl"] ?? Data())
        try await expectRefusal(twice.finished, fixture, naming: "occurs twice")
        func changed(_ name: String, _ value: JSONValue) throws -> Data {
            try TarFile(files: files) { manifest in
                var entries = manifest["files"]?.array ?? []
                for index in entries.indices where entries[index]["name"] == "runs.jsonl" {
                    var entry = entries[index].object ?? [:]
                    entry[name] = value
                    entries[index] = .object(entry)
                }
                manifest["files"] = .array(entries)
            }.finished
        }
        try await expectRefusal(
            changed("sha256", .string(String(repeating: "0", count: 64))), fixture,
            naming: "other bytes")
        for size in [0, 10, 1 << 40] as [Int64] {
            try await expectRefusal(
                changed("size_bytes", .int(size)), fixture, naming: "runs.jsonl")
        }
        try await expectRefusal(changed("size_bytes", -1), fixture)
        try await expectRefusal(changed("name", "models.jsonl"), fixture, naming: "twice")
        var missing = files
        missing["alerts.jsonl"] = nil
        try await expectRefusal(try TarFile(files: missing).finished, fixture, naming: "lacks")
        // The header of an entry claims more than there is.
        var large = try TarFile(files: files)
        large.add("files/" + String(repeating: "b", count: 64), Data("b".utf8), size: 7 << 30)
        try await expectRefusal(large.data, fixture)
    }

    @Test func rowsReferOnlyToRowsOfTheArchive() async throws {
        let (fixture, data) = try await Self.small()
        let files = try fixture.unpacked(try file(data, fixture))
        func lines(_ name: String) throws -> [JSONValue] {
            try (files[name] ?? Data()).split(separator: 0x0A).map { try JSONValue(parsing: $0) }
        }
        func expectRefusal(
            _ name: String, naming text: String, _ change: (inout [JSONValue]) -> Void,
            at location: SourceLocation = #_sourceLocation
        ) async throws {
            var changed = try lines(name)
            change(&changed)
            var all = files
            all[name] = Data(changed.map { "\($0)\n" }.joined().utf8)
            try await self.expectRefusal(
                TarFile(files: all).finished, fixture, naming: text, "\(name)", at: location)
        }
        func set(_ column: String, of kind: String, to value: JSONValue) -> (
            inout [JSONValue]
        ) -> Void {
            { lines in
                guard let index = lines.firstIndex(where: { $0[kind] != nil }) else { return }
                var row = lines[index][kind]?.object ?? [:]
                row[column] = value
                lines[index] = [kind: .object(row)]
            }
        }
        let other = JSONValue.string(Identifier<Project>().description)
        let outside = "does not precede"
        let runs = try lines("runs.jsonl")
        let run = try #require(runs.first?["run"]?["id"])
        for (file, kind, column) in [
            ("models.jsonl", "model", "project_id"),
            ("experiments.jsonl", "experiment", "project_id"),
            ("experiments.jsonl", "experiment", "model_id"),
            ("runs.jsonl", "run", "experiment_id"), ("runs.jsonl", "run", "parent_run_id"),
            ("versions.jsonl", "version", "model_id"),
            ("versions.jsonl", "version", "source_run_id"),
            ("deployments.jsonl", "deployment", "model_version_id"),
            ("deployments.jsonl", "change", "deployment_id"),
            ("deployments.jsonl", "change", "previous_model_version_id"),
            ("deployments.jsonl", "measurement", "deployment_id"),
            ("deployments.jsonl", "drift_report", "deployment_id"),
            ("alerts.jsonl", "alert", "deployment_id"), ("alerts.jsonl", "alert", "project_id"),
        ] {
            try await expectRefusal(file, naming: outside, set(column, of: kind, to: other))
        }
        // The first run is its own ancestor, and would be one through a later run.
        try await expectRefusal(
            "runs.jsonl", naming: outside, set("parent_run_id", of: "run", to: run))
        try await expectRefusal(
            "runs.jsonl", naming: "occurred before", { $0 += $0.filter { $0["run"] != nil } })
        try await expectRefusal(
            "alerts.jsonl", naming: "occurred before", set("id", of: "alert", to: run))
        try await expectRefusal(
            "runs.jsonl", naming: "person", set("created_by", of: "run", to: other))
        try await expectRefusal(
            "runs.jsonl", naming: "no row", set("status", of: "run", to: "odd"))
        try await expectRefusal("runs.jsonl", naming: "no row", set("odd", of: "run", to: 1))
        try await expectRefusal("runs.jsonl", naming: "no line", { $0.insert([:], at: 0) })
        try await expectRefusal(
            "runs.jsonl", naming: "belongs elsewhere", { $0.append(["model": [:]]) })
        try await expectRefusal(
            "runs.jsonl", naming: outside, { $0 = $0.filter { $0["run"] == nil } })
        for (member, value) in [
            ("steps", [1, 2]), ("values", ["odd"]), ("times", [.int(.max)]), ("metric", ""),
        ] as [(String, JSONValue)] {
            try await expectRefusal(
                "runs.jsonl", naming: "points", set(member, of: "points", to: value))
        }
        try await expectRefusal("project.json", naming: "second project", { $0 += $0 })
        try await expectRefusal("project.json", naming: "", { $0 = [] })
        try await expectRefusal("people.jsonl", naming: "person", { $0 += $0 })
    }
}
