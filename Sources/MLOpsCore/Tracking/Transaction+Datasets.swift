extension Transaction {
    /// Records that a run used a dataset, as ``RunLogger/log(dataset:)`` does.
    ///
    /// The run may have ended. The same dataset in the same use is one entry.
    ///
    /// - Throws: `.notFound`; `.permissionDenied`; `.invalidValue` when the run has too many
    ///   artifacts; `.alreadyExists` when something else has the name of the entry.
    public func log(dataset: Dataset, in run: Identifier<ExperimentRun>) throws {
        try runs.logged.record(try dataset.artifact(), named: dataset.entryName, in: run)
    }
}
