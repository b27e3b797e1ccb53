import MLOpsCore

/// A model with its project and its versions, newest first.
struct ModelReport: Encodable, Sendable {
    let model: Model
    let projectSlug: String
    let versions: [ModelVersion]

    private enum CodingKeys: String, CodingKey { case projectSlug, versions }

    init(_ model: Model, in tx: any Transaction) throws {
        self.model = model
        projectSlug = try tx.projects.find(model.projectID).slug
        versions = try tx.modelVersions.of(model: model.id)
    }

    /// Encodes the members of the model and the two others in one object.
    func encode(to encoder: any Encoder) throws {
        try model.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(projectSlug, forKey: .projectSlug)
        try container.encode(versions, forKey: .versions)
    }

    /// The names of the versions in a stage, or a dash.
    func versions(in stage: ModelStage) -> String {
        let names = versions.filter { $0.stage == stage }.map(\.version)
        return names.isEmpty ? Format.none : names.joined(separator: ", ")
    }
}
