extension SQLRepository: ExperimentRunRepository where Record == ExperimentRun {
    func of(experiment: Identifier<Experiment>) throws -> [ExperimentRun] {
        _ = try transaction.experiments.find(experiment)
        return try all(
            where: { $0.experimentID == experiment },
            order: { [$0.createdAt.descending, $0.id.descending] })
    }

    func children(of run: Identifier<ExperimentRun>) throws -> [ExperimentRun] {
        _ = try find(run)
        return try all(where: { $0.parentRunID == run }, order: { [$0.createdAt.ascending] })
    }

    func running() throws -> [ExperimentRun] {
        // With a literal, the database can use the partial index on running runs.
        try select("status = 'running' AND kind = 'run' ORDER BY id")
    }

    func ancestors(of run: Identifier<ExperimentRun>) throws -> [ExperimentRun] {
        var ancestors: [ExperimentRun] = []
        var seen: Set = [run]
        var next = try find(run).parentRunID
        // Rows written by other programs may form a cycle.
        while let id = next, seen.insert(id).inserted, let ancestor = try findIfExists(id) {
            ancestors.append(ancestor)
            next = ancestor.parentRunID
        }
        return ancestors
    }

    func ranked(
        by metric: String, figure: MetricFigure, in experiment: Identifier<Experiment>,
        ascending: Bool, limit: Int
    ) throws -> [ExperimentRun] {
        _ = try transaction.experiments.find(experiment)
        let query = Query<ExperimentRun>(
            where: { $0.experimentID == experiment && $0.metrics[metric, figure].exists },
            order: {
                let number = $0.metrics[metric, figure]
                return [ascending ? number.ascending : number.descending]
            },
            limit: limit)
        return try page(query).records
    }

    func versions(from run: Identifier<ExperimentRun>) throws -> [ModelVersion] {
        _ = try find(run)
        return try transaction.modelVersions.all(
            where: { $0.sourceRunID == run },
            order: { [$0.createdAt.descending, $0.id.descending] })
    }
}

extension SQLRepository where Record == ExperimentRun {
    /// Checks the rules of a run's parent; called before each insert and update.
    ///
    /// - Throws: See ``checkParent(_:)`` and ``checkExperiment(of:)``.
    func validate(_ record: ExperimentRun, isInsert: Bool) throws {
        try checkExperiment(of: record)
        // A new run has no children yet, and its parent may be in the same batch.
        if isInsert, record.parentRunID != record.id { return }
        try checkParent(record)
    }

    /// Refuses a parent of another experiment.
    ///
    /// An absent parent is reported later. A parent in the same batch is left to the foreign key.
    ///
    /// - Throws: `.invalidValue`.
    private func checkExperiment(of run: ExperimentRun) throws {
        guard let parent = run.parentRunID else { return }
        let experiment = try transaction.rows(
            """
            SELECT experiment_id FROM experiment_runs WHERE \(try scope()) AND id = \(parent) \
            AND \(live)
            """
        ) { try $0.next(Identifier<Experiment>.self) }.first
        guard let experiment, experiment != run.experimentID else { return }
        throw StoreError(
            .invalidValue, "The parent of a run is a run of the same experiment.",
            entity: ExperimentRun.entityName, field: "parent_run_id")
    }

    /// Refuses a parent that is the run itself or one of its descendants.
    ///
    /// - Throws: `.invalidValue` that names the cycle; `.notFound` for a parent that is absent or
    ///   deleted.
    func checkParent(_ run: ExperimentRun) throws {
        guard let parent = run.parentRunID else { return }
        var chain = [run.id, parent]
        if parent != run.id {
            for ancestor in try ancestors(of: parent) {
                chain.append(ancestor.id)
                if ancestor.id == run.id { break }
            }
        }
        guard chain.dropFirst().contains(run.id) else { return }
        let cycle = chain.map(\.description).joined(separator: " -> ")
        throw StoreError(
            .invalidValue, "A run cannot be its own ancestor: \(cycle).",
            entity: ExperimentRun.entityName, field: "parent_run_id")
    }
}

extension ExperimentRun: StoredSoftDeletable {
    /// Checks that the run is not its own ancestor, and its reserved tags.
    func prepared(
        from source: InsertSource?, in transaction: SQLTransaction
    ) throws -> Self {
        try RunMark.check(tags)
        try SQLRepository(transaction).validate(self, isInsert: source != nil)
        return self
    }

    /// Keeps the duration of a run that is being logged: each heartbeat adds to it.
    func replacing(_ current: Self) -> Self {
        var run = self
        if run.status == .running, current.status == .running {
            run.durationSeconds = current.durationSeconds
        }
        return run
    }

    /// Opens the experiment of a new run; that of the past has its own state.
    func finishInsert(from source: InsertSource, in transaction: SQLTransaction) throws {
        guard source != .history else { return }
        try SQLRepository(transaction).openExperiment(of: self)
    }
}
