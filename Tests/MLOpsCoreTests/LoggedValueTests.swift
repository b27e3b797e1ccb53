import Foundation
import InMemoryLogging
import Logging
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// What the logger makes of values that are not numbers, and of steps that are not given.
@Suite struct LoggedValueTests {
    private struct Mixed: Encodable {
        let loss = 0.5
        let name = "adam"
        let done = true
        let start = Date()
        let sizes = [1, 2]
        let nested: [String: JSONValue] = ["x": 1, "y": "text", "z": nil, "list": [["a": 1]]]
        let total: Decimal = 1.25
        let site = URL(filePath: "/a")
    }

    private struct Failing: Encodable {
        func encode(to encoder: any Encoder) throws { throw StoreError(.invalidValue, "no") }
    }

    @Test func aFieldWithoutANumberIsRefusedByName() async throws {
        let handler = InMemoryLogHandler()
        var configuration = SQLiteConfiguration()
        configuration.logger = Logger(label: "test") { _ in handler }
        let workspace = try await SQLiteStore.inMemory(configuration: configuration)
            .localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        run.log(Mixed(), step: 1)
        #expect(run.refusedPoints == 7)
        run.log("only a text" as String, step: 1)
        run.log(0.5 as Double, step: 1)
        run.log([1, 2], step: 1)
        run.log(Failing(), step: 1)
        #expect(run.refusedPoints == 11)
        let ended = try await run.finish()
        #expect(ended.metrics.mapValues(\.last) == ["loss": 0.5, "nested/x": 1, "total": 1.25])
        run.log(Mixed(), step: 2)
        #expect(run.refusedPoints == 21)
        let warnings = handler.entries.filter { $0.message.description.contains("only numbers") }
        #expect(warnings.count == 1)
        let fields = warnings.first?.metadata["fields"]?.description ?? ""
        for field in ["name", "done", "start", "sizes", "nested/y", "nested/list", "site"] {
            #expect(fields.contains(field), "\(fields)")
        }
    }

    @Test func stepsCountOnWhateverTheBatches() throws {
        let seed = randomSeed()
        var generator = SplitMix64(seed: seed)
        var buffer = MetricBuffer(TrackingOptions(), steps: ["m0": 41])
        var expected: [String: Int64] = ["m0": 41]
        var names: Set = ["m0"]
        for _ in 0..<2000 {
            let name = "m\(Int.random(in: 0..<12, using: &generator))"
            names.insert(name)
            let given =
                Bool.random(using: &generator)
                ? Int64.random(in: 0..<100, using: &generator) : nil
            let step = given ?? (expected[name].map { $0 + 1 } ?? 0)
            expected[name] = max(expected[name] ?? .min, step)
            _ = buffer.add(1) { $0.addIfStorable(name, 1, step: given, at: Date()) ? 0 : 1 }
            guard Int.random(in: 0..<20, using: &generator) == 0 else { continue }
            let batch = buffer.take()
            let last = batch.points.last
            #expect(last?.step == step, "seed \(seed)")
            #expect(last.map { batch.names[$0.name] } == name, "seed \(seed)")
            // A batch that is written again, or whose memory is used again.
            buffer.putBack(
                batch,
                after: Bool.random(using: &generator) ? .stored : .unknown(StoreError(.busy, "")))
            if buffer.isNextRepeated { buffer.putBack(buffer.take(), after: .stored) }
        }
        #expect(buffer.take().summaries.keys.allSatisfy(names.contains), "seed \(seed)")
    }
}
