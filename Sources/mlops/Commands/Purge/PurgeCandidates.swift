import Foundation
import MLOpsCore

/// A deleted row, with the deleted rows below it.
struct PurgeRoot: Sendable {
    let kind: String
    let id: UUID
    let name: String
    let deletedAt: Date
    /// Purges the row; returns what was removed, or what prevents the purge.
    let purge: @Sendable (any Transaction) throws -> PurgePreview
}

/// The deleted rows of the organizations that a transaction sees.
struct PurgeCandidates {
    /// A row; ids of rows of organizations are unique in one alone.
    private struct Place: Hashable {
        var organization: UUID?
        let id: UUID
    }

    private struct Row {
        let root: PurgeRoot
        let place: Place
        let parents: [UUID]
    }

    private let tx: any Transaction
    private let cutoff: Date
    private let system: Bool
    private var rows: [Row] = []

    /// Collects the rows that were deleted at or before a time.
    init(in tx: any Transaction, before cutoff: Date, system: Bool) throws {
        self.tx = tx
        self.cutoff = cutoff
        self.system = system
        if system {
            try add("organization", Organization.self, \.name) { _ in [] }
        }
        try add("project", Project.self, \.name) { [$0.organizationID.uuid] }
        // A deployment refers to its model version, so it is purged before models.
        try add("deployment", Deployment.self, \.name) { [$0.projectID.uuid] }
        try add("model", Model.self, \.name) { [$0.projectID.uuid] }
        try add("version", ModelVersion.self, \.version) { [$0.modelID.uuid] }
        try add("experiment", Experiment.self, \.name) { [$0.projectID.uuid] }
        let runs = Query<ExperimentRun>(
            where: { $0.kind.isIn(RunKind.allCases) }, deleted: .only)
        try add("run", ExperimentRun.self, \.runName, runs) {
            [$0.experimentID.uuid, $0.parentRunID?.uuid].compactMap { $0 }
        }
        try add("channel", NotificationChannel.self, \.name) { [$0.organizationID.uuid] }
        try add("rule", NotificationRule.self, \.name) {
            [$0.projectID?.uuid, $0.deploymentID?.uuid, $0.channelID.uuid]
                .compactMap { $0 }
        }
        try add("project member", ProjectMember.self, { ShortID.text($0.id) }) {
            [$0.projectID.uuid, $0.userID.uuid]
        }
        try add("api key", APIKey.self, \.name) { [$0.organizationID.uuid, $0.userID.uuid] }
        try add("membership", OrganizationMembership.self, { ShortID.text($0.id) }) {
            [$0.organizationID.uuid, $0.userID.uuid]
        }
        if system { try add("user", User.self, \.email) { _ in [] } }
    }

    /// The rows that are not below other candidates, in an order in which they can be purged.
    var roots: [PurgeRoot] {
        let all = Set(rows.map(\.place))
        return rows.filter { row in
            !row.parents.contains { parent in
                all.contains(Place(organization: row.place.organization, id: parent))
                    || all.contains(Place(id: parent))
            }
        }.map(\.root)
    }

    private mutating func add<Record: SoftDeletable>(
        _ kind: String, _ type: Record.Type, _ name: (Record) -> String,
        _ query: Query<Record> = Query(deleted: .only), parents: (Record) -> [UUID]
    ) throws {
        var found: [Row] = []
        let system = system
        try tx.repository(of: type).forEach(query) { record in
            guard let deletedAt = record.deletedAt, deletedAt <= cutoff else { return true }
            let id = record.id
            let owner = (record as? any TenantOwned)?.organizationID
            let root = PurgeRoot(
                kind: kind, id: id.uuid, name: name(record), deletedAt: deletedAt
            ) { tx in
                let tx = try system ? owner.map { try tx.scoped(to: $0) } ?? tx : tx
                let repository = try tx.repository(of: Record.self)
                let preview = try repository.purgePreview(id)
                return preview.blockers.isEmpty ? try repository.purge(id) : preview
            }
            let place = Place(organization: owner?.uuid, id: id.uuid)
            found.append(Row(root: root, place: place, parents: parents(record)))
            return true
        }
        rows += found
    }
}
