import Foundation
import MLOpsPostgres

extension Trial {
    func ingest(_ metrics: Int) throws {
        let title = "ingest, \(metrics) a step"
        let (ours, theirs) = (try bench.prepared(), try bench.prepared())
        defer { for file in [ours, theirs] { file.remove() } }
        let points = options.points
        try alternately(
            {
                let figures = try bench.measure(
                    "ingest", ours.path, count: points, "--metrics", "\(metrics)")
                try report.add(counted(figures, ours.path), title, .library, rows: points)
            },
            {
                let figures = try bench.sqlitePeer(
                    "ingest", theirs.path, theirs["organization"], theirs["user"], theirs["run"],
                    "\(points)", "\(metrics)", "\(Self.batch)")
                try report.add(figures, title, .c, rows: points)
            })
        let fewer = options.peerPoints
        try peer(.mlflow, "ingest", as: title, rows: fewer, fewer, metrics)
        try peer(.trackio, "ingest", as: title, rows: points, points, metrics)
    }

    func log() throws {
        let file = try bench.prepared()
        let count = options.points / 10
        let figures = try bench.measure("log", file.path, count: count)
        try report.add(counted(figures, file.path), "log", .library, rows: count)
        // Enough calls for several batches to be passed to the writer.
        let calls = 4 * Self.batch
        var allocations = bench.library("allocations", file.path, calls)
        allocations.environment["LD_PRELOAD"] = bench.path("libcount-allocations.so")
        try report.add(
            counted(bench.figures(allocations), file.path), "log", .library,
            rows: count + Measure.warmUpPoints + calls)
        try peer(.mlflow, "log", as: "log", rows: options.calls / 2, options.calls / 2)
        try peer(.trackio, "log", as: "log", rows: count, count)
        try peer(.tensorboardX, "log", as: "log", rows: count, count)
    }

    func processes() throws {
        let (title, each) = ("8 processes", options.points / 10)
        let (ours, one, many) = (try bench.prepared(), try bench.prepared(), try bench.prepared())
        defer { for file in [ours, one, many] { file.remove() } }
        func add(_ side: Side, _ file: Workbench.Prepared, _ commands: [Command]) throws {
            let duration = try Command.runTogether(commands)
            // No points are lost: the report checks the number of rows.
            let figures = Figures(["ingest": Double(8 * each) / duration, "lost": 0])
            try report.add(counted(figures, file.path), title, side, rows: 8 * each)
        }
        func c(_ file: Workbench.Prepared, _ points: Int) -> Command {
            Command(
                program: bench.path("sqlite-peer"),
                arguments: [
                    "ingest", file.path, file["organization"], file["user"], file["run"],
                    "\(points)", "1", "\(Self.batch)",
                ])
        }
        try alternately(
            {
                try add(
                    .library, ours,
                    (0..<8).map { _ in bench.library("ingest", ours.path, each) })
            },
            { try add(.c, one, [c(one, 8 * each)]) },
            { try add(.manyC, many, (0..<8).map { _ in c(many, each) }) })
        try peer(.mlflow, "processes", as: title, 8, options.peerPoints / 10)
    }

    func wholeRuns() throws {
        let (title, count) = ("whole runs", options.calls / 2)
        let file = try bench.prepared()
        try report.add(
            bench.measure("run", file.path, count: count), title, .library, rows: count)
        try peer(.mlflow, "run", as: title, rows: count / 10, count / 10)
    }

    func operations() throws {
        let title = "operations"
        try alternately(
            { try operations(title, measure: "operations") },
            { try operations(title, .c, "operations") },
            { try operations(title, .handedOverC, "operations-handed-over") },
            { try operations(title, .untrailedC, "operations-without-trail") })
    }

    func synchronousOperations() throws {
        let title = "operations, synchronous"
        try alternately(
            { try operations(title, measure: "synchronous") },
            { try operations(title, .c, "operations") })
    }

    private func operations(_ title: String, measure name: String) throws {
        let figures = try bench.measure(name, bench.prepared().path, count: options.calls)
        try report.add(figures, title, .library, rows: options.calls)
    }

