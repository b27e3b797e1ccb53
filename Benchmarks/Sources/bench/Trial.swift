import Foundation

/// One round of the cases.
struct Trial {
    let options: Run
    let bench: Workbench
    let python: PythonPeers
    let report: Report
    let round: Int

    /// The points in one transaction of the library's logger under load, and of the C program.
    static let batch = 32_768

    func run(_ name: Run.Case) async throws {
        switch name {
        case .ingest: for metrics in [1, 5] { try ingest(metrics) }
        case .log: try log()
        case .processes: try processes()
        case .run: try wholeRuns()
        case .operations: try operations()
        case .synchronous: try synchronousOperations()
        case .observers: try observers()
        case .history: try history()
        case .search: try search()
        case .open: try open()
        case .backup: try backup()
        case .tables: try tables()
        case .memory: try memory()
        case .growth: try growth()
        case .monitor: try monitor()
        case .drift: try drift()
        case .alerts: try alerts()
        case .postgres: try await postgres()
        }
    }

    /// Runs the sides, in reverse order in every other round.
    func alternately(_ sides: (() throws -> Void)...) throws {
        for side in round % 2 == 0 ? sides : sides.reversed() { try side() }
    }

    /// Adds the number of points in a store to figures.
    func counted(_ figures: Figures, _ store: String, by name: String = "count") throws -> Figures {
        try figures.merging(bench.measure(name, store))
    }

    /// Adds the figures of a Python peer; its own files must contain `rows` rows.
    func peer(
        _ side: Side, _ name: String, as title: String, rows: Int? = nil, _ numbers: Int...
    ) throws {
        guard !report.missing.contains(side.rawValue) else { return }
        let directory = bench.file(UUID().uuidString)
        guard let figures = try python.measure(side, name, in: directory, numbers) else { return }
        try report.add(figures, title, side, rows: rows)
        let error = figures.text("error")
        if !error.isEmpty { report.setting["\(title), \(side.rawValue)"] = error }
    }
}
