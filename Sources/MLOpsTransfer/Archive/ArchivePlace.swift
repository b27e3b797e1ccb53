import Foundation
import MLOpsCore

/// Where an archive goes: the project, who people are there, and the ids of rows.
struct ArchivePlace: Sendable {
    let site: ImportTarget
    /// Whether the project is to be made.
    let isNew: Bool
    let name: String
    var map: ArchiveMap
    var notes = ImportNotes()

    private static let program = "archive"
    private static let chunk = 1000

    /// Finds the place; nothing is written but the local organization, and that in no dry run.
    ///
    /// - Parameter name: The project to add to, or to make; by default the archive's own.
    static func find(
        for archive: VerifiedArchive, named name: String?, _ access: SystemAccess,
        _ store: any Store, _ workspace: Workspace?, isDryRun: Bool
    ) async throws -> ArchivePlace {
        let local =
            if let workspace {
                workspace
            } else if isDryRun {
                try await ImportTarget.existingWorkspace(of: store)
            } else {
                Optional(try await store.localWorkspace())
            }
        let (organization, principal) = (local?.organizationID, local?.principal)
        let (index, own) = (archive.index, archive.manifest.project)
        return try await access.read { tx in
            let scoped: (any Transaction)? =
                if let organization, let principal {
                    try tx.scoped(to: organization, as: principal)
                } else { nil }
            let owner = IdentityMap(
                program: program, project: Identifier(organization?.uuid ?? index.project.uuid))
            let other: Identifier<Project> = owner.mapped(
                ["project", index.project.description, name ?? ""])
            var found: Project?
            if let name {
                found = try scoped?.projects.named(name)
            } else {
                found =
                    try scoped?.projects.findIfExists(index.project)
                    ?? scoped?.projects.findIfExists(other) ?? scoped?.projects.named(own)
            }
            var ids = IdentityMap(program: program, project: found?.id ?? index.project)
            ids.isMapped =
                try found?.id == other
                || isMapped(index, IdentityMap(program: program, project: found?.id ?? other), tx)
                || isElsewhere(index, than: found?.id, in: tx)
            if found == nil, ids.isMapped {
                ids = IdentityMap(program: program, project: other, isMapped: true)
            }
            var place = ArchivePlace(
                site: ImportTarget(
                    access: access, isDryRun: isDryRun, organization: organization,
                    principal: principal, project: ids.project, map: ids),
                isNew: found == nil, name: found?.name ?? name ?? own,
                map: ArchiveMap(ids: ids, index: index))
            try place.recognize(index.people, in: scoped)
            return place
        }
    }

    /// Finds the people of the archive among the members: by id, then by address.
    private mutating func recognize(
        _ people: [ArchivePerson], in tx: (any Transaction)?
    ) throws {
        guard let tx, let principal = tx.principal else { return }
        let members = try tx.memberships.members().map(\.user)
        let ids = Set(members.map(\.id))
        let byAddress = Dictionary(members.map { ($0.email, $0.id) }) { first, _ in first }
        for person in people where !ids.contains(person.id) {
            let member = person.email.flatMap { byAddress[$0] }
            map.replaced[person.id.description] = (member ?? principal.userID).description
            if member == nil {
                notes.change(
                    "person",
                    "no member has the id or the address; what they did is said to be done by "
                        + "who imports", person.email ?? person.id.description)
            }
        }
    }

    // MARK: Ids

    /// Whether rows of the archive have been imported under other ids.
    private static func isMapped(
        _ index: ArchiveCheck.Index, _ ids: IdentityMap, _ tx: any Transaction
    ) throws -> Bool {
        func exists<Record: Entity>(_ rows: Set<Identifier<Record>>) throws -> Bool {
            try contains(rows.map { ids.mapped([$0.description]) }, in: tx) { (_: Record) in true }
        }
        return try exists(index.experiments) || exists(index.models)
            || exists(index.deployments) || exists(index.alerts)
    }

    /// Whether a row of the archive exists in another project than that.
    private static func isElsewhere(
        _ index: ArchiveCheck.Index, than place: Identifier<Project>?, in tx: any Transaction
    ) throws -> Bool {
        func isOutside(_ id: Identifier<Experiment>) throws -> Bool {
            let query = Query<Experiment>(where: { $0.id == id }, limit: 1, deleted: .included)
            return try tx.experiments.page(query).first?.projectID != place
        }
        func isOutside(_ id: Identifier<Model>) throws -> Bool {
            let query = Query<Model>(where: { $0.id == id }, limit: 1, deleted: .included)
            return try tx.models.page(query).first?.projectID != place
        }
        var isFound = false
        if place != index.project {
            isFound = try contains([index.project], in: tx) { (_: Project) in true }
        }
        isFound = try isFound || contains(index.experiments, in: tx) { $0.projectID != place }
        isFound = try isFound || contains(index.models, in: tx) { $0.projectID != place }
        isFound = try isFound || contains(index.deployments, in: tx) { $0.projectID != place }
        isFound = try isFound || contains(index.alerts, in: tx) { $0.projectID != place }
        isFound = try isFound || contains(index.runs, in: tx) { try isOutside($0.experimentID) }
        return try isFound || contains(index.versions, in: tx) { try isOutside($0.modelID) }
    }

    /// Whether a condition holds for one of the rows that have some of the ids.
    private static func contains<Record: Entity>(
        _ ids: some Collection<Identifier<Record>>, in tx: any Transaction,
        where body: (Record) throws -> Bool
    ) throws -> Bool {
        let ids = Array(ids)
        for start in stride(from: 0, to: ids.count, by: chunk) {
            let part = Array(ids[start..<min(start + chunk, ids.count)])
            var query = Query<Record>(
                where: { $0.id.isIn(part) }, limit: chunk * 2, deleted: .included)
            if let runs = query as? Query<ExperimentRun>,
                let all = runs.filtered(by: { $0.kind.isIn(RunKind.allCases) }) as? Query<Record>
            {
                query = all
            }
            if try tx.repository(of: Record.self).page(query).contains(where: body) { return true }
        }
        return false
    }
}

extension ImportTarget {
    /// A place that was found otherwise.
    init(
        access: SystemAccess, isDryRun: Bool, organization: Identifier<Organization>?,
        principal: Principal?, project: Identifier<Project>, map: IdentityMap
    ) {
        self.access = access
        self.isDryRun = isDryRun
        self.organization = organization
        self.principal = principal
        self.project = project
        self.map = map
    }
}
