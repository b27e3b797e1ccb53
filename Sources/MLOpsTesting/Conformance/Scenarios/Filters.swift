import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Filters: comparison, text, tags, and absent values.
    static let filters: [Scenario] = [
        Scenario("Filter: a column of truth values is a condition by itself") { context in
            let workspace = context.workspace
            let user = workspace.principal.userID
            for number in 1...3 {
                try await workspace.apiKeys.insert(Fixtures.apiKey(number, of: user))
            }
            var off = try await workspace.apiKeys.find(Fixtures.id(APIKey.self, 2))
            off.isActive = false
            try await workspace.apiKeys.update(off)
            let name = off.name
            let found = try await context.read { tx in
                [
                    try tx.apiKeys.all(where: { $0.isActive }, order: { [$0.id.ascending] }),
                    try tx.apiKeys.all(where: { !$0.isActive }),
                    try tx.apiKeys.all(where: { $0.isActive && $0.name == name }),
                    try tx.apiKeys.all(where: { $0.name == name && !$0.isActive }),
                    try tx.apiKeys.all(where: { $0.isActive || $0.isActive == false }),
                    try tx.apiKeys.all(where: { $0.isActive && $0.isActive }),
                ]
            }
            #expect(found.map(\.count) == [2, 1, 0, 1, 3, 2])
            #expect(found[1].map(\.id) == [off.id])
        },
        Scenario("Filter: an id is found by either end, in any case, and by nothing else") {
            context in
            let tree = try await context.tree()
            let ids = (1...3).map { _ in Identifier<Experiment>() }
            for (number, id) in ids.enumerated() {
                try await context.workspace.experiments.insert(
                    Experiment(id: id, project: tree.project.id, name: "\(number)"))
            }
            func found(_ part: String) async throws -> [Identifier<Experiment>] {
                try await context.workspace.experiments.all { $0.id.hasEnd(part) }.map(\.id)
            }
            let text = ids[1].description
            #expect(try await found(text) == [ids[1]])
            #expect(try await found(String(text.suffix(10))) == [ids[1]])
            #expect(try await found(String(text.suffix(10)).uppercased()) == [ids[1]])
            #expect(try await found(String(text.prefix(8))).contains(ids[1]))
            // The middle is no end, and signs of patterns stand for themselves.
            for part in [String(text.dropFirst(9).dropLast(9)), "", "%", "_", "x", "\0"] {
                #expect(try await found(part) == [], "\(part)")
            }
        },
        Scenario("Filter: an absent value differs from every value, and NOT is exact") { context in
            let tree = try await context.tree()
            try await context.workspace.experiments.insert(contentsOf: [
                Experiment(project: tree.project.id, name: "a", description: "x"),
                Experiment(project: tree.project.id, name: "b", description: "y"),
                Experiment(project: tree.project.id, name: "c", description: nil),
            ])
            try await expect("== x", column.description == "x", ["a"], context)
            try await expect(
                "!= x", column.description != "x", ["b", "c", "experiment-1"], context)
            try await expect(
                "!(== x)", !(column.description == "x"), ["b", "c", "experiment-1"], context)
            try await expect("!(!= x)", !(column.description != "x"), ["a"], context)
            try await expect("== nil", column.description == nil, ["c", "experiment-1"], context)
            try await expect("!= nil", column.description != nil, ["a", "b"], context)
            try await expect("isNull", column.description.isNull, ["c", "experiment-1"], context)
            try await expect("isNotNull", column.description.isNotNull, ["a", "b"], context)
            try await expect("> x", column.description > "x", ["b"], context)
            try await expect(
                "!(> x)", !(column.description > "x"), ["a", "c", "experiment-1"], context)
            try await expect("<= x", column.description <= "x", ["a"], context)
            try await expect("> nil", column.description > nil, [], context)
            try await expect(
                "!(> nil)", !(column.description > nil), ["a", "b", "c", "experiment-1"], context)
            try await expect("in", column.description.isIn(["x", "y", "z"]), ["a", "b"], context)
            try await expect("in nothing", column.description.isIn([]), [], context)
            try await expect(
                "!in", !column.description.isIn(["x"]), ["b", "c", "experiment-1"], context)
            try await expect(
                "and, or", column.name == "a" || column.description == nil && column.name != "c",
                ["a", "experiment-1"], context)
            try await expect("model", column.modelID == nil, ["a", "b", "c"], context)
            try await expect(
                "enum", column.status.isIn([.running, .failed]), ["experiment-1"], context)
            try await expect("time", column.startedAt >= Fixtures.date, ["experiment-1"], context)
            try await expect(
                "!(time)", !(column.startedAt < Fixtures.date), ["a", "b", "c", "experiment-1"],
                context)
        },
        Scenario("Filter: nil among the values of isIn asks for rows without one") { context in
            let tree = try await context.tree()
            try await context.workspace.experiments.insert(contentsOf: [
                Experiment(project: tree.project.id, name: "a", description: "x"),
                Experiment(project: tree.project.id, name: "c", description: nil),
            ])
            try await expect(
                "in x, nil", column.description.isIn(["x", nil]), ["a", "c", "experiment-1"],
                context)
            try await expect("!in x, nil", !column.description.isIn(["x", nil]), [], context)
            try await expect("!in nil", !column.description.isIn([nil]), ["a"], context)
        },
        Scenario("Filter: isIn takes every text literally, also with marks that join characters") {
            context in
            let tree = try await context.tree()
            // A mark makes one character of a quote or a backslash and what stands beside it.
            let texts = [
                "a\\\u{301}b", "a\"\u{301}b", "x\u{600}\",admin,\"\u{301}y", "\\", "\"", "{,}",
            ]
            try await context.workspace.experiments.insert(
                contentsOf: (texts + ["admin"]).enumerated().map {
                    Experiment(project: tree.project.id, name: "\($0)", description: $1)
                })
            for text in texts {
                let found = try await context.workspace.experiments.all {
                    $0.description.isIn([text, "other"])
                }
                #expect(found.map(\.description) == [text])
            }
        },
        Scenario("Filter: like, hasPrefix and contains take every text literally") { context in
            let tree = try await context.tree()
            let names = [
                "100%", "100 percent", "a_b", "axb", "A_B", #"back\slash"#, "it's", #"a "quote""#,
                "; DROP TABLE models;--", "Ünïcode", "🎯 target", "*?[a]", "line\nbreak",
            ]
            try await context.workspace.experiments.insert(
                contentsOf: names.map { Experiment(project: tree.project.id, name: $0) })
            for name in names {
                let found = try await context.workspace.experiments.all { $0.name == name }
                #expect(found.map(\.name) == [name])
                for part in [String(name.prefix(3)), String(name.suffix(3)), name] {
                    let expected = (names + ["experiment-1"]).filter { $0.contains(part) }.sorted()
                    let found = try await context.workspace.experiments.all {
                        $0.name.contains(part)
                    }
                    #expect(found.map(\.name).sorted() == expected, "contains \(part)")
                    let prefixed = try await context.workspace.experiments.all {
                        $0.name.hasPrefix(part)
                    }
                    let begins = (names + ["experiment-1"]).filter { $0.hasPrefix(part) }.sorted()
                    #expect(prefixed.map(\.name).sorted() == begins, "hasPrefix \(part)")
                }
            }
            try await expect("escaped %", column.name.like(#"100\%"#), ["100%"], context)
            try await expect("%", column.name.like("100%"), ["100 percent", "100%"], context)
            try await expect("_", column.name.like("a_b"), ["A_B", "a_b", "axb"], context)
            try await expect("escaped _", column.name.like(#"a\_b"#), ["A_B", "a_b"], context)
            try await expect(
                "escaped backslash", column.name.like(#"back\\%"#), [#"back\slash"#], context)
            try await expect("quote", column.name.like("%'%"), ["it's"], context)
            try await expect("glob", column.name.like("*?[a]"), ["*?[a]"], context)
            try await expect(
                "emoji is one character", column.name.like("_ target"), ["🎯 target"], context)
            try await expect("line break", column.name.like("line_break"), ["line\nbreak"], context)
            try await expect("case counts", column.name.hasPrefix("A_"), ["A_B"], context)
            for pattern in [#"\"#, #"a\"#, #"100\%\"#, #"a\\\"#, "x\u{600}\\"] {
                await expectError(.invalidValue, pattern) {
                    try await context.workspace.models.all { $0.name.like(pattern) }
                }
            }
            try await expect("empty pattern", column.name.like(""), [], context)
            let all = try await context.workspace.experiments.count {
                $0.name.contains("") && $0.name.hasPrefix("")
            }
            #expect(all == names.count + 1)
        },
        Scenario("Filter: hasPrefix finds every character that may follow") { context in
            let tree = try await context.tree()
            let names = [
                "p", "pa", "p\u{D7FF}", "p\u{E000}", "p\u{10FFFF}", "p\u{10FFFF}z",
                "p\u{10FFFF}\u{10FFFF}", "q", "\u{D7FF}", "\u{D7FF}z", "\u{E000}", "\u{10FFFF}",
                "\u{10FFFF}\u{10FFFF}a",
            ]
            try await context.workspace.experiments.insert(
                contentsOf: names.map { Experiment(project: tree.project.id, name: $0) })
            for prefix in ["p", "p\u{10FFFF}", "\u{D7FF}", "\u{10FFFF}", "\u{10FFFF}\u{10FFFF}"] {
                let found = try await context.workspace.experiments.all {
                    $0.name.hasPrefix(prefix)
                }
                let expected = names.filter {
                    $0.unicodeScalars.starts(with: prefix.unicodeScalars)
                }
                #expect(Set(found.map(\.name)) == Set(expected), "\(prefix.debugDescription)")
            }
        },
        Scenario("Filter: a list of values is as long as it has to be") { context in
            let tree = try await context.tree()
            var ids = (0..<40_000).map { _ in Identifier<Experiment>() }
            ids.insert(tree.experiment.id, at: 20_000)
            let found = try await context.workspace.experiments.all { [ids] in $0.id.isIn(ids) }
            #expect(found == [tree.experiment])
        },
        Scenario("Filter: tags are whole, and of every spelling") { context in
            let tree = try await context.tree()
            let tags = ["a", "ab", "a\"b", "a'b", "ä", "🎯", "", "a,b", "[a]", "1", "true", "null"]
            try await context.workspace.experiments.insert(
                contentsOf: tags.enumerated().map {
                    Experiment(project: tree.project.id, name: "\($0)", tags: [$1, "common"])
                })
            for (index, tag) in tags.enumerated() {
                try await expect(tag, column.tags.contains(tag), ["\(index)"], context)
            }
            let common = try await context.workspace.experiments.count {
                $0.tags.contains("common")
            }
            #expect(common == tags.count)
            try await expect("!common", !column.tags.contains("common"), ["experiment-1"], context)
        },
        Scenario("Filter: metrics of a run, by name and figure") { context in
            let tree = try await context.tree()
            let summary = MetricSummary(last: 0.5, min: 0.1, max: 0.8, step: 9, count: 10)
            var run = Fixtures.run(
                2, of: tree.experiment.id, tags: ["team": "vision", "a \"b\"": "c'd"])
            run.metrics = ["loss": summary]
            run = try await context.history(run)
            let runs = ExperimentRun.columns
            let conditions: [(String, Filter<ExperimentRun>)] = [
                ("last", runs.metrics["loss"] == 0.5),
                ("min", runs.metrics["loss", .min] < 0.2),
                ("max", runs.metrics["loss", .max] >= 0.8),
                ("count", runs.metrics["loss", .count] == 10),
                ("step", runs.metrics["loss", .step] == 9),
                ("tag", runs.tags["team"] == "vision"),
                ("odd tag", runs.tags["a \"b\""] == "c'd"),
                ("none", !(runs.metrics["accuracy"] > 0)),
            ]
            for (name, condition) in conditions {
                let found = try await context.workspace.runs.all { _ in condition }
                #expect(found == [run], "\(name)")
            }
        },
        Scenario("Filter: NaN is equal to nothing, infinities and -0.0 compare as numbers do") {
            context in
            let tree = try await context.tree()
            let values: [Double] = [.nan, .infinity, -.infinity, -0.0, 1]
            try await context.workspace.metrics.insert(
                contentsOf: values.enumerated().map {
                    Fixtures.metric(10 + $0, of: tree.run.id, name: "x", value: $1, step: Int64($0))
                })
            let metrics = RunMetric.columns
            let conditions: [(Int, String, Filter<RunMetric>)] = [
                (0, "== nan", metrics.value == .nan), (5, "!= nan", metrics.value != .nan),
                (0, "< nan", metrics.value < .nan), (5, "!(< nan)", !(metrics.value < .nan)),
                (1, "== inf", metrics.value == .infinity),
                (4, "!= inf", metrics.value != .infinity),
                (1, "< 0", metrics.value < 0), (1, "== 0", metrics.value == 0),
                (2, "> 0", metrics.value > 0), (3, "!(> 0)", !(metrics.value > 0)),
                (2, "in", metrics.value.isIn([.infinity, 1, .nan])),
            ]
            for (count, name, condition) in conditions {
                let found = try await context.workspace.metrics.count {
                    $0.metricName == "x" && condition
                }
                #expect(found == count, "\(name)")
            }
        },
        Scenario("Filter: a value that no column can hold is refused, not ignored") { context in
            await expectError(.invalidValue, "NUL") {
                try await context.workspace.projects.all { $0.name == "a\0b" }
            }
            await expectError(.invalidValue, "a time far out") {
                try await context.workspace.projects.all {
                    $0.createdAt < Date(timeIntervalSince1970: 1e15)
                }
            }
            await expectError(.invalidValue, "in a list") {
                try await context.workspace.projects.all { $0.name.isIn(["a", "b\0"]) }
            }
            await expectError(.invalidValue, "a pattern too long") {
                try await context.workspace.projects.all {
                    $0.name.like(String(repeating: "%", count: 20_000))
                }
            }
            for text in ["a\0", "\0"] {
                await expectError(.invalidValue, "NUL in like, contains, hasPrefix") {
                    try await context.workspace.projects.all { $0.name.like(text) }
                }
                await expectError(.invalidValue) {
                    try await context.workspace.projects.all { $0.name.contains(text) }
                }
                await expectError(.invalidValue) {
                    try await context.workspace.projects.all { $0.name.hasPrefix(text) }
                }
                await expectError(.invalidValue, "NUL in a path's value") {
                    try await context.workspace.projects.all { $0.settings["k"] == .string(text) }
                }
            }
        },
        Scenario("Filter: a list of 5,000 values, and 200 nested conditions") { context in
            let project = try await context.workspace.projects.insert(Fixtures.project(1))
            let ids = (0..<5000).map { _ in Identifier<Project>() } + [project.id]
            let found = try await context.workspace.projects.all { $0.id.isIn(ids) }
            #expect(found == [project])
            let deep = try await context.workspace.projects.all { columns in
                (0..<200).reduce(columns.id == project.id) { filter, _ in !(!filter) }
            }
            #expect(deep == [project])
        },
        Scenario("Filter: chains of 300 conditions, joined one by one") { context in
            let project = try await context.workspace.projects.insert(Fixtures.project(1))
            let columns = Project.columns
            let any = (0..<300).reduce(columns.name == project.name) { filter, number in
                filter || columns.name == "none \(number)"
            }
            let all = (0..<300).reduce(columns.name == project.name) { filter, number in
                columns.name != "none \(number)" && filter
            }
            for filter in [any, all, any && all, !(!any && !all)] {
                let found = try await context.workspace.projects.all { _ in filter }
                #expect(found == [project])
            }
        },
        Scenario("Filter: conditions nested deep answer rightly, or are refused as too deep") {
            context in
            let project = try await context.workspace.projects.insert(Fixtures.project(1))
            let columns = Project.columns
            for depth in [4, 8, 200] {
                var filter = columns.id == project.id
                var negated = columns.settings["a"] != "x"
                for _ in 0..<depth {
                    filter = (filter && columns.isActive == true) || columns.name == "none"
                    negated = columns.name == "none" || !negated
                }
                if depth == 4 { filter = filter && negated }
                do {
                    let found = try await context.workspace.projects.all { _ in filter }
                    #expect(found == [project], "\(depth)")
                } catch let error as StoreError {
                    #expect(error.code == .invalidValue && depth > 8, "\(depth)")
                }
            }
        },
        Scenario("Filter: a thousand comparisons are taken, more are refused by name") { context in
            let tree = try await context.tree()
            func chain(_ count: Int) -> Filter<Model> {
                (1..<count).reduce(Model.columns.name == tree.model.name) { chain, number in
                    chain || Model.columns.name == "other \(number)"
                }
            }
            let taken = chain(1000)
            #expect(try await context.workspace.models.count { _ in taken } == 1)
            let half = chain(500)
            #expect(try await context.workspace.models.count { _ in !half && half } == 0)
            for refused in [chain(1001), !half && taken] {
                await expectError(.invalidValue) {
                    try await context.workspace.models.count { _ in refused }
                }
            }
        },
    ]

    private static let column = Experiment.columns

    /// Checks the names of the experiments that match a condition.
    static func expect(
        _ name: String, _ condition: Filter<Experiment>, _ expected: [String],
        _ context: ConformanceContext
    ) async throws {
        let found = try await context.workspace.experiments.all { _ in condition }
        let count = try await context.workspace.experiments.count { _ in condition }
        #expect(found.map(\.name).sorted() == expected.sorted(), "\(name)")
        #expect(count == expected.count, "count: \(name)")
    }
}
