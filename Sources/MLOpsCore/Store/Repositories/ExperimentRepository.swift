/// The experiments of an organization.
public protocol ExperimentRepository: SoftDeletableRepository where Record == Experiment {
    /// The live experiment of this name in a project, or `nil`.
    func named(_ name: String, in project: Identifier<Project>) throws -> Experiment?

    /// The live experiment of this name in its project, or else this one, inserted.
    ///
    /// Another program may insert one at the same time: both get the same. An experiment that is
    /// found keeps its fields.
    ///
    /// - Throws: What ``Repository/insert(_:)`` throws.
    @discardableResult
    func findOrCreate(_ experiment: Experiment) throws -> Experiment

    /// The experiments of a project, newest first.
    ///
    /// - Throws: `.notFound` for a project that is absent or deleted.
    func of(project: Identifier<Project>) throws -> [Experiment]
}
