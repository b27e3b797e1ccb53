public import Foundation

/// The experiments of an organization.
public protocol ExperimentRepository: SoftDeletableRepository where Record == Experiment {
    /// The live experiment of this name in a project, or `nil`.
    func named(_ name: String, in project: Identifier<Project>) throws -> Experiment?

    /// The experiments of a project, newest first.
    ///
    /// - Throws: `.notFound` for a project that is absent or deleted.
    func of(project: Identifier<Project>) throws -> [Experiment]
}

extension Experiment {
    /// The columns of `experiments`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<Experiment, Identifier<Experiment>>("id")
        /// The project.
        public let projectID = Column<Experiment, Identifier<Project>>("project_id")
        /// The model it is about.
        public let modelID = Column<Experiment, Identifier<Model>?>("model_id")
        /// The name.
        public let name = Column<Experiment, String>("name")
        /// What it is to find out.
        public let description = Column<Experiment, String?>("description")
        /// How far it has come.
        public let status = Column<Experiment, ExperimentStatus>("status")
        /// What its runs share.
        public let config = JSONColumn<Experiment>("config")
        /// The labels.
        public let tags = TagColumn<Experiment>("tags")
        /// When it started.
        public let startedAt = Column<Experiment, Date?>("started_at")
        /// When it ended.
        public let completedAt = Column<Experiment, Date?>("completed_at")
        /// Who made it.
        public let createdBy = Column<Experiment, Identifier<User>>("created_by")
        /// When it was made.
        public let createdAt = Column<Experiment, Date>("created_at")
        /// When it last changed.
        public let updatedAt = Column<Experiment, Date>("updated_at")
        /// When it was deleted.
        public let deletedAt = Column<Experiment, Date?>("deleted_at")
    }

    /// The columns of `experiments`.
    public static let columns = Columns()
}
