import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// The numbers of versions, and their tags.
    static let versionNumbers: [Scenario] = [
        Scenario("ModelVersionRepository.insert numbers the versions of each model") { context in
            let tree = try await context.tree()
            let other = try await context.workspace.models.insert(
                Fixtures.model(2, in: tree.project.id))
            let made = try await context.workspace.modelVersions.insert(contentsOf: [
                Fixtures.modelVersion(2, of: tree.model.id),
                Fixtures.modelVersion(3, of: other.id),
                Fixtures.modelVersion(4, of: tree.model.id),
            ])
            #expect(tree.version.number == 1 && made.map(\.number) == [2, 1, 3])
            var copy = made[2]
            (copy.id, copy.version, copy.number) = (Identifier(), "copy", 2)
            #expect(try await context.workspace.modelVersions.insert(copy).number == 4)
            // An update does not change it.
            var changed = made[0]
            (changed.number, changed.tags) = (77, ["quality": "checked"])
            let updated = try await context.workspace.modelVersions.update(changed)
            #expect(updated.number == 2 && updated.tags == ["quality": "checked"])
            let tagged = try await context.workspace.modelVersions.all {
                $0.tags["quality"] == "checked" && $0.number == 2
            }
            #expect(tagged == [updated])
        },
        Scenario("ModelVersionRepository.insert: the number of a deleted version is not reused") {
            context in
            let tree = try await context.tree()
            let workspace = context.workspace
            let model = try await workspace.models.insert(Fixtures.model(2, in: tree.project.id)).id
            let first = try await workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: model))
            try await workspace.modelVersions.delete(first.id)
            let second = try await workspace.modelVersions.insert(
                Fixtures.modelVersion(3, of: model))
            #expect(second.number == 2)
            try await workspace.models.delete(model)
            try await workspace.models.restore(model)
            #expect(try await workspace.modelVersions.restore(first.id).number == 1)
        },
        Scenario("ModelVersionRepository.purge: the number of a purged version is not reused") {
            context in
            let tree = try await context.tree()
            let workspace = context.workspace
            let model = try await workspace.models.insert(Fixtures.model(2, in: tree.project.id)).id
            for (id, number) in [(2, 1), (3, 2), (4, 3)] {
                let made = try await workspace.modelVersions.insert(
                    Fixtures.modelVersion(id, of: model))
                #expect(made.number == number)
            }
            let before = try await workspace.models.find(model)
            for id in [4, 2] {
                let version = Fixtures.id(ModelVersion.self, id)
                try await workspace.modelVersions.delete(version)
                try await workspace.modelVersions.purge(version)
            }
            let after = try await workspace.models.find(model)
            #expect(after.purgedNumber == 3 && after.revision == before.revision)
            let next = try await workspace.modelVersions.insert(Fixtures.modelVersion(5, of: model))
            #expect(next.number == 4)
            // An update does not take it back.
            var changed = after
            (changed.purgedNumber, changed.description) = (0, "changed")
            #expect(try await workspace.models.update(changed).purgedNumber == 3)
        },
        Scenario("ModelVersionRepository.insert: two programs give a number once") { context in
            let tree = try await context.tree()
            let (workspace, model) = (context.workspace, tree.model.id)
            let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 2...9 {
                    group.addTask {
                        try await workspace.modelVersions.insert(
                            Fixtures.modelVersion(number, of: model)
                        ).number
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(numbers.sorted() == Array(2...9))
        },
        Scenario("ModelVersionRepository.insert(history:) keeps given numbers, and fills gaps") {
            context in
            let tree = try await context.tree()
            let model = tree.model.id
            func version(_ id: Int, _ number: Int?) throws -> Historical<ModelVersion> {
                var version = Historical(Fixtures.modelVersion(id, of: model))
                if let number { try version.set({ $0.number }, to: number) }
                return version
            }
            let (organization, principal) = (
                context.workspace.organizationID, context.workspace.principal
            )
            func store(_ rows: [Historical<ModelVersion>]) async throws -> [Int] {
                try await context.system {
                    try $0.scoped(to: organization, as: principal).modelVersions
                        .insert(history: rows).map(\.number)
                }
            }
            let numbers = try await store([version(2, 7), version(3, nil), version(4, 3)])
            #expect(numbers == [7, 8, 3])
            for (number, code) in [(7, StoreError.Code.alreadyExists), (-1, .checkViolation)] {
                await expectError(code, "\(number)") {
                    _ = try await store([version(5, number)])
                }
            }
            #expect(try await store([version(6, .max)]) == [.max])
            let error = await expectError(.invalidValue) {
                try await context.workspace.modelVersions.insert(
                    Fixtures.modelVersion(7, of: model))
            }
            #expect(error?.field == "number")
        },
    ]
}
