import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Models and their versions.
    static let registry: [Scenario] = [
        Scenario("ModelRepository.named finds a name in its project only") { context in
            let tree = try await context.tree()
            let other = try await context.workspace.projects.insert(Fixtures.project(2))
            let same = try await context.workspace.models.insert(
                Fixtures.model(2, in: other.id, name: tree.model.name))
            let found = try await context.read { tx in
                (
                    first: try tx.models.named(tree.model.name, in: tree.project.id),
                    second: try tx.models.named(tree.model.name, in: other.id),
                    none: try tx.models.named("MODEL-1", in: other.id)
                )
            }
            #expect(found.first == tree.model && found.second == same && found.none == nil)
            await expectError(.alreadyExists) {
                try await context.workspace.models.insert(
                    Fixtures.model(3, in: other.id, name: same.name))
            }
        },
        Scenario("ModelVersionRepository.version, of(model:), inStage and latest") { context in
            let tree = try await context.tree()
            let second = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(
                    2, of: tree.model.id, version: "2.0"))
            let later = try await context.write {
                try $0.modelVersions.promote(second.id, to: .staging)
            }
            let found = try await context.read { tx in
                (
                    version: try tx.modelVersions.version("2.0", of: tree.model.id),
                    none: try tx.modelVersions.version("2", of: tree.model.id),
                    all: try tx.modelVersions.of(model: tree.model.id),
                    staging: try tx.modelVersions.inStage(.staging, of: tree.model.id),
                    production: try tx.modelVersions.inStage(.production, of: tree.model.id),
                    latest: try tx.modelVersions.latest(of: tree.model.id)
                )
            }
            #expect(found.version == later && found.none == nil && found.latest == later)
            #expect(found.all == [later, tree.version])
            #expect(found.staging == [later] && found.production.isEmpty)
            await expectError(.alreadyExists) {
                try await context.workspace.modelVersions.insert(
                    Fixtures.modelVersion(3, of: tree.model.id, version: "2.0"))
            }
        },
        Scenario("ModelVersionRepository.nextVersion counts on, deleted versions included") {
            context in
            let tree = try await context.tree()
            let model = try await context.workspace.models.insert(
                Fixtures.model(2, in: tree.project.id))
            var number = 10
            for (version, next) in [
                ("1", "2"), ("9", "10"), ("10", "11"), ("2.5", "11"), ("draft", "11"),
                ("11.0.9", "11.0.10"), ("99999999999999999999", "100000000000000000000"),
            ] {
                number += 1
                let stored = try await context.workspace.modelVersions.insert(
                    Fixtures.modelVersion(number, of: model.id, version: version))
                try await context.workspace.modelVersions.delete(stored.id)
                let found = try await context.read {
                    try $0.modelVersions.nextVersion(of: model.id)
                }
                #expect(found == next, "after \(version)")
            }
        },
        Scenario("ModelVersionRepository.promote archives the current version when asked") {
            context in
            let tree = try await context.tree()
            let second = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id))
            let third = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(3, of: tree.model.id))
            try await context.write { tx in
                try tx.modelVersions.promote(tree.version.id, to: .production)
                try tx.modelVersions.promote(second.id, to: .production)
            }
            let both = try await context.read {
                try $0.modelVersions.inStage(.production, of: tree.model.id)
            }
            #expect(both.count == 2)
            let promoted = try await context.write {
                try $0.modelVersions.promote(third.id, to: .production, archivingCurrent: true)
            }
            #expect(promoted.stage == .production && promoted.revision == third.revision + 1)
            let stages = try await context.workspace.modelVersions.all().map(\.stage)
            #expect(stages == [.archived, .archived, .production])
            let again = try await context.write {
                try $0.modelVersions.promote(third.id, to: .production, archivingCurrent: true)
            }
            #expect(again == promoted)
        },
        Scenario("ModelVersionRepository.lineage leads to the run and its experiment") { context in
            let tree = try await context.tree()
            let lineage = try await context.read {
                try $0.modelVersions.lineage(of: tree.version.id)
            }
            #expect(lineage.version == tree.version && lineage.model == tree.model)
            #expect(lineage.project == tree.project && lineage.run == tree.run)
            #expect(lineage.experiment == tree.experiment)
            let orphan = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id))
            let short = try await context.read { try $0.modelVersions.lineage(of: orphan.id) }
            #expect(short.run == nil && short.experiment == nil)
        },
        Scenario("ModelVersionRepository refuses a hash that is none and a negative size") {
            context in
            let tree = try await context.tree()
            for version in [
                ModelVersion(model: tree.model.id, version: "7", artifactSHA256: "abc"),
                ModelVersion(model: tree.model.id, version: "7", modelSizeBytes: -1),
                ModelVersion(model: tree.model.id, version: ""),
            ] {
                await expectError(.checkViolation) {
                    try await context.workspace.modelVersions.insert(version)
                }
            }
        },
        Scenario("ModelRepository.update changes every field that may change") { context in
            let tree = try await context.tree()
            var model = tree.model
            model.name = "renamed"
            model.description = "new"
            model.modelType = "forest"
            model.taskType = "regression"
            model.framework = "other"
            model.tags = []
            model.metadata = ["nested": ["a": [1, 2.5, nil, true]]]
            let updated = try await context.workspace.models.update(model)
            #expect(updated.name == "renamed" && updated.description == "new")
            #expect(updated.modelType == "forest" && updated.taskType == "regression")
            #expect(updated.framework == "other" && updated.tags.isEmpty)
            #expect(updated.metadata == model.metadata)
            #expect(updated.createdBy == tree.model.createdBy)
            model = updated
            model.description = nil
            #expect(try await context.workspace.models.update(model).description == nil)
        },
    ]
}