    private func operations(_ title: String, _ side: Side, _ name: String) throws {
        let file = try bench.prepared()
        let figures = try bench.sqlitePeer(
            name, file.path, file["organization"], file["project"], file["user"],
            "\(options.calls)")
        try report.add(figures, title, side, rows: options.calls)
    }

    func observers() throws {
        let figures = try bench.measure(
            "observers", bench.prepared().path, count: options.calls)
        try report.add(figures, "1,000 observers", .library)
    }

    func history() throws {
        let file = try bench.prepared()
        defer { file.remove() }
        let figures = try bench.measure("history", file.path, count: options.points)
        try report.add(figures, "history", .library, rows: options.points)
        try report.add(
            bench.sqlitePeer(
                "history", file.path, file["organization"], figures.text("run"), "metric-0",
                "500"), "history", .c, rows: options.points)
        let fewer = options.peerPoints
        try peer(.mlflow, "history", as: "history", rows: fewer, fewer)
    }

    func search() throws {
        let file = try bench.prepared()
        defer { file.remove() }
        try report.add(
            bench.measure("search", file.path, count: options.runs), "search", .library,
            rows: options.runs)
        try report.add(
            bench.sqlitePeer(
                "search", file.path, file["organization"], file["experiment"], file["user"]),
            "search", .c, rows: options.runs)
        try peer(.mlflow, "search", as: "search", rows: options.runs, options.runs, 5)
    }

    func open() throws {
        try report.add(bench.measure("open", bench.file("open-\(round)")), "open", .library)
        try peer(.mlflow, "open", as: "open")
    }

    /// A file of the requested size; a point takes 268 bytes.
    ///
    /// The export works like `mlops db copy`: it copies every row into a second store, reads both
    /// again and compares them. The sample is that of `mlops seed`.
    func backup() throws {
        let (title, points) = ("backup", options.backupMegabytes * 1_000_000 / 268)
        let file = try bench.prepared()
        // Only one copy is on the disk at a time.
        let copy = "\(file.path).copy"
        defer { for path in [file.path, copy] { Workbench.remove(path) } }
        func add(_ side: Side, _ figures: Figures, rows: Int? = nil) throws {
            try report.add(figures, title, side, rows: rows)
            Workbench.remove(copy)
        }
        let rate = try bench.measure("ingest", file.path, count: points).numbers["ingest"] ?? 0
        try add(
            .library, counted(Figures(["fill with points": Double(points) / rate]), file.path),
            rows: points)
        let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
        report.setting["backup"] = "a file of \(size / 1_000_000) MB"
        try alternately(
            { try add(.library, bench.measure("backup", file.path)) },
            {
                let command = Command(
                    program: "/usr/bin/env",
                    arguments: ["sqlite3", file.path, ".backup '\(copy)'"])
                try add(.sqlite3, Figures(["backup": Command.runTogether([command])]))
            })
        try add(.library, bench.measure("export", file.path), rows: points)
        try add(.library, bench.measure("seed", bench.file("seed-\(round)")))
    }

    /// All points as CSV, beside the shell of SQLite with the same columns in the same order.
    func tables() throws {
        let (title, points) = ("tables", options.points)
        let file = try bench.prepared()
        let output = "\(file.path).csv"
        defer { for path in [file.path, output] { Workbench.remove(path) } }
        _ = try bench.measure("ingest", file.path, count: points, "--metrics", "5")
        let query = """
            SELECT m.run_id, r.run_name, e.name AS experiment, p.slug AS project,
                m.metric_name AS metric, m.step, m.value, m.timestamp
            FROM run_metrics AS m
            JOIN experiment_runs AS r ON r.id = m.run_id
            JOIN experiments AS e ON e.id = r.experiment_id
            JOIN projects AS p ON p.id = e.project_id
            ORDER BY m.run_id, m.metric_name, m.step, m.id
            """
        func add(_ side: Side, _ figures: Figures) throws {
            try report.add(figures, title, side, rows: side == .library ? points : nil)
            Workbench.remove(output)
        }
        try alternately(
            { try add(.library, bench.measure("csv", file.path)) },
            {
                let command = Command(
                    program: "/usr/bin/env",
                    arguments: [
                        "sqlite3", "-csv", "-header", file.path, ".once '\(output)'", query,
                    ])
                let duration = try Command.runTogether([command])
                try add(.sqliteCSV, Figures(["csv": Double(points) / duration]))
            })
    }

