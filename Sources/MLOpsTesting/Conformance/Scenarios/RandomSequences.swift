import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Random sequences of calls, compared with a model in memory.
    static let randomSequences: [Scenario] = [
        Scenario("Projects and models do what a model in memory does, whatever the sequence") {
            context in
            let seed = randomSeed()
            var generator = SplitMix64(seed: seed)
            var expected = ShadowStore()
            var history: [String] = []
            for number in 0..<200 {
                let calls = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                    expected.randomCall(using: &generator)
                }
                let isTakenBack = Int.random(in: 0..<5, using: &generator) == 0
                history.append("\(number): \(calls)\(isTakenBack ? " taken back" : "")")
                // The actual and the expected answers of the calls of one transaction.
                let before = expected
                let wanted = calls.map { expected.apply($0) }
                let got = try await answers(calls, isTakenBack, context)
                if isTakenBack { expected = before }
                #expect(got == wanted, "seed \(seed), \(history.suffix(8))")
                let rows = try await ShadowRows(context)
                #expect(rows == expected.rows, "seed \(seed), \(history.suffix(8))")
                guard got == wanted, rows == expected.rows else { return }
            }
        }
    ]

    /// The outcome of each call; all run in one transaction, each in its own savepoint.
    private static func answers(
        _ calls: [ShadowCall], _ isTakenBack: Bool, _ context: ConformanceContext
    ) async throws -> [StoreError.Code?] {
        struct TakenBack: Error { let answers: [StoreError.Code?] }
        do {
            return try await context.write { tx in
                let answers = try calls.map { call -> StoreError.Code? in
                    do {
                        try tx.savepoint { try call.run(tx) }
                        return nil
                    } catch let error as StoreError {
                        return error.code
                    }
                }
                if isTakenBack { throw TakenBack(answers: answers) }
                return answers
            }
        } catch let error as TakenBack {
            return error.answers
        }
    }
}

/// One call of a random sequence.
private enum ShadowCall: Sendable {
    case insertProject(Identifier<Project>, name: String)
    case insertModel(Identifier<Model>, name: String, in: Identifier<Project>)
    case renameProject(Identifier<Project>, name: String, isStale: Bool)
    case deleteProject(Identifier<Project>), deleteModel(Identifier<Model>)
    case restoreProject(Identifier<Project>), restoreModel(Identifier<Model>)
    case purgeProject(Identifier<Project>), purgeModel(Identifier<Model>)

    func run(_ tx: any Transaction) throws {
        switch self {
        case .insertProject(let id, let name): try tx.projects.insert(Project(id: id, name: name))
        case .insertModel(let id, let name, let project):
            try tx.models.insert(Model(id: id, project: project, name: name))
        case .renameProject(let id, let name, let isStale):
            var project = try tx.projects.find(id)
            if isStale { try tx.projects.update(project) }
            project.name = name
            project.slug = name
            try tx.projects.update(project)
        case .deleteProject(let id): try tx.projects.delete(id)
        case .deleteModel(let id): try tx.models.delete(id)
        case .restoreProject(let id): try tx.projects.restore(id)
        case .restoreModel(let id): try tx.models.restore(id)
        case .purgeProject(let id): try tx.projects.purge(id)
        case .purgeModel(let id): try tx.models.purge(id)
        }
    }
}

/// The visible rows: names and revisions, live and deleted.
private struct ShadowRows: Equatable {
    var projects: [Identifier<Project>: String] = [:]
    var models: [Identifier<Model>: String] = [:]
    var liveProjects = 0
    var liveModels = 0

    init() {}

    init(_ context: ConformanceContext) async throws {
        let (projects, models, counts) = try await context.read { tx in
            (
                try tx.projects.page(Query(limit: 10_000, deleted: .included)).records,
                try tx.models.page(Query(limit: 10_000, deleted: .included)).records,
                (try tx.projects.count(), try tx.models.count())
            )
        }
        for row in projects {
            self.projects[row.id] = Self.text(row.name, row.revision, row.deletedAt != nil)
        }
        for row in models {
            self.models[row.id] = Self.text(row.name, row.revision, row.deletedAt != nil)
        }
        (liveProjects, liveModels) = counts
    }

    static func text(_ name: String, _ revision: Int, _ isDeleted: Bool) -> String {
        "\(name) \(revision)\(isDeleted ? " deleted" : "")"
    }
}

/// A model of projects and models in memory, without SQL.
private struct ShadowStore {
    struct Row {
        var name: String
        var revision = 1
        /// The deletion that the row was part of.
        var deletion: Int?
    }

    private var projects: [Identifier<Project>: Row] = [:]
    private var models: [Identifier<Model>: (row: Row, project: Identifier<Project>)] = [:]
    private var deletions = 0

    var rows: ShadowRows {
        var rows = ShadowRows()
        for (id, row) in projects {
            rows.projects[id] = ShadowRows.text(row.name, row.revision, row.deletion != nil)
            if row.deletion == nil { rows.liveProjects += 1 }
        }
        for (id, model) in models {
            rows.models[id] = ShadowRows.text(
                model.row.name, model.row.revision, model.row.deletion != nil)
            if model.row.deletion == nil { rows.liveModels += 1 }
        }
        return rows
    }

