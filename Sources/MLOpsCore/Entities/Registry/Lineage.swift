/// The origin of a model version.
public struct Lineage: Sendable, Hashable, Codable {
    /// The version.
    public let version: ModelVersion
    /// The model it is a version of.
    public let model: Model
    /// The project of the model.
    public let project: Project
    /// The run that produced the version; `nil` when it names none or the run is deleted.
    ///
    /// It has the parameters, the environment and the summary of the metrics.
    public let run: ExperimentRun?
    /// The experiment of the run.
    public let experiment: Experiment?

    /// The datasets that the run used.
    public var datasets: [Dataset] { run?.datasets ?? [] }
}
