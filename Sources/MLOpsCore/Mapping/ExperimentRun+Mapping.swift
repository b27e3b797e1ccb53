public import Foundation

extension ExperimentRun {
    /// The columns of `experiment_runs`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = ExperimentRun
        /// The experiment.
        public let experimentID = Column<ExperimentRun, Identifier<Experiment>>("experiment_id")
        /// The parent run.
        public let parentRunID = Column<ExperimentRun, Identifier<ExperimentRun>?>("parent_run_id")
        /// The display name; it need not be unique.
        public let runName = Column<ExperimentRun, String>("run_name", holdsNames: true)
        /// The status of the run.
        public let status = Column<ExperimentRun, RunStatus>("status")
        /// The parameters, such as hyperparameters.
        public let parameters = JSONColumn<ExperimentRun>("parameters")
        /// The summary of each metric.
        public let metrics = MetricColumn<ExperimentRun>("metrics")
        /// The files it produced.
        public let artifacts = JSONColumn<ExperimentRun>("artifacts", isFlat: true)
        /// The tags: labels with values.
        public let tags = JSONColumn<ExperimentRun>("tags", isFlat: true)
        /// The environment it ran in, such as host and commit.
        public let environment = JSONColumn<ExperimentRun>("environment")
        /// The text output.
        public let logs = Column<ExperimentRun, String?>("logs")
        /// Why it failed.
        public let errorMessage = Column<ExperimentRun, String?>("error_message")
        /// When the last heartbeat was received.
        public let heartbeatAt = Column<ExperimentRun, Date?>("heartbeat_at")
        /// When it started.
        public let startedAt = Column<ExperimentRun, Date?>("started_at")
        /// When it ended.
        public let completedAt = Column<ExperimentRun, Date?>("completed_at")
        /// How long it worked, in seconds.
        public let durationSeconds = Column<ExperimentRun, Double?>("duration_seconds")
    }

    /// The columns of `experiment_runs`.
    public static let columns = Columns()
}

extension ExperimentRun: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "experiment_runs", resource: "experiment_run",
        project: .parent(columns.experimentID),
        permissions: .project(write: .contributor, delete: .contributor, purge: .owner),
        fixed: [columns.experimentID],
        managed: [columns.metrics, columns.artifacts, columns.heartbeatAt],
        references: [
            Reference(columns.experimentID, onPurge: .cascade),
            Reference(columns.parentRunID, onPurge: .cascade),
            Reference(columns.createdBy, onPurge: .restrict),
        ])

    package static let blank = ExperimentRun(experiment: .unassigned, runName: "")

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.experimentID, &experimentID)
        try row.column(Self.columns.parentRunID, &parentRunID)
        try row.column(Self.columns.runName, &runName)
        try row.column(Self.columns.status, &status)
        try row.column(Self.columns.parameters, &parameters)
        try row.document(Self.columns.metrics, &metrics)
        try row.document(Self.columns.artifacts, &artifacts)
        try row.document(Self.columns.tags, &tags)
        try row.column(Self.columns.environment, &environment)
        try row.column(Self.columns.logs, &logs)
        try row.column(Self.columns.errorMessage, &errorMessage)
        try row.column(Self.columns.heartbeatAt, &heartbeatAt)
        try row.column(Self.columns.startedAt, &startedAt)
        try row.column(Self.columns.completedAt, &completedAt)
        try row.column(Self.columns.durationSeconds, &durationSeconds)
        try row.column(Self.columns.createdBy, &createdBy)
        try row.stamps(&self)
    }
}
