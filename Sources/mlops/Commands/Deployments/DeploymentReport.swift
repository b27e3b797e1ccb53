import Foundation
import MLOpsCore

/// A deployment with its project, its live version and the number of its open alerts.
struct DeploymentReport: Encodable, Sendable {
    let deployment: Deployment
    let projectSlug: String
    /// The version that serves; `nil` when none does.
    let liveVersion: ModelVersion?
    /// The name of that version's model.
    let liveModel: String?
    let openAlerts: Int

    private enum CodingKeys: String, CodingKey {
        case projectSlug, liveVersion, liveModel, openAlerts
    }

    init(_ deployment: Deployment, at now: Date, in tx: any Transaction) throws {
        self.deployment = deployment
        let id = deployment.id
        projectSlug = try tx.project(of: deployment).slug
        let live = try tx.deployments.liveVersion(of: id, at: now)
        liveVersion = live
        // The live version may have been deleted since, and its model with it.
        liveModel = try live.flatMap { version in
            try tx.models.page(
                Query(where: { $0.id == version.modelID }, deleted: .included)
            ).first?.name
        }
        openAlerts = try tx.alerts.count { $0.deploymentID == id && $0.status == .open }
    }

    /// Encodes the members of the deployment and the others in one object.
    func encode(to encoder: any Encoder) throws {
        try deployment.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(projectSlug, forKey: .projectSlug)
        try container.encodeIfPresent(liveVersion, forKey: .liveVersion)
        try container.encodeIfPresent(liveModel, forKey: .liveModel)
        try container.encode(openAlerts, forKey: .openAlerts)
    }

    /// The live model and version in one cell, or a dash.
    var liveText: String {
        liveVersion.map { "\(liveModel ?? Format.none) \($0.version)" } ?? Format.none
    }
}

/// One change of a deployment, with the names of its versions.
struct ChangeReport: Encodable, Sendable {
    let entry: DeploymentHistoryEntry
    let version: String
    let previousVersion: String?

    private enum CodingKeys: String, CodingKey { case version, previousVersion }

    /// Encodes the members of the entry and the two names in one object.
    func encode(to encoder: any Encoder) throws {
        try entry.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encodeIfPresent(previousVersion, forKey: .previousVersion)
    }

    /// The versions before and after, or the unchanged one.
    var versionText: String {
        guard let previousVersion, previousVersion != version else { return version }
        return "\(previousVersion) -> \(version)"
    }

    /// The changes of a deployment, oldest first.
    static func all(
        of deployment: Identifier<Deployment>, in tx: any Transaction
    ) throws -> [ChangeReport] {
        let entries = try tx.deploymentHistory.of(deployment: deployment)
        var names: [Identifier<ModelVersion>: String] = [:]
        let ids = Set(entries.flatMap { [$0.modelVersionID, $0.previousModelVersionID] })
        let versions = Query<ModelVersion>(
            where: { $0.id.isIn(ids.compactMap { $0 }) }, deleted: .included)
        try tx.modelVersions.forEach(versions) { version in
            names[version.id] = version.version
            return true
        }
        return entries.reversed().map { entry in
            ChangeReport(
                entry: entry,
                version: names[entry.modelVersionID] ?? ShortID.text(entry.modelVersionID),
                previousVersion: entry.previousModelVersionID.map {
                    names[$0] ?? ShortID.text($0)
                })
        }
    }
}
