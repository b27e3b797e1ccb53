import ArgumentParser
import Foundation
import MLOpsCore

/// The cases of reading, and of single operations.
extension Measure {
    /// Microseconds per operation, each in its own transaction.
    func operations(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let project = try await preparedProject(in: workspace)
        var models: [Model] = []
        let insert = try await microseconds { number in
            models.append(
                try await workspace.models.insert(
                    Model(project: project.id, name: "model \(number)")))
        }
        let find =
            if store is SQLiteStore {
                try await microseconds { _ = try await workspace.models.find(models[$0].id) }
            } else {
                try await microseconds { _ in _ = try await workspace.projects.find(project.id) }
            }
        var figures = ["insert": Figure.number(insert), "find": .number(find)]
        // PostgreSQL's planner has no statistics for such a new table, and uses an index for the
        // update that it would not use a minute later.
        if store is SQLiteStore {
            let update = try await microseconds { number in
                models[number].description = "again"
                _ = try await workspace.models.update(models[number])
            }
            let rows = try await workspace.models.count { $0.description == "again" }
            figures["update"] = .number(update)
            figures["rows"] = .number(Double(rows))
        }
        try await store.close()
        return figures
    }

    /// The project that `prepare` made.
    private func preparedProject(in workspace: Workspace) async throws -> Project {
        guard let project = try await workspace.projects.first(where: { $0.slug == "bench" }) else {
            throw ValidationError("the database is not prepared")
        }
        return project
    }

    /// Microseconds per call, for `count` calls.
    private func microseconds(_ body: (Int) async throws -> Void) async throws -> Double {
        let (_, duration) = try await seconds {
            for number in 0..<count { try await body(number) }
        }
        return duration * 1e6 / Double(count)
    }

