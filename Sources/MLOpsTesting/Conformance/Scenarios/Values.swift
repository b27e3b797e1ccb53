import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Column values: every value is read back as it was stored, or is refused.
    static let values: [Scenario] = [
        Scenario("Strings of every kind come back as they went in") { context in
            let tree = try await context.tree()
            // The number keeps names apart that look alike.
            for (number, text) in hostileTexts.enumerated() {
                let model = try await context.workspace.models.insert(
                    Model(
                        project: tree.project.id, name: "\(number)" + text, description: text,
                        modelType: text, taskType: text, framework: text, tags: [text, text],
                        metadata: .object(["k" + text: .string(text)])))
                #expect(try await context.workspace.models.find(model.id) == model)
                #expect(model.description?.utf8.elementsEqual(text.utf8) == true)
                let named = try await context.read { [name = model.name] in
                    try $0.models.named(name, in: tree.project.id)
                }
                #expect(named?.id == model.id)
                var hostile = ExperimentRun(
                    experiment: tree.experiment.id, runName: "r" + text, tags: [text: text],
                    logs: text, errorMessage: text)
                hostile.artifacts = [
                    text: Artifact(sha256: text, sizeBytes: 1, fileExtension: text)
                ]
                let run = try await context.history(hostile)
                #expect(try await context.workspace.runs.find(run.id) == run)
                try await context.workspace.runs.delete(run.id)
            }
        },
        Scenario("Strings that no store can keep are refused") { context in
            let tree = try await context.tree()
            let long = String(repeating: "ä", count: String.maximumStoredBytes / 2)
            var run = tree.run
            run.logs = long
            run = try await context.workspace.runs.update(run)
            #expect(run.logs?.utf8.count == 1 << 20)
            for text in ["\0", "a\0b", "a\0", long + "x"] {
                await expectError(.invalidValue) {
                    try await context.workspace.models.insert(
                        Model(project: tree.project.id, name: "n" + text))
                }
                var copy = run
                copy.logs = text
                await expectError(.invalidValue) { [copy] in
                    try await context.workspace.runs.update(copy)
                }
                await expectError(.invalidValue, "a metric's name") {
                    try await context.workspace.metrics.insert(
                        Fixtures.metric(9, of: tree.run.id, name: text))
                }
                await expectError(.invalidValue, "a tag") {
                    try await context.workspace.models.insert(
                        Model(project: tree.project.id, name: "n", tags: [text]))
                }
            }
        },
        Scenario("Names may not be empty") { context in
            let tree = try await context.tree()
            let calls: [(String, @Sendable (any Transaction) throws -> Void)] = [
                ("model", { _ = try $0.models.insert(Model(project: tree.project.id, name: "")) }),
                (
                    "experiment",
                    {
                        _ = try $0.experiments.insert(
                            Experiment(project: tree.project.id, name: ""))
                    }
                ),
                (
                    "run",
                    {
                        _ = try $0.runs.insert(
                            ExperimentRun(experiment: tree.experiment.id, runName: ""))
                    }
                ),
                (
                    "metric",
                    { _ = try $0.metrics.insert(Fixtures.metric(9, of: tree.run.id, name: "")) }
                ),
                (
                    "channel",
                    { _ = try $0.notificationChannels.insert(Fixtures.channel(9, name: "")) }
                ),
                (
                    "rule",
                    {
                        _ = try $0.notificationRules.insert(
                            Fixtures.rule(9, to: tree.channel.id, name: ""))
                    }
                ),
                ("alert", { _ = try $0.alerts.insert(Fixtures.alert(9, title: "")) }),
                (
                    "key",
                    { _ = try $0.apiKeys.insert(Fixtures.apiKey(9, of: tree.user.id, name: "")) }
                ),
                ("audit", { _ = try $0.auditLogs.insert(Fixtures.auditLog(9, action: "")) }),
                (
                    "project",
                    { _ = try $0.projects.insert(Fixtures.project(9, name: "", slug: "s")) }
                ),
            ]
            for (name, call) in calls {
                let error = await expectError(.checkViolation, name) {
                    try await context.write(call)
                }
                // The error names the CHECK, and its condition.
                let rule = try #require(error?.field)
                #expect(rule.hasSuffix("_check") && error?.message.contains(rule) == true)
                #expect(
                    error?.message.hasSuffix(") > 0.") == true, "\(name): \(error?.message ?? "")")
            }
            await expectError(.invalidValue, "a slug of nothing") {
                try await context.workspace.projects.insert(Fixtures.project(9, name: "…"))
            }
        },
        Scenario("Times to the microsecond come back, times far out are refused") { context in
            let tree = try await context.tree()
            let seconds: [Double] = [
                0, -1, -0.000_001, 0.000_001, 1_735_689_600.123_456, -62_135_596_800,
                253_402_300_799, 1e-9, 4_102_444_800.999_999,
            ]
            for (index, second) in seconds.enumerated() {
                let date = Date(timeIntervalSince1970: second)
                let metric = try await context.workspace.metrics.insert(
                    RunMetric(
                        run: tree.run.id, metricName: "t", value: 1, step: Int64(index),
                        timestamp: date))
                #expect(metric.timestamp == date.roundedToMicroseconds)
                let found = try await context.workspace.metrics.find(metric.id)
                #expect(found == metric, "\(second)")
                let byTime = try await context.workspace.metrics.all {
                    $0.metricName == "t" && $0.timestamp == metric.timestamp
                        && $0.step == Int64(index)
                }
                #expect(byTime == [metric], "\(second)")
            }
            for second in [-62_135_769_601, 253_402_300_800, 1e18, -1e18, .infinity, .nan] {
                await expectError(.invalidValue, "\(second)") {
                    try await context.workspace.metrics.insert(
                        RunMetric(
                            run: tree.run.id, metricName: "t", value: 1, step: 1,
                            timestamp: Date(timeIntervalSince1970: second)))
                }
                var run = tree.run
                run.completedAt = Date(timeIntervalSince1970: second)
                await expectError(.invalidValue, "update, \(second)") { [run] in
                    try await context.workspace.runs.update(run)
                }
            }
        },
        Scenario("JSON comes back as it went in, in one canonical form") { context in
            let tree = try await context.tree()
            let documents: [JSONValue] = [
                [:], ["a": nil], ["": ["": [:]]], ["i": .int(.max), "j": .int(.min)],
                ["d": 0.1, "e": 1e300, "f": .double(.leastNonzeroMagnitude), "g": 1e15, "h": 1.0],
                ["n": [[], [[]], [nil, true, false, 1, "x", [:]]]],
                ["quote\"": "\"", "back\\": "\\", "ctl": "\u{1}\u{1F}\u{7F}", "u": "\u{2028}😀é"],
                ["big": .string(String(repeating: "x", count: 500_000))],
                nested(JSONValue.maximumDepth - 1),
            ]
            for document in documents {
                let model = try await context.workspace.models.insert(
                    Model(
                        project: tree.project.id, name: "\(Identifier<Model>())", metadata: document
                    ))
                let found = try await context.workspace.models.find(model.id)
                #expect(found.metadata == document)
                #expect(try found.metadata.canonicalText() == document.canonicalText())
            }
        },
        Scenario("JSON that no store can keep is refused") { context in
            let tree = try await context.tree()
            let documents: [(String, JSONValue)] = [
                ("NaN", ["k": .double(.nan)]), ("infinity", ["k": .double(.infinity)]),
                ("NUL", ["k": "a\0b"]), ("NUL in a key", ["a\0": 1]),
                ("too large", ["k": .string(String(repeating: "x", count: 1 << 20))]),
                ("too deep", nested(JSONValue.maximumDepth + 1)),
            ]
            for (name, document) in documents {
                await expectError(.invalidValue, name) {
                    try await context.workspace.models.insert(
                        Model(project: tree.project.id, name: "x", metadata: document))
                }
                var model = tree.model
                model.metadata = document
                await expectError(.invalidValue, "update, \(name)") { [model] in
                    try await context.workspace.models.update(model)
                }
            }
            for text in [#"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"a":{"b":1,"b":1}}"#] {
                await expectError(.invalidValue, text) { try JSONValue(parsing: text) }
            }
            let noObjects: [JSONValue] = [[1], "text", 1, true, nil]
            for document in noObjects {
                await expectError(.checkViolation, "not an object") {
                    try await context.workspace.models.insert(
                        Model(project: tree.project.id, name: "x", metadata: document))
                }
            }
        },
        Scenario("An id of any version and spelling is kept") { context in
            for text in [
                "F47AC10B-58CC-4372-A567-0E02B2C3D479", "00000000-0000-0000-0000-000000000001",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ] {
                let id = try #require(Identifier<Project>(text))
                let stored = try await context.workspace.projects.insert(
                    Project(id: id, name: text))
                #expect(try await context.workspace.projects.find(id) == stored)
                #expect(stored.id.description == text.lowercased())
            }
        },
        Scenario("Numbers outside a rule of the schema are refused") { context in
            let tree = try await context.tree()
            var run = tree.run
            for duration in [-1, -Double.infinity] {
                run.durationSeconds = duration
                await expectError(.checkViolation) { [run] in
                    try await context.workspace.runs.update(run)
                }
            }
            var rule = tree.rule
            rule.cooldownSeconds = -1
            await expectError(.checkViolation) { [rule] in
                try await context.workspace.notificationRules.update(rule)
            }
            let version = try await context.workspace.modelVersions.insert(
                ModelVersion(model: tree.model.id, version: "big", modelSizeBytes: .max))
            #expect(
                try await context.workspace.modelVersions.find(version.id).modelSizeBytes == .max)
        },
    ]

    private static func nested(_ depth: Int) -> JSONValue {
        (0..<depth).reduce(JSONValue.object([:])) { inner, _ in .object(["k": inner]) }
    }
}
