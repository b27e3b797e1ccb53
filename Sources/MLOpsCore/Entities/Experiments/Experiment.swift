public import Foundation

/// How far an experiment has come.
public enum ExperimentStatus: String, TextEnumeration {
    /// Planned.
    case draft
    /// Under way.
    case running
    /// Ended as planned.
    case completed
    /// Ended by an error.
    case failed
    /// Ended by a person or a program.
    case cancelled
}

/// A question that a set of runs answers.
public struct Experiment: TenantOwned, SoftDeletable, Authored {
    /// What one row is called in messages.
    public static let entityName = "experiment"

    /// The key.
    public package(set) var id: Identifier<Experiment>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization>
    /// The project it belongs to.
    public package(set) var projectID: Identifier<Project>
    /// The model it is about.
    public var modelID: Identifier<Model>?
    /// Its name, unique in the project.
    public var name: String
    /// What it is to find out.
    public var description: String?
    /// How far it has come.
    public var status: ExperimentStatus
    /// What its runs share, as a JSON object.
    public var config: JSONValue
    /// Labels, in the order given.
    public var tags: [String]
    /// When it started.
    public var startedAt: Date?
    /// When it ended; not before it started.
    public var completedAt: Date?
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

    /// Makes an experiment that is not stored yet.
    public init(
        id: Identifier<Experiment> = Identifier(),
        project: Identifier<Project>,
        model: Identifier<Model>? = nil,
        name: String,
        description: String? = nil,
        status: ExperimentStatus = .draft,
        config: JSONValue = [:],
        tags: [String] = [],
        startedAt: Date? = nil,
        completedAt: Date? = nil,
        createdAt: Date = .now
    ) {
        self.id = id
        organizationID = .unassigned
        projectID = project
        modelID = model
        self.name = name
        self.description = description
        self.status = status
        self.config = config
        self.tags = tags
        self.startedAt = startedAt?.roundedToMicroseconds
        self.completedAt = completedAt?.roundedToMicroseconds
        createdBy = .unassigned
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
        deletedAt = nil
        deletionID = nil
        revision = 1
    }
}
