public import Foundation

/// The state of an experiment: whether its question is still open.
///
/// A run that starts turns a draft into a running experiment. The other states are the statement of
/// a person or a program, which an update makes; later runs do not change them.
public enum ExperimentStatus: String, TextEnumeration {
    /// Planned; no run has started.
    case draft
    /// Open: runs are made.
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
    /// The name of a row in messages.
    public static let entityName = "experiment"

    /// The key.
    public package(set) var id: Identifier<Experiment>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The project it belongs to.
    public package(set) var projectID: Identifier<Project>
    /// The model it is about.
    public var modelID: Identifier<Model>?
    /// Its name, unique in the project.
    public var name: String
    /// Its purpose.
    public var description: String?
    /// Its state.
    public var status: ExperimentStatus
    /// The configuration that its runs share, as a JSON object.
    public var config: JSONValue
    /// Labels, in the order given.
    public var tags: [String]
    /// When it started.
    public var startedAt: Date?
    /// When it ended; not before it started.
    public var completedAt: Date?
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
        projectID = project
        modelID = model
        self.name = name
        self.description = description
        self.status = status
        self.config = config
        self.tags = tags
        self.startedAt = startedAt?.roundedToMicroseconds
        self.completedAt = completedAt?.roundedToMicroseconds
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}
