/// The experiments of an organization.
public protocol ExperimentRepository: SoftDeletableRepository where Record == Experiment {
    /// The live experiment of this name in a project, or `nil`.
    func named(_ name: String, in project: Identifier<Project>) throws -> Experiment?

    /// The experiments of a project, newest first.
    ///
    /// - Throws: `.notFound` for a project that is absent or deleted.
    func of(project: Identifier<Project>) throws -> [Experiment]
}
