public import Foundation

/// A registered model: the name under which its versions are found.
public struct Model: TenantOwned, SoftDeletable, Authored {
    /// What one row is called in messages.
    public static let entityName = "model"

    /// The key.
    public package(set) var id: Identifier<Model>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization>
    /// The project it belongs to.
    public package(set) var projectID: Identifier<Project>
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
    public package(set) var createdBy: Identifier<User>
    /// When it was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// When it was deleted.
    public package(set) var deletedAt: Date?
    /// The deletion that took it.
    public package(set) var deletionID: Identifier<Deletion>?
    /// How often it was written.
    public package(set) var revision: Int

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
