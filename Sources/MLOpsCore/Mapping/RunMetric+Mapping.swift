public import Foundation

extension RunMetric {
    /// The columns of `run_metrics`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = RunMetric
        /// The run.
        public let runID = Column<RunMetric, Identifier<ExperimentRun>>("run_id")
        /// The name of the metric.
        public let metricName = Column<RunMetric, String>("metric_name", holdsNames: true)
        /// The value.
        public let value = Column<RunMetric, Double>("value")
        /// The training step.
        public let step = Column<RunMetric, Int64>("step")
        /// When it was measured.
        public let timestamp = Column<RunMetric, Date>("timestamp")
    }

    /// The columns of `run_metrics`.
    public static let columns = Columns()
}

extension RunMetric: TableMapped {
    package static let table = Table(
        of: Self.self, "run_metrics", resource: "run_metric",
        project: .parent(columns.runID), trail: .batches,
        permissions: .project(write: .contributor, delete: .owner, purge: .owner),
        order: .byParent([columns.runID, columns.metricName, columns.step]),
        references: [
            Reference(columns.runID, onPurge: .cascade)
        ])

    package static let blank = RunMetric(run: .unassigned, metricName: "", value: 0, step: 0)

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.runID, &runID)
        try row.column(Self.columns.metricName, &metricName)
        try row.real(Self.columns.value, &value)
        try row.column(Self.columns.step, &step)
        try row.column(Self.columns.timestamp, &timestamp)
    }
}
