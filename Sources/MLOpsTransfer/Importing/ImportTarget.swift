import Foundation
import MLOpsCore

/// Where an import goes: the organization, who acts, the project, and the ids of its rows.
struct ImportTarget: Sendable {
    let access: SystemAccess
    let isDryRun: Bool
    /// `nil` in a dry run on a store without an organization.
    let organization: Identifier<Organization>?
    let principal: Principal?
    /// Unassigned in a dry run that would make it.
    let project: Identifier<Project>
    var map: IdentityMap

    /// Finds the organization and the project, and makes them unless it is a dry run.
    init(
        _ access: SystemAccess, _ store: any Store, _ workspace: Workspace?, program: String,
        options: ImportOptions
    ) async throws {
        self.access = access
        isDryRun = options.isDryRun
        let name = options.project
        if isDryRun {
            let local =
                if let workspace { workspace } else { try await Self.existingWorkspace(of: store) }
            organization = local?.organizationID
            principal = local?.principal
            project =
                try await local?.read { tx in
                    try tx.projects.first { $0.name == name } ?? tx.projects.withSlug(name)
                }?.id ?? .unassigned
        } else {
            let local =
                if let workspace { workspace } else { try await store.localWorkspace() }
            organization = local.organizationID
            principal = local.principal
            project = try await local.write { try $0.projects.findOrCreate(named: name).id }
        }
        map = IdentityMap(program: program, project: project)
    }

    /// The local workspace, unless it would have to be made.
    static func existingWorkspace(of store: any Store) async throws -> Workspace? {
        let exists = try await store.withSystemAccess(reason: "whether there is an organization") {
            try await $0.read { try $0.organizations.withSlug("local") != nil }
        }
        return exists ? try await store.localWorkspace() : nil
    }

    /// Runs a body in one transaction of the organization; one that reads, in a dry run.
    ///
    /// The body gets `nil` where nothing exists and nothing is to be made.
    func transact<Value: Sendable>(
        _ body: @escaping @Sendable ((any Transaction)?) throws -> Value
    ) async throws -> Value {
        guard let organization, let principal else { return try body(nil) }
        let scoped: @Sendable (any Transaction) throws -> Value = {
            try body($0.scoped(to: organization, as: principal))
        }
        return isDryRun ? try await access.read(scoped) : try await access.write(scoped)
    }

    /// The same target, with all ids mapped if one of the runs exists elsewhere in the store.
    func mapping(_ outline: [SourceExperiment]) async throws -> ImportTarget {
        let runs = outline.flatMap(\.runs)
        let (project, map) = (project, map)
        var mapped = map
        mapped.isMapped = true
        let isMapped = try await access.read { [mapped] tx in
            var places: [Identifier<Experiment>: Identifier<Project>?] = [:]
            /// Whether each of the runs is in the project, or elsewhere.
            func found(_ ids: [Identifier<ExperimentRun>], isHere: Bool) throws -> Bool {
                guard !ids.isEmpty else { return false }
                let query = Query<ExperimentRun>(
                    where: { $0.id.isIn(ids) && $0.kind.isIn(RunKind.allCases) },
                    limit: Self.chunk, deleted: .included)
                return try tx.runs.page(query).contains { run in
                    if places[run.experimentID] == nil {
                        let owner = Query<Experiment>(
                            where: { $0.id == run.experimentID }, limit: 1, deleted: .included)
                        places[run.experimentID] =
                            .some(try tx.experiments.page(owner).first?.projectID)
                    }
                    return (places[run.experimentID] == project) == isHere
                }
            }
            var isElsewhere = false
            for start in stride(from: 0, to: runs.count, by: Self.chunk) {
                let part = runs[start..<min(start + Self.chunk, runs.count)]
                    .filter { IdentityMap.kept($0.id) != nil }
                if try found(part.map { mapped.run($0) }, isHere: true) { return true }
                isElsewhere =
                    try isElsewhere || found(part.map { map.run($0) }, isHere: false)
            }
            return isElsewhere
        }
        var target = self
        target.map.isMapped = isMapped
        return target
    }

    private static let chunk = 1000
}
