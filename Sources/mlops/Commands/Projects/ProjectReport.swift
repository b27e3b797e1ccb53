import MLOpsCore

/// A project, and how many rows belong to it.
struct ProjectReport: Encodable, Sendable {
    let project: Project
    let experiments: Int
    let models: Int
    let deployments: Int

    private enum CodingKeys: String, CodingKey { case experiments, models, deployments }

    init(_ project: Project, in tx: any Transaction) throws {
        self.project = project
        let id = project.id
        experiments = try tx.experiments.count { $0.projectID == id }
        models = try tx.models.count { $0.projectID == id }
        deployments = try tx.deployments.count { $0.projectID == id }
    }

    /// Encodes the members of the project and the numbers in one object.
    func encode(to encoder: any Encoder) throws {
        try project.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(experiments, forKey: .experiments)
        try container.encode(models, forKey: .models)
        try container.encode(deployments, forKey: .deployments)
    }
}
