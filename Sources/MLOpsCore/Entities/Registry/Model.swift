public import Foundation

/// A registered model: the name under which its versions are found.
public struct Model: TenantOwned, SoftDeletable, Authored {
    /// The key.
    public let id: Identifier<Model>
    /// The organization; filled in on insert.
    public let organizationID: Identifier<Organization>
    /// The project it belongs to.
    public let projectID: Identifier<Project>
    /// Its name, unique in the project.
    public var name: String
    /// What it is for.
    public var description: String?
    /// The kind of model, such as `classifier`.
    public var modelType: String
    /// What it does, such as `fraud-detection`.
    public var taskType: String
    /// What it was made with, such as `xgboost`.
    public var framework: String
    /// Labels, in the order given.
    public var tags: [String]
    /// Anything else, as a JSON object.
    public var metadata: JSONValue
    /// Who made it; filled in on insert.
    public let createdBy: Identifier<User>
    /// When it was made.
    public let createdAt: Date
    /// When it last changed.
    public let updatedAt: Date
    /// When it was deleted.
    public let deletedAt: Date?
    /// The deletion that took it.
    public let deletionID: Identifier<Deletion>?
    /// How often it was written.
    public let revision: Int

    /// Makes a model that is not stored yet.
    public init(
        id: Identifier<Model> = Identifier(),
        project: Identifier<Project>,
        name: String,
        description: String? = nil,
        modelType: String = "",
        taskType: String = "",
        framework: String = "",
        tags: [String] = [],
        metadata: JSONValue = [:],
        createdAt: Date = .now
    ) {
        self.id = id
        organizationID = .unassigned
        projectID = project
        self.name = name
        self.description = description
        self.modelType = modelType
        self.taskType = taskType
        self.framework = framework
        self.tags = tags
        self.metadata = metadata
        createdBy = .unassigned
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
        deletedAt = nil
        deletionID = nil
        revision = 1
    }
}
