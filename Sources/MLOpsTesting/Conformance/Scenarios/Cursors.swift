import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Cursors as a client may send them: every store refuses the same ones.
    static let cursors: [Scenario] = [
        Scenario("Query: a cursor with a value that no row has is refused") { context in
            let tree = try await context.tree()
            try await context.workspace.runs.insert(
                contentsOf: (0..<3).map { Fixtures.run(100 + $0, of: tree.experiment.id) })
            for (name, order, fitting) in runOrders {
                let page = try await context.workspace.runs.page(Query(order: order, limit: 1))
                let next = try #require(page.next)
                for value in forgedValues where value.isRefused(by: fitting) {
                    let cursor = try #require(next.replacingValue(value.json))
                    await expectError(.invalidValue, "\(name): \(value.name)") {
                        try await context.workspace.runs.page(Query(order: order, after: cursor))
                    }
                }
            }
        },
        Scenario("Query: a forged cursor of an index is refused") { context in
            let tree = try await context.tree()
            try await context.workspace.metrics.insert(
                contentsOf: (0..<3).map {
                    Fixtures.metric(100 + $0, of: tree.run.id, name: "m", step: Int64($0))
                })
            let page = try await context.workspace.metrics.page(Query(limit: 1))
            let next = try #require(page.next)
            // The index has a run, a name and a step.
            let kinds = ["u", "t", "i"]
            for (position, kind) in kinds.enumerated() {
                for value in forgedValues where value.kind != kind || value.isOutside {
                    let cursor = try #require(next.replacingValue(value.json, at: position))
                    await expectError(.invalidValue, "\(kind): \(value.name)") {
                        try await context.workspace.metrics.page(Query(after: cursor))
                    }
                }
            }
        },
        Scenario("Query: a damaged cursor is refused, or a place between rows") { context in
            let tree = try await context.tree()
            try await context.workspace.runs.insert(
                contentsOf: (0..<5).map { Fixtures.run(100 + $0, of: tree.experiment.id) })
            let seed = randomSeed()
            var generator = SplitMix64(seed: seed)
            for (name, order, _) in runOrders {
                let next = try #require(
                    try await context.workspace.runs.page(Query(order: order, limit: 2)).next)
                let document = try #require(Data(base64Encoded: next.description))
                for _ in 0..<40 {
                    var bytes = Array(document)
                    for _ in 0...Int.random(in: 0...2, using: &generator) {
                        let place = Int.random(in: bytes.indices, using: &generator)
                        switch Int.random(in: 0..<3, using: &generator) {
                        case 0: bytes.remove(at: place)
                        case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                        default:
                            bytes.insert(
                                Array("019-\"[],e.null".utf8).randomElement(using: &generator) ?? 0,
                                at: place)
                        }
                    }
                    let cursor = Cursor(Data(bytes).base64EncodedString())
                    do {
                        _ = try await context.workspace.runs.page(
                            Query(order: order, after: cursor))
                    } catch let error as StoreError {
                        let text = String(decoding: bytes, as: UTF8.self)
                        #expect(
                            error.code == .invalidValue && error.field == "cursor",
                            "seed \(seed), \(name): \(text): \(error)")
                    }
                }
            }
        },
    ]

    private typealias RunOrder = @Sendable (ExperimentRun.Columns) -> [Order<ExperimentRun>]

    /// Orders of runs by one key each, with the tag of the values that the key has.
    private static let runOrders: [(name: String, order: RunOrder, kind: String)] = [
        ("text", { [$0.runName.ascending] }, "t"), ("time", { [$0.startedAt.descending] }, "m"),
        ("id", { [$0.id.ascending] }, "u"), ("real", { [$0.durationSeconds.ascending] }, "r"),
        ("integer", { [$0.revision.descending] }, "i"),
        ("number", { [$0.parameters["lr"].ascending] }, "n"),
    ]

    /// A value of a cursor: its tag, and whether it lies outside of what a row can have.
    private struct ForgedValue: Sendable {
        let name: String
        let json: JSONValue
        var kind: String { json[0]?.string ?? "" }
        let isOutside: Bool

        init(_ name: String, _ json: JSONValue, isOutside: Bool = false) {
            (self.name, self.json, self.isOutside) = (name, json, isOutside)
        }

        /// Whether a key with values of a kind refuses it; `n` stands for integers and reals.
        func isRefused(by expected: String) -> Bool {
            if json == nil { return false }
            if expected == "n" { return isOutside || kind != "i" && kind != "r" }
            // A column keeps NaN as no value.
            return isOutside || kind != expected || json == ["r", "NaN"]
        }
    }

    private static let forgedValues: [ForgedValue] = [
        ForgedValue("null", nil), ForgedValue("integer", ["i", 5]),
        ForgedValue("largest integer", ["i", .int(.max)]), ForgedValue("real", ["r", 0.5]),
        ForgedValue("infinity", ["r", "Infinity"]), ForgedValue("-infinity", ["r", "-Infinity"]),
        ForgedValue("NaN", ["r", "NaN"]), ForgedValue("text", ["t", "x"]),
        ForgedValue("text of an integer", ["t", "5"]), ForgedValue("true", ["b", true]),
        ForgedValue("id", ["u", "00000000-0000-0000-0000-000000000000"]),
        ForgedValue("no id", ["u", "x"], isOutside: true),
        ForgedValue(
            "an id with signs", ["u", "+1+1+1+1-+1+1-+1+1-+1+1-+1+1+1+1+1+1"], isOutside: true),
        ForgedValue("time", ["m", 0]),
        ForgedValue("first time", ["m", .int(.min)], isOutside: true),
        ForgedValue("last time", ["m", .int(.max)], isOutside: true),
        ForgedValue(
            "a text too long", ["t", .string(String(repeating: "x", count: 1 << 20 + 1))],
            isOutside: true),
        ForgedValue("unknown tag", ["x", 1], isOutside: true),
        ForgedValue("no pair", ["i"], isOutside: true), ForgedValue("bare", 5, isOutside: true),
        ForgedValue("document", ["a": 1], isOutside: true),
    ]
}

extension Cursor {
    /// The cursor with another value at a position of its order.
    fileprivate func replacingValue(_ value: JSONValue, at position: Int = 0) -> Cursor? {
        guard let data = Data(base64Encoded: description),
            case .array(var parts)? = try? JSONDecoder().decode(JSONValue.self, from: data),
            case .array(var values) = parts[1], values.indices.contains(position)
        else { return nil }
        values[position] = value
        parts[1] = .array(values)
        return (try? JSONEncoder().encode(parts)).map { Cursor($0.base64EncodedString()) }
    }
}
