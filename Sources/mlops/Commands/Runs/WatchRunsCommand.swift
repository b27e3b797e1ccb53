import ArgumentParser
import MLOpsCore

/// The command `mlops runs watch`.
struct WatchRunsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follow runs while they log, until they end.",
        discussion: """
            Without a name every run is followed that is running, or starts meanwhile. In a \
            terminal the figures and the curves of the first metric are drawn anew after each \
            change; in a pipe each change is a line, with --json a line of JSON.

            The exit status is 0 when all of them have completed, and 1 when one has failed, was \
            cancelled or deleted, or its process is gone.

            EXAMPLES:
              mlops runs watch
              mlops runs watch 'eta=0.3 max_depth=6' --metric val_loss --interval 5
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var filter: RunFilter

    @Argument(
        help: ArgumentHelp(
            "Names, ids, or parts of four or more characters at either end of an id (default: all "
                + "that are running).", valueName: "run"),
        completion: .runs)
    var runs: [String] = []

    @Option(
        help: ArgumentHelp(
            "A metric to show, the first with curves; may be repeated (default: the most common).",
            valueName: "name"),
        completion: .metrics)
    var metric: [String] = []

    @Option(help: ArgumentHelp("The least time between two changes.", valueName: "seconds"))
    var interval = 1.0

    func validate() throws {
        guard (0.1...3600).contains(interval) else {
            throw ValidationError("--interval takes 0.1 to 3600 seconds.")
        }
    }

    func run() async throws {
        let unfinished = try await Database(options).workspace(tenant) { workspace in
            let feed = try await RunFeed(
                workspace, runs: runs, filter: filter, metrics: metric,
                curveWidth: Terminal.canRedraw ? (Terminal.width ?? 80) * 2 : 0)
            var view = RunView(json: options.json)
            for try await state in feed.states(every: .seconds(interval)) {
                try view.show(state)
                if state.isOver { return state.unfinished }
            }
            throw CancellationError()
        }
        guard unfinished.isEmpty else {
            let names = Failure.list(
                unfinished.prefix(Failure.namesShown),
                isCut: unfinished.count > Failure.namesShown)
            throw Failure(.negative, "not completed: \(names)")
        }
    }
}
