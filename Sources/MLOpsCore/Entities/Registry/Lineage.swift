/// Where a model version comes from.
public struct Lineage: Sendable, Hashable, Codable {
    /// The version.
    public let version: ModelVersion
    /// The model it is a version of.
    public let model: Model
    /// The project of the model.
    public let project: Project
    /// The run that produced it, with its parameters, environment and the summary of its metrics;
    /// `nil` when the version names none or the run is deleted.
    public let run: ExperimentRun?
    /// The experiment of the run.
    public let experiment: Experiment?
}