    // MARK: Choosing

    func randomCall(using generator: inout SplitMix64) -> ShadowCall {
        let name = "name \(Int.random(in: 0..<4, using: &generator))"
        let project = projects.keys.sorted().randomElement(using: &generator)
        let model = models.keys.sorted().randomElement(using: &generator)
        let unknown = Self.id(Project.self, using: &generator)
        let chosen = Int.random(in: 0..<12, using: &generator) == 0 ? unknown : project ?? unknown
        let chosenModel = model ?? Self.id(Model.self, using: &generator)
        switch Int.random(in: 0..<16, using: &generator) {
        case 0..<3: return .insertProject(Self.id(Project.self, using: &generator), name: name)
        case 3..<7:
            return .insertModel(Self.id(Model.self, using: &generator), name: name, in: chosen)
        case 7..<9:
            let isStale = Int.random(in: 0..<3, using: &generator) == 0
            return .renameProject(chosen, name: name, isStale: isStale)
        case 9: return .deleteProject(chosen)
        case 10: return .deleteModel(chosenModel)
        case 11, 12: return .restoreProject(chosen)
        case 13: return .restoreModel(chosenModel)
        case 14: return .purgeProject(chosen)
        default: return .purgeModel(chosenModel)
        }
    }

    private static func id<Record>(
        _ type: Record.Type, using generator: inout SplitMix64
    ) -> Identifier<Record> {
        Identifier(
            UUID(
                uuid: (
                    0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0,
                    UInt8.random(in: .min ... .max, using: &generator),
                    UInt8.random(in: .min ... .max, using: &generator),
                    UInt8.random(in: .min ... .max, using: &generator),
                    UInt8.random(in: .min ... .max, using: &generator)
                )))
    }

    // MARK: Doing

    /// Applies a call; returns the code of the error that it must throw.
    mutating func apply(_ call: ShadowCall) -> StoreError.Code? {
        switch call {
        case .insertProject(let id, let name):
            guard projects[id] == nil, !isTaken(name, by: id) else { return .alreadyExists }
            projects[id] = Row(name: name)
            return nil
        case .insertModel(let id, let name, let project):
            guard let parent = projects[project], parent.deletion == nil else { return .notFound }
            guard models[id] == nil, !isTaken(name, in: project, by: id) else {
                return .alreadyExists
            }
            models[id] = (Row(name: name), project)
            return nil
        case .renameProject(let id, let name, let isStale):
            guard let row = projects[id], row.deletion == nil else { return .notFound }
            if isStale { return .conflict }
            guard !isTaken(name, by: id) else { return .alreadyExists }
            projects[id] = Row(name: name, revision: row.revision + 1)
            return nil
        case .deleteProject, .deleteModel: return delete(call)
        case .restoreProject, .restoreModel: return restore(call)
        case .purgeProject(let id):
            guard let row = projects[id] else { return .notFound }
            guard row.deletion != nil else { return .conflict }
            projects[id] = nil
            models = models.filter { $0.value.project != id }
            return nil
        case .purgeModel(let id):
            guard let model = models[id] else { return .notFound }
            guard model.row.deletion != nil else { return .conflict }
            models[id] = nil
            return nil
        }
    }

    private mutating func delete(_ call: ShadowCall) -> StoreError.Code? {
        deletions += 1
        switch call {
        case .deleteProject(let id):
            guard let row = projects[id], row.deletion == nil else { return .notFound }
            projects[id] = Row(name: row.name, revision: row.revision + 1, deletion: deletions)
            for (model, entry) in models where entry.project == id && entry.row.deletion == nil {
                mark(model, deletions)
            }
        case .deleteModel(let id):
            guard let model = models[id], model.row.deletion == nil else { return .notFound }
            mark(id, deletions)
        default: break
        }
        return nil
    }

    private mutating func restore(_ call: ShadowCall) -> StoreError.Code? {
        switch call {
        case .restoreProject(let id):
            guard let row = projects[id] else { return .notFound }
            guard let deletion = row.deletion else { return .conflict }
            guard !isTaken(row.name, by: id) else { return .alreadyExists }
            projects[id] = Row(name: row.name, revision: row.revision + 1)
            for (model, entry) in models where entry.row.deletion == deletion { mark(model, nil) }
        case .restoreModel(let id):
            guard let model = models[id] else { return .notFound }
            guard model.row.deletion != nil, projects[model.project]?.deletion == nil else {
                return .conflict
            }
            guard !isTaken(model.row.name, in: model.project, by: id) else {
                return .alreadyExists
            }
            mark(id, nil)
        default: break
        }
        return nil
    }

    private mutating func mark(_ id: Identifier<Model>, _ deletion: Int?) {
        models[id]?.row.revision += 1
        models[id]?.row.deletion = deletion
    }

    private func isTaken(_ name: String, by id: Identifier<Project>) -> Bool {
        projects.contains { $0.key != id && $0.value.deletion == nil && $0.value.name == name }
    }

    private func isTaken(
        _ name: String, in project: Identifier<Project>, by id: Identifier<Model>
    ) -> Bool {
        models.contains {
            $0.key != id && $0.value.project == project && $0.value.row.deletion == nil
                && $0.value.row.name == name
        }
    }
}
