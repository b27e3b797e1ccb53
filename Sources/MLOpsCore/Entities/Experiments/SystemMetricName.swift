/// The names of the metrics of the machine that a run is on.
enum SystemMetricName {
    /// What all of them begin with; their steps are seconds, and no steps of the training.
    static let prefix = "system/"
}
