public import Foundation

/// The registered models of an organization.
public protocol ModelRepository: SoftDeletableRepository where Record == Model {
    /// The live model of this name in a project, or `nil`.
    func named(_ name: String, in project: Identifier<Project>) throws -> Model?
}

extension Model {
    /// The columns of `models`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<Model, Identifier<Model>>("id")
        /// The project.
        public let projectID = Column<Model, Identifier<Project>>("project_id")
        /// The name.
        public let name = Column<Model, String>("name")
        /// What it is for.
        public let description = Column<Model, String?>("description")
        /// The kind of model.
        public let modelType = Column<Model, String>("model_type")
        /// What it does.
        public let taskType = Column<Model, String>("task_type")
        /// What it was made with.
        public let framework = Column<Model, String>("framework")
        /// The labels.
        public let tags = TagColumn<Model>("tags")
        /// Anything else.
        public let metadata = JSONColumn<Model>("metadata")
        /// Who made it.
        public let createdBy = Column<Model, Identifier<User>>("created_by")
        /// When it was made.
        public let createdAt = Column<Model, Date>("created_at")
        /// When it last changed.
        public let updatedAt = Column<Model, Date>("updated_at")
        /// When it was deleted.
        public let deletedAt = Column<Model, Date?>("deleted_at")
    }

    /// The columns of `models`.
    public static let columns = Columns()
}
