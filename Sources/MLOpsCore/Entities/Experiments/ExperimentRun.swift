public import Foundation

/// How far a run has come.
public enum RunStatus: String, TextEnumeration {
    /// Waiting to start.
    case queued
    /// Under way.
    case running
    /// Ended as planned.
    case completed
    /// Ended by an error.
    case failed
    /// Ended by a person or a program.
    case cancelled
}

/// One execution of training code, possibly inside another run.
public struct ExperimentRun: TenantOwned, SoftDeletable, Authored {
    /// What one row is called in messages.
    public static let entityName = "experiment run"

    /// The key.
    public package(set) var id: Identifier<ExperimentRun>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization>
    /// The experiment it belongs to.
    public package(set) var experimentID: Identifier<Experiment>
    /// The run it is a part of.
    public var parentRunID: Identifier<ExperimentRun>?
    /// A name for people; it need not be unique.
    public var runName: String
    /// How far it has come.
    public var status: RunStatus
    /// What is fixed for the run, such as hyperparameters, as a JSON object.
    public var parameters: JSONValue
    /// The summary of each metric, by name; kept by the run logger, an update leaves it alone.
    public package(set) var metrics: [String: MetricSummary]
    /// The files it produced, by name; kept by the run logger, an update leaves them alone.
    public package(set) var artifacts: [String: Artifact]
    /// Labels with values.
    public var tags: [String: String]
    /// Where it ran (host, process, commit, package versions), as a JSON object.
    public var environment: JSONValue
    /// Its text output, at most 1 MiB.
    public var logs: String?
    /// Why it failed.
    public var errorMessage: String?
    /// Its last heartbeat; kept by the run logger, an update leaves it alone.
    public package(set) var heartbeatAt: Date?
    /// When it started.
    public var startedAt: Date?
    /// When it ended; not before it started.
    public var completedAt: Date?
    /// How long it worked, in seconds.
    public var durationSeconds: Double?
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
        organizationID = .unassigned
        experimentID = experiment
        parentRunID = parentRun
        self.runName = runName
        self.status = status
        self.parameters = parameters
        metrics = [:]
        artifacts = [:]
        self.tags = tags
        self.environment = environment
        self.logs = logs
        self.errorMessage = errorMessage
        heartbeatAt = nil
        self.startedAt = startedAt?.roundedToMicroseconds
        self.completedAt = completedAt?.roundedToMicroseconds
        self.durationSeconds = durationSeconds
        createdBy = .unassigned
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
        deletedAt = nil
        deletionID = nil
        revision = 1
    }
}
