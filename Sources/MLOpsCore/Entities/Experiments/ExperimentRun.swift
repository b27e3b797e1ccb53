public import Foundation

/// The state of a run.
public enum RunStatus: String, TextEnumeration {
    /// Waiting to start.
    case queued
    /// In progress.
    case running
    /// Ended as planned.
    case completed
    /// Ended by an error.
    case failed
    /// Ended by a person or a program.
    case cancelled
}

/// One execution of training code, possibly a child of another run.
public struct ExperimentRun: TenantOwned, SoftDeletable, Authored {
    /// The name of a row in messages.
    public static let entityName = "experiment run"

    /// The key.
    public package(set) var id: Identifier<ExperimentRun>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The experiment it belongs to.
    public package(set) var experimentID: Identifier<Experiment>
    /// The parent run, if any.
    public var parentRunID: Identifier<ExperimentRun>?
    /// A name for people; it need not be unique.
    public var runName: String
    /// Its state.
    public var status: RunStatus
    /// The inputs of the run, such as hyperparameters, as a JSON object.
    public var parameters: JSONValue
    /// The summary of each metric, by name; the run logger maintains it, an update ignores it.
    public package(set) var metrics: [String: MetricSummary] = [:]
    /// The files, records and datasets it has, by name; the run logger maintains them, an update
    /// ignores them.
    public package(set) var artifacts: [String: Artifact] = [:]
    /// Labels with values; those that begin with `mlops.` are the library's.
    public var tags: [String: String]
    /// Where it ran (host, process, commit, package versions), as a JSON object.
    public var environment: JSONValue
    /// Its text output, at most 1 MiB.
    public var logs: String?
    /// Why it failed.
    public var errorMessage: String?
    /// Its last heartbeat; the run logger maintains it, an update ignores it.
    public package(set) var heartbeatAt: Date?
    /// When it started.
    public var startedAt: Date?
    /// When it ended; not before it started.
    public var completedAt: Date?
    /// The time it has worked, in seconds, without the time between its stretches.
    ///
    /// While it is running, each heartbeat adds to it, and an update does not change it.
    public var durationSeconds: Double?
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

    /// Makes a run that is not stored yet.
    public init(
        id: Identifier<ExperimentRun> = Identifier(),
        experiment: Identifier<Experiment>,
        parentRun: Identifier<ExperimentRun>? = nil,
        runName: String,
        status: RunStatus = .queued,
        parameters: JSONValue = [:],
        tags: [String: String] = [:],
        environment: JSONValue = [:],
        logs: String? = nil,
        errorMessage: String? = nil,
        startedAt: Date? = nil,
        completedAt: Date? = nil,
        durationSeconds: Double? = nil,
        createdAt: Date = .now
    ) {
        self.id = id
        experimentID = experiment
        parentRunID = parentRun
        self.runName = runName
        self.status = status
        self.parameters = parameters
        self.tags = tags
        self.environment = environment
        self.logs = logs
        self.errorMessage = errorMessage
        self.startedAt = startedAt?.roundedToMicroseconds
        self.completedAt = completedAt?.roundedToMicroseconds
        self.durationSeconds = durationSeconds
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}
