import ArgumentParser
import Foundation
import MLOpsPostgres

/// Runs the cases, each pair alternately, and prints medians and ratios.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the cases beside their peers and prints medians, spreads and ratios.",
        discussion: "A ratio is the peer's time by the library's: 1 is as fast, more is faster.")

    enum Case: String, ExpressibleByArgument, CaseIterable {
        case ingest, operations, history, log, open, memory, postgres
    }

    @Argument(help: "The cases to run (default: all).")
    var cases: [Case] = Case.allCases

    @Option(help: "How often each pair is run.")
    var rounds = 5

    @Option(help: "Metric points of the large cases.")
    var points = 1_000_000

    @Option(help: "Calls of the cases of single operations.")
    var calls = 2000

    @Option(help: "Where the figures are written as JSON.")
    var json: String?

    func run() async throws {
        let report = Report(rounds: rounds, points: points, calls: calls)
        let bench = try Workbench()
        defer { bench.remove() }
        for name in cases {
            for round in 0..<rounds {
                FileHandle.standardError.write(
                    Data("\(name.rawValue), round \(round + 1) of \(rounds)\n".utf8))
                try await run(name, round, bench, report)
            }
        }
        print(report.table)
        if let json { try report.write(to: URL(filePath: json)) }
        guard report.isWhole else { throw ExitCode(1) }
    }

    private func run(
        _ name: Case, _ round: Int, _ bench: Workbench, _ report: Report
    ) async throws {
        switch name {
        case .ingest:
            for metrics in [1, 5] {
                let (ours, theirs) = (try bench.prepared(), try bench.prepared())
                let sides: [() throws -> Void] = [
                    {
                        let figures = try bench.measure(
                            "ingest", ours.path, points: points, "--metrics", "\(metrics)")
                        try report.add(figures, "ingest, \(metrics) a step", .ours, rows: points)
                    },
                    {
                        let figures = try bench.sqlitePeer(
                            "ingest", theirs.path, theirs["organization"], theirs["run"],
                            "\(points)", "\(metrics)", "10000")
                        try report.add(figures, "ingest, \(metrics) a step", .peer, rows: points)
                    },
                ]
                for side in round % 2 == 0 ? sides : sides.reversed() { try side() }
            }
        case .operations:
            let (ours, theirs) = (try bench.prepared(), try bench.prepared())
            try report.add(
                bench.measure("operations", ours.path, points: calls), "SQLite", .ours)
            try report.add(
                bench.sqlitePeer(
                    "operations", theirs.path, theirs["organization"], theirs["project"],
                    theirs["user"], "\(calls)"), "SQLite", .peer)
        case .history:
            let file = try bench.prepared()
            let figures = try bench.measure("history", file.path, points: points)
            try report.add(figures, "history", .ours, rows: points)
            try report.add(
                bench.sqlitePeer(
                    "history", file.path, file["organization"], figures.text("run"), "metric-0",
                    "500"), "history", .peer, rows: points)
        case .log, .open, .memory:
            let file = try bench.prepared()
            let count = name == .log ? points / 10 : 0
            try report.add(
                bench.measure(name.rawValue, file.path, points: count), name.rawValue, .ours)
        case .postgres: try await postgres(bench, report)
        }
    }

    private func postgres(_ bench: Workbench, _ report: Report) async throws {
        guard let server = ProcessInfo.processInfo.environment["MLOPS_TEST_POSTGRES"] else {
            report.missing.insert("PostgreSQL (run it as Scripts/bench)")
            return
        }
        let database = try bench.psql("\(server)/postgres").makeDatabase()
        try await PostgresRoles().setUp("\(server)/\(database)")
        let url = server.replacing("postgres@", with: "mlops_app@") + "/\(database)"
        let ids = try bench.measure("postgresPrepare", url, points: 0)
        try report.add(
            bench.measure("postgresIngest", url, points: points), "COPY", .ours, rows: points)
        let psql = try bench.psql("\(server)/\(database)")
        try report.add(
            psql.copyAgain("run_metrics", through: bench.file("rows.tsv")), "COPY", .peer,
            rows: points)
        try report.add(
            bench.measure("postgresOperations", url, points: calls), "PostgreSQL", .ours)
        try report.add(
            bench.program(
                "postgres-peer", url, ids.text("organization"), ids.text("project"),
                ids.text("user"), "\(calls)"), "PostgreSQL", .peer)
        try bench.psql("\(server)/postgres").run("DROP DATABASE \(database) WITH (FORCE)")
    }
}
