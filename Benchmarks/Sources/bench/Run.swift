import ArgumentParser
import Foundation

/// Runs the cases, with the sides alternating, and prints medians and ratios.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the cases beside their peers and prints medians, spreads and ratios.",
        discussion: "A ratio says how many times the library is faster: 1 is as fast.")

    enum Case: String, ExpressibleByArgument, CaseIterable {
        case ingest, log, processes, run, operations, synchronous, observers, history, search, open
        case backup, tables, memory, growth, monitor, drift, alerts, postgres

        /// The maximum number of rounds, lower for cases that take minutes and vary little.
        var mostRounds: Int {
            switch self {
            case .memory, .growth, .monitor: 1
            case .backup, .search, .processes: 3
            default: .max
            }
        }
    }

    @Argument(help: "The cases to run (default: all).")
    var cases: [Case] = Case.allCases

    @Option(help: "How often each pair is run.")
    var rounds = 5

    @Option(help: "Metric points of the large cases.")
    var points = 1_000_000

    @Option(help: "Metric points of peers that take minutes for as many.")
    var peerPoints = 100_000

    @Option(help: "Megabytes of the file of the case of backup.")
    var backupMegabytes = 1000

    @Option(help: "Calls of the cases of single operations.")
    var calls = 2000

    @Option(help: "Runs of the case of search.")
    var runs = 100_000

    @Option(help: "A virtual environment with the Python peers.")
    var peers: String?

    @Option(help: "The directory of the Python peers' programs.")
    var peerPrograms = "Benchmarks/Peers"

    @Option(help: "Where the figures are written as JSON.")
    var json: String?

    func run() async throws {
        let bench = try Workbench()
        defer { bench.remove() }
        let python = PythonPeers(environment: peers, programs: peerPrograms)
        let report = Report()
        report.setting = [
            "machine": Machine.description, "load before": Machine.load, "rounds": "\(rounds)",
        ]
        for side in [Side.mlflow, .trackio, .tensorboardX, .scipy, .evidently] {
            if let version = python.version(of: side) {
                report.setting[side.rawValue] = version
            } else {
                report.missing.insert(side.rawValue)
            }
        }
        for name in cases {
            for round in 0..<min(rounds, name.mostRounds) {
                FileHandle.standardError.write(
                    Data("\(name.rawValue), round \(round + 1), load \(Machine.load)\n".utf8))
                let trial = Trial(
                    options: self, bench: bench, python: python, report: report, round: round)
                try await trial.run(name)
            }
        }
        report.setting["load after"] = Machine.load
        print(report.table)
        if let json { try report.write(to: URL(filePath: json)) }
        guard report.isWhole else { throw ExitCode(1) }
    }
}
