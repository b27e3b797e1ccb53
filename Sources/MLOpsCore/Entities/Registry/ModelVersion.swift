public import Foundation

/// The stage of a model version: what people have decided about it.
///
/// A stage is not what runs. A deployment serves a version whatever its stage, and
/// ``DeploymentRepository/liveVersion(of:at:)`` tells which; deploying moves no version to a stage,
/// and promoting deploys none. The two meet where a deployment demands a stage: with
/// `demanding: .production`, `deploy`, `update` and `begin` refuse a version of another stage.
public enum ModelStage: String, TextEnumeration {
    /// In development.
    case development
    /// In tests before production.
    case staging
    /// In use.
    case production
    /// No longer in use.
    case archived
}

/// One version of a model: its artifact, its stage, and the run it came from.
public struct ModelVersion: TenantOwned, SoftDeletable, Authored {
    /// The name of a row in messages.
    public static let entityName = "model version"

    /// The key.
    public package(set) var id: Identifier<ModelVersion>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The model it is a version of.
    public package(set) var modelID: Identifier<Model>
    /// The version, such as `1.0.0`, unique in the model; it never changes.
    public package(set) var version: String
    /// Its number in the model, counted from 1, which the store gives on insert.
    ///
    /// No later version gets it, unless this one is purged and was the last.
    public package(set) var number: Int = 0
    /// Its stage.
    public package(set) var stage: ModelStage = .development
    /// The run that produced it.
    public var sourceRunID: Identifier<ExperimentRun>?
    /// Where the artifact is stored.
    public var artifactURI: String?
    /// The SHA-256 of the artifact, 64 hexadecimal digits.
    public var artifactSHA256: String?
    /// The size of the artifact, in bytes.
    public var modelSizeBytes: Int64?
    /// The packages needed to load it.
    public var requirements: String?
    /// The results of evaluation, as a JSON object.
    public var performanceMetrics: JSONValue
    /// The results of training, as a JSON object.
    public var trainingMetrics: JSONValue
    /// The inputs and outputs, as a JSON object.
    public var modelSchema: JSONValue
    /// Free text.
    public var description: String?
    /// Labels with values.
    public var tags: [String: String]
    /// Its way into its stage, and into the next one.
    public package(set) var promotion = Promotion()
    /// Who made it; filled in on insert.
    public package(set) var createdBy: Identifier<User> = .unassigned
    /// When it was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// When it was deleted.
    public package(set) var deletedAt: Date?
    /// The deletion that it was part of.
    public package(set) var deletionID: Identifier<Deletion>?
    /// The revision: 1 after the insert, one more after each change.
    public package(set) var revision: Int = 1

    /// Makes a model version that is not stored yet.
    public init(
        id: Identifier<ModelVersion> = Identifier(),
        model: Identifier<Model>,
        version: String,
        sourceRun: Identifier<ExperimentRun>? = nil,
        artifactURI: String? = nil,
        artifactSHA256: String? = nil,
        modelSizeBytes: Int64? = nil,
        requirements: String? = nil,
        performanceMetrics: JSONValue = [:],
        trainingMetrics: JSONValue = [:],
        modelSchema: JSONValue = [:],
        description: String? = nil,
        tags: [String: String] = [:],
        createdAt: Date = .now
    ) {
        self.id = id
        modelID = model
        self.version = version
        sourceRunID = sourceRun
        self.artifactURI = artifactURI
        self.artifactSHA256 = artifactSHA256
        self.modelSizeBytes = modelSizeBytes
        self.requirements = requirements
        self.performanceMetrics = performanceMetrics
        self.trainingMetrics = trainingMetrics
        self.modelSchema = modelSchema
        self.description = description
        self.tags = tags
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}