    /// The same operations on a thread outside of the cooperative pool.
    func synchronousOperations(_ store: SQLiteStore) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let project = try await preparedProject(in: workspace)
        let figures = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { [count] in
                continuation.resume(
                    with: Result { try Self.operations(count, in: project.id, workspace) })
            }
        }
        try await store.close()
        return figures
    }

    private static func operations(
        _ count: Int, in project: Identifier<Project>, _ workspace: Workspace
    ) throws -> [String: Figure] {
        func microseconds(_ body: (Int) throws -> Void) throws -> Figure {
            let start = ContinuousClock.now
            for number in 0..<count { try body(number) }
            return .number((ContinuousClock.now - start) / .microseconds(1) / Double(count))
        }
        let sync = workspace.sync
        var models: [Model] = []
        let insert = try microseconds { number in
            let model = Model(project: project, name: "model \(number)")
            models.append(try sync.write { try $0.models.insert(model) })
        }
        let find = try microseconds { number in
            _ = try sync.read { try $0.models.find(models[number].id) }
        }
        let update = try microseconds { number in
            models[number].description = "again"
            _ = try sync.write { try $0.models.update(models[number]) }
        }
        let rows = try sync.read { try $0.models.count(where: { $0.description == "again" }) }
        return ["insert": insert, "find": find, "update": update, "rows": .number(Double(rows))]
    }

    /// The relative speed of a writer with a thousand observers, and the observers' delay.
    ///
    /// The delay is the time from its last write until all observers have the last value.
    func observers(_ store: SQLiteStore) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let project = try await preparedProject(in: workspace)
        func microsecondsOfAnInsert() async throws -> Double {
            try await microseconds { number in
                _ = try await workspace.models.insert(
                    Model(project: project.id, name: "\(UUID())"))
            }
        }
        let alone = try await microsecondsOfAnInsert()
        // Reads the newest row, like a page of the newest rows.
        let newest: @Sendable (any Transaction) throws -> String? = { tx in
            try tx.models.page(order: { [$0.id.descending] }, limit: 1).first?.name
        }
        let last = "last"
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let (begun, began) = AsyncStream<Void>.makeStream()
            for _ in 0..<1000 {
                group.addTask {
                    var isFirst = true
                    for try await name in workspace.observe(newest) {
                        if isFirst { began.yield() }
                        isFirst = false
                        if name == last { break }
                    }
                }
            }
            var iterator = begun.makeAsyncIterator()
            for _ in 0..<1000 { await iterator.next() }
            let observed = try await microsecondsOfAnInsert()
            _ = try await workspace.models.insert(Model(project: project.id, name: last))
            let (_, delay) = try await seconds { try await group.waitForAll() }
            try await store.close()
            return [
                "kept": .number(alone / observed), "insert": .number(observed),
                "last value": .number(delay),
            ]
        }
    }

    /// Points per second: all points are read, and reduced to 500 buckets.
    func history(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        var id = logged.flatMap { Identifier<ExperimentRun>($0) }
        if id == nil {
            let run = try await startRun(in: workspace)
            logPoints(count, to: run)
            try await run.finish()
            id = run.id
        }
        guard let id else { return [:] }
        let figures = try await reads(id, workspace)
        try await store.close()
        return figures.merging(["run": .text("\(id)")]) { $1 }
    }

    private func reads(
        _ run: Identifier<ExperimentRun>, _ workspace: Workspace
    ) async throws -> [String: Figure] {
        let (rows, reading) = try await seconds {
            try await workspace.read { try $0.metrics.history(of: run, metric: "metric-0").count }
        }
        let (buckets, reducing) = try await seconds {
            try await workspace.read {
                try $0.metrics.buckets(of: run, metric: "metric-0", count: 500)
            }
        }
        guard buckets.count == min(500, rows) else {
            throw ValidationError("\(buckets.count) buckets")
        }
        return [
            "rows": .number(Double(rows)), "read": .number(Double(rows) / reading),
            "buckets": .number(Double(rows) / reducing),
        ]
    }

    /// Milliseconds to find the top 50 runs by a metric and a parameter.
    func search(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let run = try await startRun(in: workspace)
        try await run.finish()
        _ = try await insertRuns(count, in: run.experimentID, workspace)
        let rows = try await workspace.runs.count { $0.metrics["accuracy"] >= 0 }
        let search = try await searchTime(in: run.experimentID, workspace)
        try await store.close()
        return ["search": .number(search * 1000), "rows": .number(Double(rows))]
    }

    /// Stores runs with summaries of two metrics and two parameters; returns the seconds it took.
    private func insertRuns(
        _ count: Int, in experiment: Identifier<Experiment>, _ workspace: Workspace
    ) async throws -> Double {
        let optimizers = ["adam", "sgd", "rmsprop"]
        return try await seconds {
            for start in stride(from: 0, to: count, by: 1000) {
                try await workspace.write { tx in
                    let numbers = start..<min(start + 1000, count)
                    let runs = try tx.runs.insert(
                        contentsOf: numbers.map { number in
                            ExperimentRun(
                                experiment: experiment, runName: "run \(number)",
                                status: .completed,
                                parameters: [
                                    "optimizer": .string(optimizers[number % 3]), "depth": 12,
                                ])
                        })
                    for (number, run) in zip(numbers, runs) {
                        var batch = MetricBatch()
                        batch.add(
                            "accuracy", Double(number * 7919 % 100_000) / 100_000, step: 1)
                        batch.add("loss", 0.5, step: 1)
                        try tx.runs.append(batch, to: run.id)
                    }
                }
            }
        }.1
    }

    private func searchTime(
        in experiment: Identifier<Experiment>, _ workspace: Workspace
    ) async throws -> Double {
        let query = Query<ExperimentRun>(
            where: {
                $0.experimentID == experiment && $0.metrics["accuracy"] > 0.9
                    && $0.parameters["optimizer"] == "adam"
            },
            order: { [$0.metrics["accuracy"].descending] }, limit: 50)
        return try await medianSeconds(of: 21) { _ in _ = try await workspace.runs.page(query) }
    }

    /// Time by size: ingest, reads and single rows with `count` points and `runs` runs.
    func growth(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let run = try await startRun(in: workspace)
        let (_, ingest) = try await seconds {
            logPoints(count, to: run)
            try await run.finish()
        }
        let id = run.id
        var figures = try await reads(id, workspace)
        figures["ingest"] = .number(Double(count) / ingest)
        let last = try await medianSeconds(of: 101) { _ in
            _ = try await workspace.read { try $0.metrics.last(of: id, metric: "metric-0") }
        }
        figures["last point"] = .number(last * 1e6)
        figures["insert run"] = .number(
            try await insertRuns(runs, in: run.experimentID, workspace) * 1e6 / Double(runs))
        let find = try await medianSeconds(of: 101) { _ in _ = try await workspace.runs.find(id) }
        figures["find run"] = .number(find * 1e6)
        figures["search"] = .number(try await searchTime(in: run.experimentID, workspace) * 1000)
        try await store.close()
        return figures
    }
}
