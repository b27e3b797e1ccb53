import ArgumentParser
import MLOpsCore

/// The runs that a command changes, and who does.
struct ChosenRuns: ParsableArguments, Sendable {
    @OptionGroup var acting: ActingOptions
    @OptionGroup var filter: RunFilter

    @Argument(
        help: ArgumentHelp(
            "Names, ids, or parts of four or more characters at either end of an id.",
            valueName: "run"),
        completion: .runs)
    var runs: [String]

    /// The runs, each once.
    func find(
        in tx: any Transaction, deleted: DeletedRows = .excluded
    ) throws -> [ExperimentRun] {
        let scope = try filter.condition(in: tx)
        var seen: Set<Identifier<ExperimentRun>> = []
        return try runs.map { try ExperimentRun.find($0, in: tx, where: scope, deleted: deleted) }
            .filter { seen.insert($0.id).inserted }
    }
}

/// The one run that a command changes, and who does.
struct ChosenRun: ParsableArguments, Sendable {
    @OptionGroup var acting: ActingOptions
    @OptionGroup var filter: RunFilter

    @Argument(
        help: ArgumentHelp(
            "The run's name, its id, or four or more characters at either end of its id."),
        completion: .runs)
    var run: String

    func find(in tx: any Transaction) throws -> ExperimentRun {
        try ExperimentRun.find(run, in: tx, where: try filter.condition(in: tx))
    }

    /// Changes the tags of the run in a transaction.
    func change(
        _ options: GlobalOptions,
        _ body: @escaping @Sendable (inout [String: String]) throws -> Void
    ) async throws -> ExperimentRun {
        try await Database(options).workspace(acting) { workspace in
            try await workspace.write { [self] tx in
                var run = try find(in: tx)
                let before = run.tags
                try body(&run.tags)
                return run.tags == before ? run : try tx.runs.update(run)
            }
        }
    }
}
