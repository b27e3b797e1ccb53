public import Foundation

extension Experiment {
    /// The columns of `experiments`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = Experiment
        /// The project.
        public let projectID = Column<Experiment, Identifier<Project>>("project_id")
        /// The model it is about.
        public let modelID = Column<Experiment, Identifier<Model>?>("model_id")
        /// The name.
        public let name = Column<Experiment, String>("name", holdsNames: true)
        /// What it is to find out.
        public let description = Column<Experiment, String?>("description")
        /// The status of the experiment.
        public let status = Column<Experiment, ExperimentStatus>("status")
        /// What its runs share.
        public let config = JSONColumn<Experiment>("config")
        /// The labels.
        public let tags = TagColumn<Experiment>("tags")
        /// When it started.
        public let startedAt = Column<Experiment, Date?>("started_at")
        /// When it ended.
        public let completedAt = Column<Experiment, Date?>("completed_at")
    }

    /// The columns of `experiments`.
    public static let columns = Columns()
}

extension Experiment: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "experiments", resource: "experiment",
        project: .column(columns.projectID),
        permissions: .project(write: .contributor, delete: .contributor, purge: .owner),
        fixed: [columns.projectID],
        references: [
            Reference(columns.projectID, onPurge: .cascade),
            Reference(columns.modelID, onPurge: .clear),
            Reference(columns.createdBy, onPurge: .restrict),
        ])

    package static let blank = Experiment(project: .unassigned, name: "")

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.projectID, &projectID)
        try row.column(Self.columns.modelID, &modelID)
        try row.column(Self.columns.name, &name)
        try row.column(Self.columns.description, &description)
        try row.column(Self.columns.status, &status)
        try row.column(Self.columns.config, &config)
        try row.document(Self.columns.tags, &tags)
        try row.column(Self.columns.startedAt, &startedAt)
        try row.column(Self.columns.completedAt, &completedAt)
        try row.column(Self.columns.createdBy, &createdBy)
        try row.stamps(&self)
    }
}
