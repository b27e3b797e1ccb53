import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

/// Sources that would mix runs, reach outside of their directory, or cost more than what is wrong
/// in them.
@Suite struct ImportAttackTests {
    private func counts(_ fixture: TransferFixture) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        try await fixture.store.withSystemAccess(reason: "test") { access in
            counts = try await access.read { tx in
                var counts: [String: Int] = [:]
                let all = Query<ExperimentRun>(limit: 1000, deleted: .included)
                for run in try tx.runs.page(all) {
                    let name = try tx.experiments.find(run.experimentID).name
                    counts["\(name): \(run.runName)"] = run.metrics.values.reduce(0) {
                        $0 + $1.count
                    }
                }
                return counts
            }
        }
        return counts
    }

    @Test func runsOfOtherExperimentsStayApart() async throws {
        let fixture = try await TransferFixture()
        let file = try fixture.file(
            "a.csv",
            """
            experiment,run,metric,step,value
            a/b,c,loss,1,1
            a,b/c,loss,1,2
            x,00000000000000000000000000000001,loss,1,3
            y,00000000000000000000000000000001,loss,1,4

            """)
        let report = try await fixture.take(CSVSource(file))
        let counts = try await counts(fixture)
        #expect(counts["a/b: c"] == 1 && counts["a: b/c"] == 1, "\(counts)")
        // The id of a row stays; the second of one id is not mixed into it.
        #expect(report.notes.left("is in another experiment") == 1, "\(report)")
        #expect(counts.values.reduce(0, +) == 3)
        let again = try await fixture.take(CSVSource(file))
        #expect(again.taken.runs == 0 && again.taken.points == 0, "\(again)")
    }

    private func run(_ id: String, in root: URL, experiment: String = "1") throws -> URL {
        let folder = root.appending(path: "\(experiment)/\(id)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("experiment_id: '\(experiment)'\nname: e\(experiment)\n".utf8)
            .write(to: root.appending(path: "\(experiment)/meta.yaml"))
        try Data("run_uuid: \(id)\nrun_name: r\nstatus: 3\nstart_time: 1700000000000\n".utf8)
            .write(to: folder.appending(path: "meta.yaml"))
        return folder
    }

    @Test(arguments: ["params", "tags", "metrics"])
    func aLinkInPlaceOfADirectoryIsNotFollowed(name: String) async throws {
        let fixture = try await TransferFixture()
        let secrets = fixture.directory.appending(path: "secrets")
        try FileManager.default.createDirectory(at: secrets, withIntermediateDirectories: true)
        try Data("1 2 3\n".utf8).write(to: secrets.appending(path: "key"))
        let root = fixture.directory.appending(path: "mlruns")
        let folder = try run("00000000000000000000000000000001", in: root)
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: name), withDestinationURL: secrets)
        let report = try await fixture.take(MLflowFilesSource(root))
        let found = try #require(try await fixture.runs()["r"]?.run)
        #expect(found.parameters == [:] && found.tags["key"] == nil && found.metrics.isEmpty)
        #expect(report.notes.left("it is a link") == 1, "\(report)")
        // A directory that a person names may be a link.
        let link = fixture.directory.appending(path: "link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: root)
        #expect(try await fixture.take(MLflowFilesSource(link)).present.runs == 1)
    }

    @Test func theOpenStoreIsNoSource() async throws {
        let fixture = try await TransferFixture()
        let path = fixture.directory.appending(path: "own.db")
        let store = try await SQLiteStore.open(path.path)
        let link = fixture.directory.appending(path: "hard.db")
        try FileManager.default.linkItem(at: path, to: link)
        for file in [path, link] {
            #expect(throws: ImportSourceError.self) { try MLflowSource(file) }
            #expect(throws: ImportSourceError.self) { try CSVSource(file) }
        }
        try await store.close()
    }

    @Test(arguments: ["9223372036854775807", "-9223372036854775807", "99999999999999999999"])
    func aTimeNearTheEndOfNumbersIsLeft(time: String) async throws {
        let fixture = try await TransferFixture()
        let file = try fixture.file(
            "t.csv", "run,metric,step,timestamp,value\nr,loss,1,\(time),1\nr,loss,2,5,2\n")
        let report = try await fixture.take(CSVSource(file))
        #expect(report.taken.runs == 1, "\(report)")
    }

    @Test func whatIsTooLargeDoesNotCostTheRun() async throws {
        let fixture = try await TransferFixture()
        let root = fixture.directory.appending(path: "mlruns")
        let folder = try run("00000000000000000000000000000001", in: root)
        for name in ["params", "metrics"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        for index in 0..<140 {
            try Data(String(repeating: "x", count: 8000 + index).utf8)
                .write(to: folder.appending(path: "params/p\(index)"))
        }
        try Data("1000 0.5 1\n".utf8).write(to: folder.appending(path: "metrics/loss"))
        for isDryRun in [true, false] {
            let report = try await fixture.take(MLflowFilesSource(root), dryRun: isDryRun)
            #expect(report.taken.runs == 1 && report.taken.points == 1, "\(report)")
            #expect(report.notes.left("the largest are left") == 140 - report.taken.parameters)
            #expect((125..<140).contains(report.taken.parameters), "\(report)")
        }
        let found = try #require(try await fixture.runs()["r"]?.run.parameters.object)
        #expect(found["p0"] != nil && found["p139"] == nil)
    }

    @Test func aGatedStageIsNotEnteredByAnImport() async throws {
        let fixture = try await TransferFixture()
        let root = fixture.directory.appending(path: "mlruns")
        _ = try run("00000000000000000000000000000001", in: root)
        func version(_ number: Int, _ stage: String) throws {
            let folder = root.appending(path: "models/net/version-\(number)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("name: net\ncreation_timestamp: 5\n".utf8)
                .write(to: root.appending(path: "models/net/meta.yaml"))
            try Data("version: \(number)\ncurrent_stage: \(stage)\ncreation_timestamp: 6\n".utf8)
                .write(to: folder.appending(path: "meta.yaml"))
        }
        try version(1, "Production")
        _ = try await fixture.take(MLflowFilesSource(root))
        let workspace = try await fixture.store.localWorkspace()
        let model = try #require(try await workspace.models.all().first)
        #expect(try await workspace.modelVersions.of(model: model.id).map(\.stage) == [.production])
        try await workspace.write { tx in
            _ = try tx.models.setPromotionPolicy(
                PromotionPolicy(approvals: 2), for: .production, of: model.id)
        }
        try version(2, "Production")
        try version(3, "Staging")
        let report = try await fixture.take(MLflowFilesSource(root))
        let stages = try await workspace.modelVersions.of(model: model.id)
        let byNumber = Dictionary(uniqueKeysWithValues: stages.map { ($0.number, $0.stage) })
        #expect(byNumber == [1: .production, 2: .development, 3: .staging], "\(report)")
        #expect(report.notes.changed("which has gates here") == 1, "\(report)")
    }

    @Test func aServerThatLeadsInACircleIsLeft() throws {
        #expect(try MLflowServerSource.next("b", after: "a") == "b")
        #expect(try MLflowServerSource.next("", after: "a") == "")
        #expect(throws: ImportSourceError.self) { try MLflowServerSource.next("a", after: "a") }
    }
}
