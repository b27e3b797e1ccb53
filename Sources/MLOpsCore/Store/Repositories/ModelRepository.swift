/// The registered models of an organization.
public protocol ModelRepository: SoftDeletableRepository where Record == Model {
    /// The live model of this name in a project, or `nil`.
    func named(_ name: String, in project: Identifier<Project>) throws -> Model?
}
