import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

/// Directories of MLflow's file store of which one file is cut off or has a flipped bit.
@Suite struct MLflowFilesDamageTests {
    private static func id(_ run: Int) -> String {
        String(repeating: "0", count: 31) + String(run)
    }

    private static let files: [String: String] = {
        var files = [
            "1/meta.yaml": "experiment_id: '1'\nname: one\nlifecycle_stage: active\n",
            "models/net/meta.yaml": "name: net\ncreation_timestamp: 5\n",
            "models/net/version-1/meta.yaml": "version: 1\ncreation_timestamp: 6\n",
        ]
        for run in 1...3 {
            let folder = "1/\(id(run))"
            files["\(folder)/meta.yaml"] = """
                run_uuid: \(id(run))
                run_name: run \(run)
                status: 3
                start_time: 1700000000000
                end_time: 1700000001000

                """
            files["\(folder)/metrics/loss"] = (0..<20).map { "\(1000 + $0) \(run).5 \($0)\n" }
                .joined()
            files["\(folder)/params/rate"] = "0.1"
        }
        return files
    }()

    private func store(_ fixture: TransferFixture, with files: [String: Data]) throws -> URL {
        let root = fixture.directory.appending(path: "mlruns")
        try? FileManager.default.removeItem(at: root)
        for (name, text) in Self.files {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try (files[name] ?? Data(text.utf8)).write(to: file)
        }
        return root
    }

    /// Points by the id of their run.
    private func values(_ fixture: TransferFixture) async throws -> [String: Set<MetricPoint>] {
        var found: [String: Set<MetricPoint>] = [:]
        for run in try await fixture.runs().values {
            let id = run.run.environment["imported"]?["id"]?.string ?? ""
            found[id] = Set(run.points["loss"] ?? [])
        }
        return found
    }

    /// Imports with one damaged file; other runs are whole.
    private func take(
        _ name: String, _ data: Data, _ context: String
    ) async throws -> [String: Set<MetricPoint>] {
        let fixture = try await TransferFixture()
        let root = try store(fixture, with: [name: data])
        do {
            let report = try await fixture.take(MLflowFilesSource(root))
            let found = try await values(fixture)
            for run in 1...3
            where !name.contains(Self.id(run)) && name.contains(Self.id(0).dropLast()) {
                #expect(found[Self.id(run)]?.count == 20, "\(context): \(report)")
            }
            return found
        } catch let error as ImportSourceError {
            #expect(!error.message.isEmpty, "\(context)")
            return [:]
        }
    }

    @Test func aFileThatIsCutOffCostsAtMostItself() async throws {
        let whole = try await TransferFixture()
        _ = try await whole.take(MLflowFilesSource(store(whole, with: [:])))
        let all = try await values(whole)
        #expect(all.count == 3 && all.values.allSatisfy { $0.count == 20 })
        for (name, text) in Self.files.sorted(by: { $0.key < $1.key })
        where !name.contains(Self.id(2)) && !name.contains(Self.id(3)) {
            let data = Data(text.utf8)
            for length in stride(from: 0, to: data.count, by: max(1, data.count / 12)) {
                let found = try await take(name, data.prefix(length), "\(name), \(length)")
                for (id, points) in found {
                    #expect(points.isSubset(of: all[id] ?? []), "\(name), \(length)")
                }
            }
        }
    }

    @Test func aFlippedBitNeverCrashes() async throws {
        var random = SeededGenerator()
        let names = Self.files.keys.sorted()
        for _ in 0..<80 {
            guard let name = names.randomElement(using: &random), let text = Self.files[name] else {
                continue
            }
            var data = Data(text.utf8)
            let bit = Int.random(in: 0..<data.count * 8, using: &random)
            data[bit / 8] ^= 1 << (bit % 8)
            _ = try await take(name, data, "seed \(random.seed), \(name), bit \(bit)")
        }
    }

    @Test func oddRunsAndNamesAreTaken() async throws {
        let fixture = try await TransferFixture()
        let root = try store(fixture, with: [:])
        func write(_ text: String, _ name: String) throws {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        // Parents in a circle, a run in two experiments, one without a time, and other alphabets.
        try write(Self.id(2), "1/\(Self.id(1))/tags/mlflow.parentRunId")
        try write(Self.id(1), "1/\(Self.id(2))/tags/mlflow.parentRunId")
        try write("experiment_id: '2'\nname: эксперимент 漢\n", "2/meta.yaml")
        try write(
            "run_uuid: \(Self.id(3))\nrun_name: run 3\nstatus: 3\n", "2/\(Self.id(3))/meta.yaml")
        try write(
            "run_uuid: \(Self.id(4))\nrun_name: تجربة\nstart_time: -5000\n"
                + "end_time: 4200000000123\n",
            "2/\(Self.id(4))/meta.yaml")
        try write("-2000 1 -3\n4200000000123 2 4\n", "2/\(Self.id(4))/metrics/потери ᏣᎳᎩ")
        try write("🙂", "2/\(Self.id(4))/params/学習率")
        let report = try await fixture.take(MLflowFilesSource(root))
        let runs = try await fixture.runs()
        #expect(report.taken.runs == 4 && report.notes.changed("its own ancestor") == 2)
        #expect(report.notes.changed("two experiments have it") == 1, "\(report)")
        let odd = try #require(runs["تجربة"])
        #expect(odd.experiment.name == "эксперимент 漢" && odd.run.parameters == ["学習率": "🙂"])
        #expect(odd.run.startedAt == Date(timeIntervalSince1970: -5))
        let points = try #require(odd.points["потери ᏣᎳᎩ"])
        #expect(points.map(\.step) == [-3, 4])
        #expect(points[0].timestamp == Date(timeIntervalSince1970: -2))
        #expect(points[1].timestamp == Date(timeIntervalSince1970: 4_200_000_000.123))
    }
}
