import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Two forms of one text: composed, as names are stored, and decomposed.
    private static let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")

    /// Names that look alike are one name, whatever their Unicode form.
    static let names: [Scenario] = [
        Scenario("A name in another Unicode form is the same name") { context in
            let tree = try await context.tree()
            let (project, model) = (tree.project.id, tree.model.id)
            var stored = try await context.workspace.models.insert(
                Model(project: project, name: decomposed, description: decomposed, tags: ["x"]))
            #expect(stored.name.utf8.elementsEqual(composed.utf8))
            #expect(stored.description?.utf8.elementsEqual(decomposed.utf8) == true)
            await expectError(.alreadyExists) {
                try await context.workspace.models.insert(Model(project: project, name: composed))
            }
            stored.name = "other"
            stored = try await context.workspace.models.update(stored)
            stored.name = decomposed
            stored = try await context.workspace.models.update(stored)
            #expect(stored.name.utf8.elementsEqual(composed.utf8))
            try await context.workspace.experiments.insert(
                Experiment(project: project, name: composed))
            await expectError(.alreadyExists) {
                try await context.workspace.experiments.insert(
                    Experiment(project: project, name: decomposed))
            }
            try await context.workspace.modelVersions.insert(
                ModelVersion(model: model, version: decomposed))
            for name in [composed, decomposed] {
                let found = try await context.read { tx in
                    [
                        try tx.models.named(name, in: project) != nil,
                        try tx.experiments.named(name, in: project) != nil,
                        try tx.modelVersions.version(name, of: model) != nil,
                        try tx.models.count { $0.name.isIn(["-", name]) } == 1,
                        try tx.models.count { $0.name.like("_\(name.dropFirst())") } == 1,
                        try tx.models.count { $0.name.hasPrefix(name) } == 1,
                        try tx.models.count { $0.name.contains(String(name.dropFirst(2))) } == 1,
                        try tx.models.count { $0.name > "caf" && $0.name <= name } == 1,
                    ]
                }
                #expect(found == Array(repeating: true, count: 8))
            }
        },
        Scenario("A name may be as long as the indexes of both databases take") { context in
            let tree = try await context.tree()
            let (project, experiment) = (tree.project.id, tree.experiment.id)
            // Random letters, which no database can compress.
            var random = SplitMix64(seed: 1)
            let letters = (0..<500).map { _ in
                Character(Unicode.Scalar(UInt32.random(in: 0x400..<0x460, using: &random)) ?? "x")
            }
            let name = String(letters) + String(repeating: "x", count: 24)
            #expect(name.utf8.count == String.maximumNameBytes)
            let (longer, decomposed) = (name + "x", String(name.dropLast(2)) + "e\u{301}x")
            let models = context.workspace.models
            let model = try await models.insert(Model(project: project, name: name))
            try await context.workspace.experiments.insert(
                Experiment(project: project, name: name))
            for name in [longer, decomposed] {
                await expectError(.invalidValue) {
                    try await models.insert(Model(project: project, name: name))
                }
                var renamed = model
                renamed.name = name
                await expectError(.invalidValue) { [renamed] in try await models.update(renamed) }
                await expectError(.invalidValue) {
                    try await context.workspace.runs.insert(
                        ExperimentRun(experiment: experiment, runName: name))
                }
            }
            for (name, isStored) in [(name, true), (longer, false)] {
                var batch = MetricBatch()
                batch.add(name, 1, step: 1)
                do {
                    try await context.write { [batch] in
                        try $0.runs.append(batch, to: tree.run.id)
                    }
                    #expect(isStored)
                } catch let error as StoreError {
                    #expect(!isStored && error.code == .invalidValue)
                    #expect(error.field == "metric_name")
                }
            }
            let project2 = try await context.workspace.projects.insert(
                Project(name: name, slug: "long"))
            #expect(project2.name == name)
        },
        Scenario("An address in another Unicode form is the same address") { context in
            let (user, organization) = try await context.system { tx in
                var organization = Fixtures.organization(50)
                organization.billingEmail = "\(decomposed)@example.com"
                return (
                    try tx.users.insert(Fixtures.user(50, email: "\(decomposed)@example.com")).id,
                    try tx.organizations.insert(organization).id
                )
            }
            for form in [composed, decomposed] {
                let address = "\(form)@example.com"
                let found = try await context.system { tx in
                    (
                        try tx.users.all { $0.email == address }.map(\.id),
                        try tx.users.all { $0.email.hasPrefix(form) }.map(\.id),
                        try tx.organizations.all { $0.billingEmail == address }.map(\.id)
                    )
                }
                #expect(found.0 == [user] && found.1 == [user] && found.2 == [organization])
            }
        },
        Scenario("Tags, parameters and keys in another Unicode form are the same") { context in
            let tree = try await context.tree()
            let model = try await context.workspace.models.insert(
                Model(project: tree.project.id, name: "tagged", tags: [decomposed]))
            #expect(model.tags.first?.utf8.elementsEqual(composed.utf8) == true)
            let run = try await context.workspace.runs.insert(
                ExperimentRun(
                    experiment: tree.experiment.id, runName: "r",
                    parameters: [
                        "list": [[decomposed: ["k": .string(decomposed)]]],
                        decomposed: [decomposed: 1],
                    ],
                    tags: [decomposed: decomposed]))
            let keys = Array(run.parameters.object ?? [:]).map(\.key)
            #expect(keys.contains { $0.utf8.elementsEqual(composed.utf8) })
            #expect(run.tags[composed]?.utf8.elementsEqual(decomposed.utf8) == true)
            for name in [composed, decomposed] {
                let found = try await context.read { tx in
                    [
                        try tx.models.count { $0.tags.contains(name) },
                        try tx.runs.count { $0.tags[name].exists },
                        try tx.runs.count { $0.parameters[name, name] == 1 },
                        try tx.runs.count { $0.parameters[name] == [name: 1] },
                        try tx.runs.count { $0.parameters[name, name] > 0 },
                    ]
                }
                #expect(found == [1, 1, 1, 1, 1], "\(Array(name.utf8))")
            }
            // A value is not a name: it is kept, and compared, as it is.
            let values = try await context.read { tx in
                [
                    try tx.runs.count { $0.tags[composed] == .string(composed) },
                    try tx.runs.count { $0.tags[composed] == .string(decomposed) },
                ]
            }
            #expect(values == [0, 1])
        },
        Scenario("A metric under two Unicode forms of its name is one history") { context in
            let tree = try await context.tree()
            let run = try await context.workspace.startRun(
                project: decomposed, experiment: decomposed)
            for (step, name) in [composed, decomposed, composed].enumerated() {
                run.log(name, Double(step), step: step)
                try await run.flush()
            }
            try await context.workspace.metrics.insert(
                Fixtures.metric(9, of: run.id, name: decomposed, value: 3, step: 3))
            let again = try await context.workspace.startRun(
                project: composed, experiment: composed)
            #expect(again.experimentID == run.experimentID)
            for name in [composed, decomposed] {
                let (history, last, runs) = try await context.read { tx in
                    (
                        try tx.metrics.history(of: run.id, metric: name).map(\.value),
                        try tx.metrics.last(of: run.id, metric: name)?.value,
                        try tx.runs.all { $0.metrics[name] == 2 }
                    )
                }
                #expect(history == [0, 1, 2, 3] && last == 3)
                #expect(runs.map(\.id) == [run.id])
            }
            let names = try await context.read { try $0.metrics.names(of: run.id) }
            #expect(names.map { Array($0.utf8) } == [Array(composed.utf8)])
            let ended = try await run.finish()
            #expect(ended.metrics.mapValues(\.count) == [composed: 3])
            #expect(ended.id != tree.run.id)
            try await again.cancel()
        },
        Scenario("Parameters are kept exactly, or refused with the field's name") { context in
            struct Parameters: Codable, Sendable, Equatable {
                var seed: UInt64 = 7
                var rates: [Decimal] = []
                var start = Date(timeIntervalSince1970: 1_700_000_000.123_456)
                    .roundedToMicroseconds
            }
            let parameters = Parameters(rates: [0.1])
            let run = try await context.workspace.startRun(
                project: "p", experiment: "e", parameters: parameters)
            let stored = try await run.finish().parameters
            #expect(try stored.decode() == parameters)
            let digits = try #require(Decimal(string: "3.14159265358979323846264338327"))
            for (field, parameters) in [
                ("seed", Parameters(seed: .max)), ("rates.1", Parameters(rates: [1, digits])),
                ("start", Parameters(start: Date(timeIntervalSince1970: 1e13))),
            ] {
                let error = await expectError(.invalidValue, "\(field)") {
                    try await context.workspace.startRun(
                        project: "p", experiment: "e", parameters: parameters)
                }
                #expect(error?.field == field && error?.message.contains("`\(field)`") == true)
            }
        },
        Scenario("A run with 20,000 metrics keeps every point") { context in
            var options = TrackingOptions()
            options.flushInterval = .seconds(3600)
            let run = try await context.workspace.startRun(
                project: "p", experiment: "e", options: options)
            for step in 0..<2 {
                run.log(
                    Dictionary(
                        uniqueKeysWithValues: (0..<20_000).map {
                            ("layers.\($0).gradient_norm", Double($0) + 0.123_456_789)
                        }), step: step)
            }
            try await run.flush()
            run.log("late", 1, step: 2)
            let ended = try await run.finish()
            #expect(run.refusedPoints == 0 && run.droppedPoints == 0)
            #expect(ended.metrics.count == 20_001)
            #expect(ended.metrics["layers.19999.gradient_norm"]?.count == 2)
            #expect(try await context.workspace.metrics.count { $0.runID == run.id } == 40_001)
            let found = try await context.read { tx in
                try tx.runs.all { $0.metrics["layers.19999.gradient_norm"] > 19_999 }
            }
            #expect(found.map(\.id) == [run.id] && found.first?.metrics == ended.metrics)
        },
    ]
}
