import MLOpsCore
import MLOpsTransfer
import Synchronization

/// The runs that are watched, and their curves, now and after each change.
final class RunFeed: Sendable {
    /// What is shown of the runs at one time.
    struct State: Sendable {
        var runs: [RunReport] = []
        var metrics: [String] = []
        /// The curves of the first metric.
        var curves: [Curve] = []
        /// How many watched runs are no longer there.
        var missing = 0

        /// Whether no run logs any more.
        var isOver: Bool { runs.allSatisfy { !Self.isLive($0) } }

        /// The runs that have ended in another way than planned.
        var unfinished: [String] {
            let names = runs.filter { $0.run.status != .completed }.map {
                "\($0.run.runName) (\($0.stateText))"
            }
            return names + (missing > 0 ? [Format.count(missing, "deleted run")] : [])
        }

        private static func isLive(_ report: RunReport) -> Bool {
            [.running, .queued].contains(report.run.status) && !report.isAbandoned
        }
    }

    private let workspace: Workspace
    private let scope: Filter<ExperimentRun>?
    private let followsAll: Bool
    private let metrics: [String]
    private let curveWidth: Int
    private let watched: Mutex<[Identifier<ExperimentRun>]>

    /// The most runs that are followed at once, and the most of them with curves.
    private static let maximum = 200
    private static let maximumCurves = 8
    private static let metricsShown = 3
    /// How often is looked without a change, since a process ends without one.
    private static let pulse = Duration.seconds(5)

    /// - Throws: `Failure` when a run does not exist, or none is running.
    init(
        _ workspace: Workspace, runs: [String], filter: RunFilter, metrics: [String],
        curveWidth: Int
    ) async throws {
        let (scope, found) = try await workspace.read { tx in
            let scope = try filter.condition(in: tx)
            let found = try runs.map { try ExperimentRun.find($0, in: tx, where: scope).id }
            return (scope, runs.isEmpty ? try Self.running(scope, in: tx) : found)
        }
        guard !found.isEmpty else { throw Failure.nothing("no run is running") }
        self.workspace = workspace
        self.scope = scope
        self.metrics = metrics
        self.curveWidth = curveWidth
        followsAll = runs.isEmpty
        var seen: Set<Identifier<ExperimentRun>> = []
        watched = Mutex(found.filter { seen.insert($0).inserted })
    }

    private static func running(
        _ scope: Filter<ExperimentRun>?, in tx: any Transaction
    ) throws -> [Identifier<ExperimentRun>] {
        var query = Query<ExperimentRun>(where: { $0.status == .running }, limit: maximum)
        if let scope { query = query.filtered { _ in scope } }
        return try tx.runs.page(query).map(\.id)
    }

    /// The state now and after each change; the task that consumes it ends it.
    func states(every interval: Duration) -> AsyncThrowingStream<State, any Error> {
        let (states, feed) = AsyncThrowingStream.makeStream(
            of: State.self, bufferingPolicy: .bufferingNewest(1))
        let task = Task { [self] in
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { [self] in
                        for try await state in workspace.observe({ [self] in try load($0) }) {
                            feed.yield(state)
                            try await Task.sleep(for: interval)
                        }
                    }
                    group.addTask { [self] in
                        while true {
                            try await Task.sleep(for: Self.pulse)
                            feed.yield(try await workspace.read { [self] in try load($0) })
                        }
                    }
                    try await group.next()
                    group.cancelAll()
                }
                feed.finish()
            } catch {
                feed.finish(throwing: error)
            }
        }
        feed.onTermination = { _ in task.cancel() }
        return states
    }

    private func load(_ tx: any Transaction) throws -> State {
        let added = followsAll ? try Self.running(scope, in: tx) : []
        let ids = watched.withLock { ids in
            ids += added.filter { !ids.contains($0) }
            return ids
        }
        let page = try tx.runs.page(where: { $0.id.isIn(ids) }, limit: 10_000)
        let order = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
        let runs = page.sorted { order[$0.id, default: 0] < order[$1.id, default: 0] }
        var state = State(missing: ids.count - runs.count)
        state.runs = try RunReport.all(runs, at: workspace.now, in: tx)
        state.metrics = metrics.isEmpty ? Self.common(runs) : metrics
        guard curveWidth > 0, let metric = state.metrics.first else { return state }
        let options = Curve.Options(width: curveWidth)
        state.curves = try runs.filter { $0.metrics[metric] != nil }.prefix(Self.maximumCurves).map
        {
            try Curve(of: metric, run: $0, named: $0.runName, options, in: tx)
        }
        return state
    }

    /// The metrics that the most runs have.
    private static func common(_ runs: [ExperimentRun]) -> [String] {
        var counts: [String: Int] = [:]
        for run in runs { for name in run.metrics.keys { counts[name, default: 0] += 1 } }
        let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return ranked.prefix(metricsShown).map(\.key)
    }
}
