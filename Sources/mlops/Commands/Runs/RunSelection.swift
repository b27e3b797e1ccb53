import ArgumentParser
import MLOpsCore

/// The runs that a command lists or writes.
struct RunSelection: ParsableArguments, Sendable {
    @OptionGroup var filter: RunFilter
    @OptionGroup var period: PeriodOptions

    @Option(
        help: ArgumentHelp(
            "Only runs for which this holds, such as \"metrics.loss.min < 0.2 and not tags.team = "
                + "'vision'\".", valueName: "filter"))
    var `where`: String?

    @Option(
        help: ArgumentHelp("Only runs directly inside this run.", valueName: "run"),
        completion: .runs)
    var parent: String?

    @Flag(help: "Deleted runs instead.")
    var deleted = false

    /// The runs, newest first.
    func query(in tx: any Transaction, limit: Int = 100) throws -> Query<ExperimentRun> {
        var query = Query<ExperimentRun>(
            order: { [$0.createdAt.descending] }, limit: limit,
            deleted: deleted ? .only : .excluded)
        query.filter = try filter.condition(in: tx)
        if let text = `where` {
            let condition = try Filter<ExperimentRun>(parsing: text)
            query = query.filtered { _ in condition }
        }
        if let since = period.since?.date { query = query.filtered { $0.createdAt >= since } }
        if let until = period.until?.date { query = query.filtered { $0.createdAt < until } }
        if let parent {
            let id = try ExperimentRun.find(parent, in: tx).id
            query = query.filtered { $0.parentRunID == id }
        }
        return query
    }
}
