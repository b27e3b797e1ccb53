import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// The aliases of models.
    static let aliases: [Scenario] = [
        Scenario("ModelRepository.setAlias names a version, moves, and is in the trail") {
            context in
            let site = try await AliasSite(context)
            let (first, second) = (site.versions[0], site.versions[1])
            try await site.set("champion", to: first)
            try await site.set("Candidat-é_2", to: second)
            try await site.set("champion", to: second)
            let model = try await site.set("champion", to: second)
            #expect(model.aliases(of: second.id) == ["Candidat-é_2", "champion"])
            let found = try await context.read { tx in
                (
                    all: try tx.models.aliases(of: site.model.id),
                    champion: try tx.modelVersions.version(alias: "champion", of: site.model.id),
                    other: try tx.modelVersions.version(alias: "Champion", of: site.model.id),
                    composed: try tx.modelVersions.version(
                        alias: "Candidat-e\u{301}_2", of: site.model.id)
                )
            }
            #expect(found.all == ["champion": second, "Candidat-é_2": second])
            #expect(found.champion == second && found.other == nil && found.composed == second)
            let trail = try await context.read {
                try $0.auditLogs.of(resource: "model", id: site.model.id.description)
            }.filter { $0.action == "model.alias" }
            #expect(
                trail.map(\.details["alias"]) == ["champion", "Candidat-é_2", "champion"])
            #expect(trail[0].details["from"] == first.id.json)
            #expect(trail[0].details["to"] == second.id.json && trail[2].details["from"] == .null)
        },
        Scenario("ModelRepository.setAlias refuses what is no alias, and foreign versions") {
            context in
            let site = try await AliasSite(context)
            let (first, other) = (site.versions[0], site.tree.version)
            for alias in [
                "", "latest", "Latest", "v1", "V27", "a b", "a.b", "a/b", "é!",
                String(repeating: "a", count: 256),
            ] {
                let error = await expectError(.invalidValue, alias) {
                    try await site.set(alias, to: first)
                }
                #expect(error?.field == "aliases")
            }
            for alias in ["v", "v1a", "lates", "日本", String(repeating: "a", count: 255)] {
                try await site.set(alias, to: first)
            }
            await expectError(.invalidValue) { try await site.set("x", to: other) }
            try await context.workspace.modelVersions.delete(first.id)
            await expectError(.notFound) { try await site.set("x", to: first) }
        },
        Scenario("ModelVersionRepository.version(alias:of:): latest and numbers need no alias") {
            context in
            let site = try await AliasSite(context)
            let model = site.model.id
            let found = try await context.read { tx in
                try ["latest", "LATEST", "v1", "V2", "v3", "v99999999999999999999"].map {
                    try tx.modelVersions.version(alias: $0, of: model)?.id
                }
            }
            let (first, second) = (site.versions[0].id, site.versions[1].id)
            #expect(found == [second, second, first, second, nil, nil])
        },
        Scenario("Model aliases: those of a deleted version come back unless they were moved") {
            context in
            let site = try await AliasSite(context)
            let versions = context.workspace.modelVersions
            let (first, second) = (site.versions[0], site.versions[1])
            for alias in ["stays", "moves", "goes"] { try await site.set(alias, to: first) }
            try await versions.delete(first.id)
            #expect(try await site.aliases() == [:])
            try await site.set("moves", to: second)
            try await context.write { try $0.models.removeAlias("goes", of: site.model.id) }
            try await versions.restore(first.id)
            #expect(try await site.aliases() == ["stays": first.id, "moves": second.id])
            // A model takes its aliases along, and brings them back.
            try await context.workspace.models.delete(site.model.id)
            await expectError(.notFound) { try await site.aliases() }
            try await context.workspace.models.restore(site.model.id)
            #expect(try await site.aliases() == ["stays": first.id, "moves": second.id])
        },
        Scenario("Model aliases: what one serves is changed by those who set it") { context in
            let site = try await PromotionSite(context)
            let model = try await site.model(1)
            let contributor = try await site.person(71, .contributor)
            let maintainer = try await site.person(70, .maintainer)
            var version = try await site.version(of: model, figures: [:], in: contributor)
            version.artifactURI = "s3://bucket/one"
            version = try await contributor.modelVersions.update(version)
            let (id, modelID) = (version.id, version.modelID)
            _ = try await maintainer.write {
                try $0.models.setAlias("champion", to: id, of: modelID)
            }
            let changes: [@Sendable (inout ModelVersion) -> Void] = [
                { $0.artifactSHA256 = String(repeating: "a", count: 64) },
                { $0.artifactURI = "s3://bucket/other" }, { $0.artifactURI = nil },
                { $0.modelSchema = ["inputs": []] },
            ]
            for change in changes {
                var changed = version
                change(&changed)
                let refused = changed
                await expectError(.permissionDenied) {
                    try await contributor.modelVersions.update(refused)
                }
            }
            await expectError(.permissionDenied) {
                try await contributor.modelVersions.delete(id)
            }
            version.description = "the same artifact"
            version = try await contributor.modelVersions.update(version)
            version.artifactURI = "s3://bucket/other"
            version = try await maintainer.modelVersions.update(version)
            _ = try await maintainer.write { try $0.models.removeAlias("champion", of: modelID) }
            version.artifactURI = "s3://bucket/third"
            try await contributor.modelVersions.update(version)
            try await contributor.modelVersions.delete(id)
        },
        Scenario("Model aliases: removing one that is absent changes nothing") { context in
            let site = try await AliasSite(context)
            let model = try await context.write {
                try $0.models.removeAlias("champion", of: site.model.id)
            }
            #expect(model == site.model)
            var edited = try await site.set("champion", to: site.versions[0])
            edited.aliases = [:]
            edited.description = "new"
            let updated = try await context.workspace.models.update(edited)
            #expect(updated.aliases == ["champion": site.versions[0].id])
        },
        Scenario("Model aliases: the purge of a version removes them, and says so") { context in
            let site = try await AliasSite(context)
            let (first, second) = (site.versions[0], site.versions[1])
            try await site.set("champion", to: first)
            try await site.set("shadow", to: second)
            try await context.workspace.modelVersions.delete(first.id)
            try await context.workspace.modelVersions.purge(first.id)
            let model = try await context.workspace.models.find(site.model.id)
            #expect(model.aliases == ["shadow": second.id])
            let last = try await context.read {
                try $0.auditLogs.of(resource: "model", id: site.model.id.description)
            }.first
            #expect(last?.action == "model.alias" && last?.details["to"] == .null)
            #expect(last?.details["from"] == first.id.json)
        },
        Scenario("Model aliases: two programs that move them lose no move") { context in
            let site = try await AliasSite(context)
            let names = (1...6).map { "alias\($0)" }
            try await withThrowingTaskGroup { group in
                for (number, name) in names.enumerated() {
                    group.addTask {
                        for turn in 0...3 {
                            try await site.set(name, to: site.versions[(number + turn) % 2])
                        }
                    }
                }
                try await group.waitForAll()
            }
            let expected = names.enumerated().map { number, name in
                (name, site.versions[(number + 3) % 2].id)
            }
            #expect(try await site.aliases() == Dictionary(uniqueKeysWithValues: expected))
        },
        Scenario("Model aliases: history keeps those it names") { context in
            let site = try await AliasSite(context)
            let (organization, principal) = (
                context.workspace.organizationID, context.workspace.principal
            )
            let id = site.versions[0].id
            let stored = try await context.system { system in
                let tx = try system.scoped(to: organization, as: principal)
                var model = Historical(Fixtures.model(9, in: site.tree.project.id))
                model.set({ $0.aliases }, to: ["champion": id.json])
                return try tx.models.insert(history: [model])
            }
            #expect(stored.first?.aliases == ["champion": id])
            // It is a version of another model.
            let found = try await context.read { [stored] tx in
                try tx.modelVersions.version(alias: "champion", of: stored[0].id)
            }
            #expect(found == nil)
        },
    ]
}

/// A model with two versions, beside those of a tree.
private struct AliasSite: Sendable {
    let workspace: Workspace
    let tree: FixtureTree
    let model: Model
    let versions: [ModelVersion]

    init(_ context: ConformanceContext) async throws {
        workspace = context.workspace
        tree = try await context.tree()
        let made = try await workspace.models.insert(Fixtures.model(2, in: tree.project.id))
        model = made
        versions = try await workspace.modelVersions.insert(contentsOf: [
            Fixtures.modelVersion(2, of: made.id), Fixtures.modelVersion(3, of: made.id),
        ])
    }

    @discardableResult
    func set(_ alias: String, to version: ModelVersion) async throws -> Model {
        try await workspace.write { [model] in
            try $0.models.setAlias(alias, to: version.id, of: model.id)
        }
    }

    func aliases() async throws -> [String: Identifier<ModelVersion>] {
        try await workspace.read { [model] in try $0.models.aliases(of: model.id) }
            .mapValues(\.id)
    }
}
