public import Foundation

/// A registered model, which groups its versions under one name.
public struct Model: TenantOwned, SoftDeletable, Authored {
    /// The name of a row in messages.
    public static let entityName = "model"

    /// The key.
    public package(set) var id: Identifier<Model>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The project it belongs to.
    public package(set) var projectID: Identifier<Project>
    /// Its name, unique in the project.
    public var name: String
    /// Its purpose.
    public var description: String?
    /// The kind of model, such as `classifier`.
    public var modelType: String
    /// The task, such as `fraud-detection`.
    public var taskType: String
    /// The framework, such as `xgboost`.
    public var framework: String
    /// Labels, in the order given.
    public var tags: [String]
    /// Anything else, as a JSON object.
    public var metadata: JSONValue
    /// The versions by alias, such as `champion`; `setAlias` and `removeAlias` change them.
    ///
    /// A deleted version keeps its aliases, so that they come back with it. `aliases(of:)` of the
    /// repository has live versions only.
    public package(set) var aliases = ModelAliases()
    /// What its versions have to show before they enter a stage.
    public package(set) var promotionPolicies = PromotionPolicies()
    /// The largest number that a purged version had, 0 for none: numbers are never given again.
    public package(set) var purgedNumber: Int = 0
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
        projectID = project
        self.name = name
        self.description = description
        self.modelType = modelType
        self.taskType = taskType
        self.framework = framework
        self.tags = tags
        self.metadata = metadata
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}
