/// The runs of an organization's experiments.
///
/// A run cannot be its own ancestor: an insert or update that would make it so throws
/// `.invalidValue`.
public protocol ExperimentRunRepository: SoftDeletableRepository where Record == ExperimentRun {
    /// The runs of an experiment, newest first.
    ///
    /// - Throws: `.notFound` for an experiment that is absent or deleted.
    func of(experiment: Identifier<Experiment>) throws -> [ExperimentRun]

    /// The runs directly inside a run, oldest first.
    ///
    /// - Throws: `.notFound` for a run that is absent or deleted.
    func children(of run: Identifier<ExperimentRun>) throws -> [ExperimentRun]

    /// The runs of the organization that are under way, by id.
    func running() throws -> [ExperimentRun]

    /// The runs that a run is inside of, the nearest first.
    ///
    /// - Throws: `.notFound` for a run that is absent or deleted.
    func ancestors(of run: Identifier<ExperimentRun>) throws -> [ExperimentRun]

    /// The runs of an experiment by one figure of a metric; runs without the metric are left out.
    ///
    /// Infinities are in their place, and NaN follows every number in both directions. `limit` is 1
    /// to 10,000.
    ///
    /// - Throws: `.notFound` for an experiment that is absent or deleted; `.invalidValue` for
    ///   another limit.
    func ranked(
        by metric: String, figure: MetricFigure, in experiment: Identifier<Experiment>,
        ascending: Bool, limit: Int
    ) throws -> [ExperimentRun]

    /// The runs that used a dataset, by its digest, newest first.
    ///
    /// It looks through the artifacts of the organization's runs. `limit` is 1 to 10,000.
    ///
    /// - Throws: `.invalidValue` for another limit.
    func using(datasetDigest digest: String, limit: Int) throws -> [ExperimentRun]

    /// The model versions that a run produced, newest first.
    ///
    /// - Throws: `.notFound` for a run that is absent or deleted.
    func versions(from run: Identifier<ExperimentRun>) throws -> [ModelVersion]

    /// Stores the points of a run's metrics, updates the run's metric summary and records a
    /// heartbeat. The run's revision does not change, so an edit of the run does not conflict with
    /// the program that logs. An empty batch records only a heartbeat.
    ///
    /// - Throws: `.notFound`; `.invalidValue` for a time outside the years 1 to 9999, or an empty
    ///   metric name.
    func append(_ batch: MetricBatch, to run: Identifier<ExperimentRun>) throws

    /// Stores points, and names of kept files, of a run of the past.
    ///
    /// The points get the times that they were added with, and the metric summaries follow them.
    /// State, times, duration, heartbeat and revision of the run stay, whether it has ended, was
    /// deleted, or is under way elsewhere. An artifact replaces one of the same name, a record one
    /// of whose items it begins with.
    ///
    /// One transaction may call it any number of times: memory is that of a batch.
    ///
    /// - Throws: `.permissionDenied` inside a workspace; `.notFound`; `.alreadyExists` for an
    ///   artifact of another kind; `.conflict` for a record that has got other items meanwhile;
    ///   what ``append(_:to:)`` throws.
    func append(
        history batch: MetricBatch, artifacts: [String: Artifact],
        to run: Identifier<ExperimentRun>
    ) throws

    /// Ends a run: sets its status, time of completion, duration and error.
    ///
    /// Its last points are stored with it, as ``append(_:to:)`` does. The duration is the time that
    /// the run has worked: a run that was resumed adds up its stretches, without the time between
    /// them.
    ///
    /// - Throws: `.notFound`; `.conflict` when it has ended already; `.invalidValue` for a status
    ///   that is no end; what ``append(_:to:)`` throws. Nothing is stored then.
    @discardableResult
    func end(
        _ run: Identifier<ExperimentRun>, as status: RunStatus, error: String?,
        with batch: MetricBatch
    ) throws -> ExperimentRun
}

/// The changes to runs that only the run logger makes.
package protocol LoggedRunRepository {
    /// Stores points as ``ExperimentRunRepository/append(_:to:)`` does.
    ///
    /// - Returns: The status of the run: another program may have ended it.
    func log(_ batch: MetricBatch, in run: Identifier<ExperimentRun>) throws -> RunStatus

    /// Ends as failed a run whose program has gone, at its last heartbeat.
    ///
    /// - Throws: `.notFound`; `.conflict` when it has ended already.
    func endAbandoned(_ run: Identifier<ExperimentRun>, error: String) throws -> ExperimentRun

    /// Records a kept file under a name; an earlier one of that name is replaced.
    ///
    /// - Throws: `.notFound`; `.alreadyExists` when the name is that of a record or a dataset.
    func record(
        _ artifact: Artifact, named name: String, in run: Identifier<ExperimentRun>
    ) throws

    /// Changes the artifacts of a run in one step; what is stored already is not stored again.
    ///
    /// A name of another kind, and a record whose lists others have changed, are left alone and
    /// named in the outcome.
    ///
    /// - Throws: `.notFound`; `.invalidValue` when the run has too many artifacts.
    func record(
        _ changes: [RecordChange], in run: Identifier<ExperimentRun>
    ) throws -> RecordOutcome

    /// Takes up a run again that has ended or was abandoned: it is running, and its first start
    /// and the time it has worked stay.
    ///
    /// - Parameter step: The first step whose points are removed; `nil` keeps all points.
    /// - Throws: `.notFound`.
    func resume(
        _ run: Identifier<ExperimentRun>, fromStep step: Int64?, environment: JSONValue
    ) throws -> ExperimentRun
}

extension ExperimentRunRepository {
    /// The repository as the run logger uses it.
    ///
    /// - Throws: `.invalidValue` for one that is not the library's own.
    package var logged: any LoggedRunRepository {
        get throws {
            guard let runs = self as? any LoggedRunRepository else {
                throw StoreError(.invalidValue, "Only stores of this library log runs.")
            }
            return runs
        }
    }
}

extension ExperimentRunRepository {
    /// The runs of an experiment by one figure of a metric, the largest first unless asked
    /// otherwise; NaN follows every number, and runs without the metric are left out.
    public func ranked(
        by metric: String, figure: MetricFigure = .last, in experiment: Identifier<Experiment>,
        ascending: Bool = false
    ) throws -> [ExperimentRun] {
        try ranked(by: metric, figure: figure, in: experiment, ascending: ascending, limit: 100)
    }

    /// The last 100 runs that used a dataset, by its digest, newest first.
    public func using(datasetDigest digest: String) throws -> [ExperimentRun] {
        try using(datasetDigest: digest, limit: 100)
    }

    /// Stores points of a run of the past; see the call with artifacts.
    public func append(history batch: MetricBatch, to run: Identifier<ExperimentRun>) throws {
        try append(history: batch, artifacts: [:], to: run)
    }

    /// Ends a run that has no further points.
    ///
    /// Of an error text of more than 64 KiB the beginning and the end are kept.
    ///
    /// - Throws: `.notFound`; `.conflict` when it has ended already; `.invalidValue` for a status
    ///   that is no end.
    @discardableResult
    public func end(
        _ run: Identifier<ExperimentRun>, as status: RunStatus, error: String? = nil
    ) throws -> ExperimentRun {
        try end(run, as: status, error: error, with: MetricBatch())
    }
}
