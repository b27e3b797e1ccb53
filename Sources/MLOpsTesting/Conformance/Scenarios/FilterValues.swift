import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Filters on documents with values of every type, and on related rows.
    static let filterValues: [Scenario] = [
        Scenario("Filter: a JSON path compares with variables of every type") { context in
            let tree = try await context.tree()
            let parameters = Sample(
                rate: 0.1, small: 0.1, layers: 3, optimizer: .init(name: "adam", key: .adam),
                bias: true, start: date, none: nil, sizes: [64, 32], words: ["ada", "bob"])
            let run = try await context.workspace.runs.insert(
                Fixtures.run(
                    2, of: tree.experiment.id, parameters: try JSONValue(encoding: parameters)))
            let (threshold, float, margin, three, small, name, flag) = (
                0.05, Float(0.1), 0.9, 3, UInt8(3), "adam", true
            )
            let (maybe, nothing) = (Double?.some(0.1), Double?.none)
            let found: [(String, ParameterFilter)] = [
                ("> Double", { $0["rate"] > threshold }),
                ("== Float", { $0["small"] == float }),
                ("== Double?", { $0["rate"] == maybe }),
                ("an expression", { $0["rate"] >= 1 - margin - 1e-9 }),
                ("== Int", { $0["layers"] == three }), ("<= UInt8", { $0["layers"] <= small }),
                ("< UInt64", { $0["layers"] < UInt64(1) << 63 }),
                ("== String", { $0["optimizer", "name"] == name }),
                ("== Substring", { $0["optimizer", "name"] == name.prefix(4) }),
                ("== Bool", { $0["bias"] == flag }),
                ("== enum", { $0["optimizer", "key"] == Key.adam }),
                ("!= nil", { $0["rate"] != nothing }), ("== nil", { $0["none"] == nothing }),
                ("== Date", { $0["start"] == date }), (">= Date", { $0["start"] >= date }),
                ("array", { $0["sizes"] == [64, 32] }), ("element", { $0["sizes"][1] == 32 }),
                ("has element", { $0["sizes"].contains(64) }),
                ("has text", { $0["words"].contains("bob") }),
                ("contains", { $0["optimizer", "name"].contains("da") }),
                ("hasPrefix", { $0["optimizer", "name"].hasPrefix("ad") }),
                ("prefix of element", { $0["words"][0].hasPrefix("ad") }),
                ("like", { $0["optimizer", "name"].like("A_A%") }),
                ("isIn strings", { $0["optimizer", "name"].isIn(["sgd", name]) }),
                ("isIn numbers", { $0["layers"].isIn([1, 2, 3]) }),
                ("isIn doubles", { $0["rate"].isIn([threshold, 0.1]) }),
                ("isIn optionals", { $0["none"].isIn([nothing, 1]) }),
                ("isIn mixed", { $0["bias"].isIn([1, "x", true] as [JSONValue]) }),
            ]
            for (about, filter) in found {
                let runs = try await context.workspace.runs.all { filter($0.parameters) }
                #expect(runs.contains(run), "\(about)")
                let others = try await context.workspace.runs.all { !filter($0.parameters) }
                #expect(!others.contains(run), "not \(about)")
            }
            let missed: [(String, ParameterFilter)] = [
                ("> nil", { $0["rate"] > nothing }), ("isIn nothing", { $0["rate"].isIn([Int]()) }),
                ("element out of range", { $0["sizes"][2].exists }),
                ("negative element", { $0["sizes"][-1].exists }),
                ("far element", { $0["sizes"][1 << 40].exists }),
                ("element of an object", { $0["optimizer"][0].exists }),
                ("member of an array", { $0["sizes"]["0"].exists }),
                ("no element", { $0["sizes"].contains(65) }),
                ("part of an element", { $0["words"].contains("ad") }),
                ("part of a number", { $0["layers"].contains("3") }),
                ("nan", { $0["rate"].isIn([Double.nan]) }),
            ]
            for (about, filter) in missed {
                let runs = try await context.workspace.runs.all {
                    filter($0.parameters) && $0.id == run.id
                }
                #expect(runs.isEmpty, "\(about)")
            }
            await expectError(.invalidValue) {
                try await context.workspace.runs.all { $0.parameters["a"] == UInt64.max }
            }
            await expectError(.invalidValue) {
                try await context.workspace.runs.all { $0.parameters["a"].like("\\") }
            }
        },
        Scenario("Filter: times in a document compare by time") { context in
            let tree = try await context.tree()
            let offsets = [-1, -0.5, 0, 0.25, 0.75, 1]
            let times = offsets.map { date.addingTimeInterval($0) }
            try await context.workspace.runs.insert(
                contentsOf: try times.enumerated().map {
                    Fixtures.run(
                        $0 + 2, of: tree.experiment.id, name: "\(offsets[$0])",
                        parameters: ["at": try JSONValue(encoding: $1)])
                })
            for (offset, time) in zip(offsets, times) {
                func names(
                    _ filter: @escaping @Sendable (JSONPath<ExperimentRun>) -> Filter<ExperimentRun>
                ) async throws -> Set<String> {
                    Set(
                        try await context.workspace.runs.all { filter($0.parameters["at"]) }
                            .map(\.runName))
                }
                func expected(_ holds: (Double) -> Bool) -> Set<String> {
                    Set(offsets.filter(holds).map { "\($0)" })
                }
                #expect(try await names { $0 < time } == expected { $0 < offset })
                #expect(try await names { $0 <= time } == expected { $0 <= offset })
                #expect(try await names { $0 > time } == expected { $0 > offset })
                #expect(try await names { $0 >= time } == expected { $0 >= offset })
                #expect(try await names { $0 == time } == expected { $0 == offset })
            }
        },
        Scenario("Filter: a dotted key is refused with the forms that work") { context in
            let tree = try await context.tree()
            let flat = Fixtures.run(
                2, of: tree.experiment.id, parameters: ["optimizer.name": "adam"],
                tags: ["mlflow.user": "ada"])
            let run = try await context.workspace.runs.insert(flat)
            let queries: [Query<ExperimentRun>] = [
                Query(where: { $0.parameters["optimizer.name"] == "adam" }),
                Query(where: { !$0.parameters["optimizer.name"].exists }),
                Query(where: { $0.parameters["optimizer.name"].isIn(["adam"]) }),
                Query(order: { [$0.parameters["optimizer.name"].ascending] }),
            ]
            for query in queries {
                let error = await expectError(.invalidValue) {
                    try await context.workspace.runs.page(query)
                }
                #expect(error?.message.contains(#"parameters["optimizer", "name"]"#) == true)
                #expect(error?.message.contains(#"parameters[key: "optimizer.name"]"#) == true)
            }
            let found = try await context.workspace.runs.all {
                $0.parameters[key: "optimizer.name"] == "adam" && $0.tags["mlflow.user"] == "ada"
                    && !$0.artifacts["weights.bin"].exists && !$0.parameters["a."].exists
            }
            #expect(found == [run])
        },
    ]

    private typealias ParameterFilter =
        @Sendable (JSONColumn<ExperimentRun>) -> Filter<ExperimentRun>

    private static let date = Fixtures.date

    private struct Sample: Encodable {
        struct Optimizer: Encodable {
            let name: String
            let key: Key
        }
        let rate: Double
        let small: Float
        let layers: Int
        let optimizer: Optimizer
        let bias: Bool
        let start: Date
        let none: Double?
        let sizes: [Int]
        let words: [String]
    }

    private enum Key: String, Encodable, JSONComparable { case adam, sgd }
}
