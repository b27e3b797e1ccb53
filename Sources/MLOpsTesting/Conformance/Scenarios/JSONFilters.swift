import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Filters on JSON documents: types, numbers, and keys of every spelling.
    static let jsonFilters: [Scenario] = [
        Scenario("Filter: a JSON path compares with values of its own type only") { context in
            let tree = try await context.tree()
            let configs: [(String, JSONValue)] = [
                ("int", ["k": 5]), ("double", ["k": 5.5]), ("text", ["k": "5"]),
                ("true", ["k": true]), ("null", ["k": nil]), ("array", ["k": [5]]),
                ("object", ["k": ["k": 5]]), ("none", [:]), ("zero", ["k": 0]),
                ("large", ["k": 9_007_199_254_740_993]),
            ]
            try await context.workspace.experiments.insert(
                contentsOf: configs.map {
                    Experiment(project: tree.project.id, name: $0, config: $1)
                })
            let all = configs.map(\.0) + ["experiment-1"]
            func but(_ names: String...) -> [String] { all.filter { !names.contains($0) } }
            try await expect("== 5", column.config["k"] == 5, ["int"], context)
            try await expect("== 5.0", column.config["k"] == 5.0, ["int"], context)
            try await expect("== 5.5", column.config["k"] == 5.5, ["double"], context)
            try await expect("== text", column.config["k"] == "5", ["text"], context)
            try await expect("== true", column.config["k"] == true, ["true"], context)
            try await expect("== 1", column.config["k"] == 1, [], context)
            let absent = ["experiment-1", "none", "null"]
            try await expect("== nil", column.config["k"] == nil, absent, context)
            try await expect("== null", column.config["k"] == JSONValue.null, absent, context)
            try await expect(
                "!= nil", column.config["k"] != nil, all.filter { !absent.contains($0) }, context)
            try await expect("> nil", column.config["k"] > Int?.none, [], context)
            try await expect("== array", column.config["k"] == [5], ["array"], context)
            try await expect("== object", column.config["k"] == ["k": 5], ["object"], context)
            try await expect("!= 5", column.config["k"] != 5, but("int"), context)
            try await expect("!(== 5)", !(column.config["k"] == 5), but("int"), context)
            try await expect("> 4", column.config["k"] > 4, ["double", "int", "large"], context)
            try await expect(
                "!(> 4)", !(column.config["k"] > 4), but("int", "double", "large"), context)
            try await expect("> text", column.config["k"] > "4", ["text"], context)
            try await expect("<= 5", column.config["k"] <= 5, ["int", "zero"], context)
            try await expect(
                "exists", column.config["k"].exists, but("none", "experiment-1"), context)
            try await expect("nested", column.config["k", "k"] == 5, ["object"], context)
            try await expect("nested exists", column.config["k", "k"].exists, ["object"], context)
            try await expect("no such path", column.config["x", "y", "z"] == 1, [], context)
            try await expect("no such path !=", column.config["x", "y"] != 1, all, context)
            try await expect(
                "large integer", column.config["k"] == 9_007_199_254_740_993, ["large"], context)
            try await expect(
                "its neighbour", column.config["k"] == 9_007_199_254_740_992, [], context)
        },
        Scenario("Filter: a number in a document is what it amounts to, alone and within") {
            context in
            let tree = try await context.tree()
            let configs: [(String, JSONValue)] = [
                ("2^60", ["k": 0x1p60]), ("2^60 + 256", ["k": .double(0x1p60.nextUp)]),
                ("in an array", ["k": [1.0, 2]]), ("in an object", ["k": ["x": 1, "y": [2.0]]]),
                ("long", ["k": .string(String(repeating: "long ", count: 1000))]),
            ]
            try await context.workspace.experiments.insert(
                contentsOf: configs.map {
                    Experiment(project: tree.project.id, name: $0, config: $1)
                })
            let path = column.config["k"]
            try await expect("== 2^60", path == 0x1p60, ["2^60"], context)
            try await expect("as an integer", path == 1_152_921_504_606_846_976, ["2^60"], context)
            try await expect("<= 2^60", path <= 0x1p60, ["2^60"], context)
            try await expect("> 2^60", path > 0x1p60, ["2^60 + 256"], context)
            try await expect("array", path == [1, 2.0], ["in an array"], context)
            try await expect("another", path == [2, 1], [], context)
            try await expect(
                "object", path == ["y": [2], "x": 1.0], ["in an object"], context)
            try await expect("part of it", path == ["x": 1], [], context)
            try await expect("long text", path == configs[4].1["k"] ?? .null, ["long"], context)
            let longest = String(repeating: "x", count: 1 << 20)
            try await expect("longest text", path == .string(longest), [], context)
            for refused in [longest + "x", "a\0b"] {
                await expectError(.invalidValue) {
                    try await context.workspace.experiments.count { _ in path == .string(refused) }
                }
            }
        },
        Scenario("Filter: a JSON path takes keys of every spelling") { context in
            let tree = try await context.tree()
            let keys = [
                "a.b", "a b", "a\"b", "a'b", "a\\b", "$", "[0]", "", "ä", "🎯", "a\nb", "--", "%",
                "k\u{1}",
            ]
            for key in keys {
                let name = "key \(key.unicodeScalars.map { String($0.value) })"
                try await context.workspace.experiments.insert(
                    Experiment(
                        project: tree.project.id, name: name,
                        config: .object([key: .object([key: 1])])))
                try await expect("nested \(key)", column.config[key, key] == 1, [name], context)
                try await expect("exists \(key)", column.config[key: key].exists, [name], context)
                try await expect(
                    "object \(key)", column.config[key: key] == .object([key: 1]), [name], context)
            }
        },
        Scenario("Filter: keys that no path syntax spells, below other keys") { context in
            let tree = try await context.tree()
            let odd = "a \"b\" \\ \u{1}"
            for (number, parameters) in [
                [odd: ["x": 1]], [odd: "text"], [odd: [odd: 2]], [odd: [1, 2]], [:],
            ].enumerated() as EnumeratedSequence<[JSONValue]> {
                try await context.workspace.runs.insert(
                    Fixtures.run(
                        number + 2, of: tree.experiment.id, name: "run \(number)",
                        parameters: parameters))
            }
            func names(
                order: @escaping (ExperimentRun.Columns) -> Order<ExperimentRun> = {
                    $0.runName.ascending
                },
                _ filter: @escaping (ExperimentRun.Columns) -> Filter<ExperimentRun>
            ) async throws -> [String] {
                try await context.workspace.runs.all(where: filter, order: { [order($0)] })
                    .map(\.runName)
            }
            #expect(try await names { $0.parameters[odd] == [1, 2] } == ["run 3"])
            #expect(try await names { $0.parameters[odd] == ["x": 1] } == ["run 0"])
            let found = try await names(order: { $0.parameters[odd, odd].descending }) {
                $0.parameters[odd].exists
            }
            #expect(found.first == "run 2" && found.count == 4)
            #expect(try await names { $0.parameters[odd].exists }.count == 4)
            #expect(try await names { $0.parameters[odd, "x"] == 1 } == ["run 0"])
            #expect(try await names { $0.parameters[odd, odd] == 2 } == ["run 2"])
            #expect(try await names { $0.parameters[odd, "0"].exists } == [])
            #expect(try await names { $0.parameters[odd] == "text" } == ["run 1"])
        },
    ]

    private static let column = Experiment.columns
}
