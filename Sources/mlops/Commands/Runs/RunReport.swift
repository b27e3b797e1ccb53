import MLOpsCore
import MLOpsTransfer

extension RunReport {
    /// The word for its state in a table.
    var stateText: String { run.status.rawValue + (isAbandoned ? " (gone)" : "") }
}

extension ExperimentRun {
    /// How many points its metrics have.
    var points: Int { metrics.values.reduce(0) { $0 + $1.count } }
}
