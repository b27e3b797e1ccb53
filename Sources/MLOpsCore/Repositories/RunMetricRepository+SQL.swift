extension SQLRepository: RunMetricRepository where Record == RunMetric {
    func history(
        of run: Identifier<ExperimentRun>, metric: String, in steps: ClosedRange<Int64>?
    ) throws -> [MetricPoint] {
        var points: [MetricPoint] = []
        try forEachPoint(of: run, metric: metric, in: steps) {
            points.append($0)
            return true
        }
        return points
    }

    func forEachPoint(
        of run: Identifier<ExperimentRun>, metric: String, in steps: ClosedRange<Int64>?,
        _ body: (MetricPoint) throws -> Bool
    ) throws {
        let points = try readable(run)
        let range: Fragment =
            if let steps {
                "AND step >= \(steps.lowerBound) AND step <= \(steps.upperBound)"
            } else {
                ""
            }
        try forEachPoint("\(points.points(of: run, metric: metric)) \(range)", body)
    }

    /// Passes points to a body in the order of step and id.
    ///
    /// The index is ordered by step only. Asked for both columns, a database sorts the points of
    /// each step separately, which takes as long as the rest of the query. Most curves have one
    /// point for each step. So the points are read by step, and by both columns only from the first
    /// step that has two.
    private func forEachPoint(
        _ points: Fragment, _ body: (MetricPoint) throws -> Bool
    ) throws {
        // One point is held back: only the next one shows whether it is the only point of its step.
        var held: MetricPoint?
        var isTie = false
        try transaction.stream("\(points) ORDER BY step") { row in
            let point = try Self.point(from: &row)
            if let last = held {
                isTie = last.step == point.step
                if isTie { return false }
                held = nil
                guard try body(last) else { return false }
            }
            held = point
            return true
        }
        guard let held else { return }
        guard isTie else {
            _ = try body(held)
            return
        }
        try transaction.stream("\(points) AND step >= \(held.step) ORDER BY step, id") {
            try body(Self.point(from: &$0))
        }
    }

    func buckets(
        of run: Identifier<ExperimentRun>, metric: String, count: Int
    ) throws -> [MetricBucket] {
        guard (1...10_000).contains(count) else {
            throw StoreError(
                .invalidValue, "The number of buckets must be 1 to 10,000.",
                entity: RunMetric.entityName)
        }
        let edge = try readable(run).points(of: run, metric: metric)
        guard
            let first = try point("\(edge) ORDER BY step LIMIT 1"),
            let last = try point("\(edge) ORDER BY step DESC LIMIT 1")
        else { return [] }
        // The range excludes steps beyond it that others add meanwhile.
        let steps = first.step...last.step
        var bucketing = MetricBucketing(steps: steps, count: count)
        try forEachPoint(of: run, metric: metric, in: steps) {
            bucketing.add($0)
            return true
        }
        return bucketing.buckets
    }

    func names(of run: Identifier<ExperimentRun>) throws -> [String] {
        let tenant = try readable(run).tenant
        // A loose index scan: one look-up for each name, whatever the number of points.
        return try transaction.rows(
            """
            WITH RECURSIVE names (name) AS (
                SELECT (
                    SELECT metric_name FROM run_metrics
                    WHERE run_id = \(run) AND \(tenant)
                    ORDER BY metric_name LIMIT 1
                )
                UNION ALL
                SELECT (
                    SELECT metric_name FROM run_metrics
                    WHERE run_id = \(run) AND metric_name > names.name
                        AND \(tenant)
                    ORDER BY metric_name LIMIT 1
                )
                FROM names WHERE name IS NOT NULL
            )
            SELECT name FROM names WHERE name IS NOT NULL ORDER BY name
            """
        ) { try $0.next() }
    }

    func last(of run: Identifier<ExperimentRun>, metric: String) throws -> MetricPoint? {
        return try point(
            "\(readable(run).points(of: run, metric: metric)) ORDER BY step DESC, id DESC LIMIT 1")
    }

    /// The repository of the organization of a run that the principal sees, and with it its points.
    ///
    /// - Throws: `.notFound`; `.permissionDenied`.
    private func readable(_ run: Identifier<ExperimentRun>) throws -> Self {
        try transaction.allow(.read, on: RunMetric.self)
        let run = try transaction.runs.find(run)
        return Self(transaction.inside(run.organizationID))
    }

    /// Selects the points of one metric; the caller appends the order.
    ///
    /// The condition is the start of the index `idx_run_metrics_run_name`.
    private func points(of run: Identifier<ExperimentRun>, metric: String) -> Fragment {
        """
        SELECT step, value, timestamp FROM run_metrics
        WHERE run_id = \(run) AND metric_name = \(metric.asName) AND \(tenant)
        """
    }

    private func point(_ sql: Fragment) throws -> MetricPoint? {
        try transaction.rows(sql) { try Self.point(from: &$0) }.first
    }

    private static func point(from row: inout RowDecoder) throws -> MetricPoint {
        MetricPoint(step: try row.next(), value: try row.nextReal(), timestamp: try row.next())
    }
}

extension RunMetric: StoredEntity {
    func prepared(from source: InsertSource?, in transaction: SQLTransaction) throws -> RunMetric {
        var point = self
        point.timestamp = timestamp.orWhenStored(transaction.now)
        return point
    }
}
