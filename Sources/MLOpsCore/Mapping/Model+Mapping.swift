extension Model {
    /// The columns of `models`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = Model
        /// The project.
        public let projectID = Column<Model, Identifier<Project>>("project_id")
        /// The name.
        public let name = Column<Model, String>("name", holdsNames: true)
        /// What it is for.
        public let description = Column<Model, String?>("description")
        /// The type of model, such as `classifier`.
        public let modelType = Column<Model, String>("model_type", holdsNames: true)
        /// The task, such as `fraud-detection`.
        public let taskType = Column<Model, String>("task_type", holdsNames: true)
        /// The framework, such as `xgboost`.
        public let framework = Column<Model, String>("framework", holdsNames: true)
        /// The labels.
        public let tags = TagColumn<Model>("tags")
        /// Further metadata.
        public let metadata = JSONColumn<Model>("metadata")
        /// The ids of versions by alias.
        public let aliases = JSONColumn<Model>("aliases")
        /// The policies of its stages.
        public let promotionPolicies = JSONColumn<Model>("promotion_policy")
        /// The largest number that a purged version had.
        public let purgedNumber = Column<Model, Int>("purged_number")
    }

    /// The columns of `models`.
    public static let columns = Columns()
}

extension Model: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "models", resource: "model",
        project: .column(columns.projectID),
        permissions: .project(write: .contributor, delete: .maintainer, purge: .owner),
        quota: Organization.columns.maxModels,
        fixed: [columns.projectID],
        managed: [columns.aliases, columns.promotionPolicies, columns.purgedNumber],
        references: [
            Reference(columns.projectID, onPurge: .cascade),
            Reference(columns.createdBy, onPurge: .restrict),
        ])

    package static let blank = Model(project: .unassigned, name: "")

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.projectID, &projectID)
        try row.column(Self.columns.name, &name)
        try row.column(Self.columns.description, &description)
        try row.column(Self.columns.modelType, &modelType)
        try row.column(Self.columns.taskType, &taskType)
        try row.column(Self.columns.framework, &framework)
        try row.document(Self.columns.tags, &tags)
        try row.column(Self.columns.metadata, &metadata)
        try row.keptDocument(Self.columns.aliases, &aliases)
        try row.keptDocument(Self.columns.promotionPolicies, &promotionPolicies)
        try row.column(Self.columns.purgedNumber, &purgedNumber)
        try row.column(Self.columns.createdBy, &createdBy)
        try row.stamps(&self)
    }
}
