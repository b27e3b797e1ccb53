import ArgumentParser
import MLOpsCore
import MLOpsTransfer

/// A run that is deleted, with what goes along and what stays.
struct RunDeletion: Encodable, Sendable {
    let id: Identifier<ExperimentRun>
    let runName: String
    let experimentName: String
    let status: RunStatus
    /// How many runs it takes along, and how many points of metrics are no longer seen.
    let runsInside: Int
    let points: Int
    /// The versions that were made from it, which stay.
    let versions: Int
}

/// The command `mlops runs delete`.
struct DeleteRunsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete runs with the runs inside them, until `runs restore` or a purge.",
        discussion: """
            Without --yes nothing is deleted, and the output shows what would be. The points of \
            metrics are deleted with their run; model versions that were made from it stay. \
            `mlops purge` removes for good what is deleted.

            EXAMPLES:
              mlops runs delete 'eta=0.3 max_depth=6' --dry-run
              mlops runs delete 'eta=0.3 max_depth=6' 'eta=1.0 max_depth=6' --yes
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var chosen: ChosenRuns

    @Flag(help: "Confirm the deletion.")
    var yes = false

    @Flag(help: "Show what would be deleted, without deleting it.")
    var dryRun = false

    private struct Result: Encodable {
        let isDeleted: Bool
        let runs: [RunDeletion]
        var total: Int { runs.reduce(0) { $0 + 1 + $1.runsInside } }
    }

    /// Rolls the transaction back, and carries out what it has found.
    private struct Undone: Error { let runs: [RunDeletion] }

    func run() async throws {
        let isConfirmed = yes && !dryRun
        let runs = try await Database(options).workspace(chosen.acting) { workspace in
            do {
                return try await workspace.write { [chosen] tx in
                    let runs = try Self.delete(try chosen.find(in: tx), in: tx)
                    guard isConfirmed else { throw Undone(runs: runs) }
                    return runs
                }
            } catch let undone as Undone {
                return undone.runs
            }
        }
        let result = Result(isDeleted: isConfirmed, runs: runs)
        if options.json { try Output.json(result) } else { write(result) }
        guard isConfirmed || dryRun else {
            throw Failure(.usage, "nothing is deleted; confirm with --yes")
        }
    }

    private static func delete(
        _ runs: [ExperimentRun], in tx: any Transaction
    ) throws -> [RunDeletion] {
        var places = RunPlaces(in: tx)
        var deletions: [RunDeletion] = []
        for run in runs {
            // A run inside one that was named too is deleted already.
            guard try tx.runs.findIfExists(run.id) != nil else { continue }
            let versions = try tx.runs.versions(from: run.id).count
            let points = try points(below: run, in: tx)
            let deletion = try tx.runs.delete(run.id)
            deletions.append(
                RunDeletion(
                    id: run.id, runName: run.runName,
                    experimentName: try places.place(of: run).experiment, status: run.status,
                    runsInside: (deletion.counts["experiment_runs"] ?? 1) - 1, points: points,
                    versions: versions))
        }
        return deletions
    }

    /// How many points a run and the runs inside it have.
    private static func points(below run: ExperimentRun, in tx: any Transaction) throws -> Int {
        var (points, next) = (0, [run])
        while let run = next.popLast() {
            points += run.points
            next += try tx.runs.children(of: run.id)
        }
        return points
    }

    private func write(_ result: Result) {
        var table = TextTable([
            TextTable.Column("ID"), TextTable.Column("RUN", minimum: 16),
            TextTable.Column("EXPERIMENT", minimum: 8, dropOrder: 2), TextTable.Column("STATUS"),
            TextTable.Column("RUNS INSIDE", isRight: true),
            TextTable.Column("POINTS", isRight: true),
            TextTable.Column("VERSIONS KEPT", isRight: true, dropOrder: 1),
        ])
        for run in result.runs {
            table.add([
                ShortID.text(run.id), run.runName, run.experimentName, run.status.rawValue,
                String(run.runsInside), String(run.points), String(run.versions),
            ])
        }
        table.write()
        let count = Format.count(result.total, "run")
        Output.line(result.isDeleted ? "deleted \(count)" : "\(count) would be deleted")
    }
}

/// The command `mlops runs restore`.
struct RestoreRunsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring back deleted runs, each with what its deletion took along.",
        discussion: """
            `mlops runs list --deleted` shows what can be restored.

            EXAMPLE:
              mlops runs restore 'eta=0.3 max_depth=6'
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var chosen: ChosenRuns

    func run() async throws {
        let reports = try await Database(options).workspace(chosen.acting) { workspace in
            try await workspace.write { [chosen] tx in
                let runs = try chosen.find(in: tx, deleted: .only).map {
                    try tx.runs.restore($0.id)
                }
                return try RunReport.all(runs, at: workspace.now, in: tx)
            }
        }
        if options.json { return try Output.json(reports) }
        for report in reports {
            let run = report.run
            Output.line("restored \(ShortID.text(run.id)) \(run.runName)")
        }
    }
}