    func memory() throws {
        let file = try bench.prepared()
        defer { file.remove() }
        let points = options.points * 10
        try report.add(
            bench.measure("memory", file.path, count: points), "memory", .library, rows: points)
    }

    /// Each size is ten times the previous; the largest has 10,000,000 points and 100,000 runs.
    func growth() throws {
        var (points, runs) = (options.points / 100, options.runs / 1000)
        for _ in 0..<4 {
            let file = try bench.prepared()
            defer { file.remove() }
            let figures = try bench.measure(
                "growth", file.path, count: points, "--runs", "\(runs)")
            try report.add(
                figures, "growth, \(points) points, \(runs) runs", .library, rows: points)
            (points, runs) = (points * 10, runs * 10)
        }
    }

    /// A hundred times as many records as points of other cases: 100,000,000.
    func monitor() throws {
        func add(_ command: Command) throws {
            try report.add(bench.figures(command), "monitor", .library)
        }
        for _ in 0..<min(options.rounds, 5) {
            try add(bench.library("monitor", try bench.prepared().path, options.points))
        }
        try add(bench.monitorAllocations(options.points))
        let path = try bench.prepared().path
        try add(bench.library("monitorMemory", path, options.points * 100))
    }

    /// 100,000 numbers of each feature, in the reference and in the window.
    func drift() throws {
        let count = options.points / 10
        let rows = Measure.driftFeatures * count
        try alternately(
            {
                try report.add(
                    bench.measure("drift", "", count: count), "drift", .library, rows: rows)
            },
            { try peer(.scipy, "drift", as: "drift", rows: rows, count) },
            { try peer(.evidently, "drift", as: "drift", rows: rows, count) })
    }

    /// Raising beside 1,000 rules, messages to a receiver on loopback, and a storm of alerts.
    func alerts() throws {
        for name in ["raising", "delivery"] {
            let file = bench.file("\(UUID()).db")
            defer { Workbench.remove(file) }
            try report.add(
                bench.measure(name, file, count: options.calls), "alerts", .library,
                rows: options.calls)
        }
        let file = bench.file("\(UUID()).db")
        defer { Workbench.remove(file) }
        try report.add(
            bench.measure("storm", file, count: 10_000), "alerts", .library, rows: 10_000)
    }

    func postgres() async throws {
        guard let server = ProcessInfo.processInfo.environment["MLOPS_TEST_POSTGRES"] else {
            report.missing.insert("PostgreSQL (run it as Scripts/bench)")
            return
        }
        let title = "PostgreSQL"
        let database = try Psql(url: "\(server)/postgres").makeDatabase()
        try await PostgresRoles().setUp("\(server)/\(database)")
        let url = server.replacing("postgres@", with: "mlops_app@") + "/\(database)"
        let ids = try bench.measure("postgresPrepare", url)
        let figures = try bench.measure("postgresIngest", url, count: options.points)
        try report.add(
            counted(figures, url, by: "postgresCount"), title, .library, rows: options.points)
        let psql = Psql(url: "\(server)/\(database)")
        try report.add(
            psql.copyAgain("run_metrics", through: bench.file("rows.tsv")), title, .psql,
            rows: options.points)
        try report.add(
            bench.measure("postgresOperations", url, count: options.calls), title, .library)
        try report.add(
            bench.postgresPeer(
                url, ids.text("organization"), ids.text("project"), ids.text("user"),
                "\(options.calls)"), title, .c)
        try Psql(url: "\(server)/postgres").run("DROP DATABASE \(database) WITH (FORCE)")
    }
}
