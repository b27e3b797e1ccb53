import ArgumentParser
import Foundation

/// The figures of all rounds, by case and measure.
final class Report {
    enum Side { case ours, peer }

    struct Series: Encodable {
        var values: [Double] = []
        var median: Double { values.sorted()[values.count / 2] }
        var spread: (low: Double, high: Double) { (values.min() ?? 0, values.max() ?? 0) }

        enum CodingKeys: CodingKey { case median, low, high, values }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(median, forKey: .median)
            try container.encode(spread.low, forKey: .low)
            try container.encode(spread.high, forKey: .high)
            try container.encode(values, forKey: .values)
        }
    }

    struct Line: Encodable {
        let name: String
        let measure: String
        let unit: String
        var ours = Series()
        var peer = Series()

        /// The peer's median by the library's.
        var ratio: Double? { peer.values.isEmpty ? nil : peer.median / ours.median }

        enum CodingKeys: CodingKey { case name, measure, unit, ours, peer, ratio }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(measure, forKey: .measure)
            try container.encode(unit, forKey: .unit)
            try container.encode(ours, forKey: .ours)
            if !peer.values.isEmpty { try container.encode(peer, forKey: .peer) }
            try container.encodeIfPresent(ratio, forKey: .ratio)
        }
    }

    private(set) var lines: [Line] = []
    /// What could not be measured.
    var missing: Set<String> = []
    let rounds: Int
    let points: Int
    let calls: Int

    init(rounds: Int, points: Int, calls: Int) {
        self.rounds = rounds
        self.points = points
        self.calls = calls
    }

    /// Whether nothing is missing.
    var isWhole: Bool { missing.isEmpty }

    private static let units = [
        "ingest": "s", "read": "s", "buckets": "s", "insert": "us", "find": "us", "update": "us",
        "p50": "us", "p99": "us", "new": "ms", "existing": "ms", "workspace": "ms",
    ]

    /// Adds what one side has measured in one round.
    ///
    /// - Throws: When the database did not hold as many rows as were written.
    func add(
        _ figures: Figures, _ name: String, _ side: Side, rows: Int? = nil
    ) throws {
        if let rows, let found = figures.numbers["rows"], found != Double(rows) {
            throw ValidationError("\(name): \(Int(found)) rows instead of \(rows)")
        }
        for (measure, value) in figures.numbers.sorted(by: { $0.key < $1.key }) {
            guard let unit = Self.units[measure] else { continue }
            let index =
                lines.firstIndex { $0.name == name && $0.measure == measure } ?? lines.count
            if index == lines.count {
                lines.append(Line(name: name, measure: measure, unit: unit))
            }
            switch side {
            case .ours: lines[index].ours.values.append(value)
            case .peer: lines[index].peer.values.append(value)
            }
        }
    }

    // MARK: Telling

    var table: String {
        var rows = [
            ["case", "measure", "unit", "library", "spread", "C or psql", "spread", "ratio"]
        ]
        for line in lines where !line.ours.values.isEmpty {
            rows.append([
                line.name, line.measure, line.unit, Self.text(line.ours.median),
                Self.text(line.ours.spread),
                line.ratio == nil ? "-" : Self.text(line.peer.median),
                line.ratio == nil ? "-" : Self.text(line.peer.spread),
                line.ratio.map { String(format: "%.2f", $0) } ?? "-",
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let text = rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
                .joined(separator: "  ")
        }
        let notes = missing.sorted().map { "missing: \($0)" }
        return (["\(Self.machine), \(rounds) rounds"] + text + notes).joined(separator: "\n")
    }

    private static func text(_ value: Double) -> String {
        String(format: value < 10 ? "%.3f" : "%.1f", value)
    }

    private static func text(_ spread: (low: Double, high: Double)) -> String {
        "\(text(spread.low))-\(text(spread.high))"
    }

    private static var machine: String {
        let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = information.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        let process = ProcessInfo.processInfo
        return "\(model ?? "unknown processor"), \(process.activeProcessorCount) cores, "
            + process.operatingSystemVersionString
    }

    private struct Document: Encodable {
        let date: Date
        let machine: String
        let rounds: Int
        let points: Int
        let calls: Int
        let lines: [Line]
        let missing: [String]
    }

    func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        let document = Document(
            date: .now, machine: Self.machine, rounds: rounds, points: points, calls: calls,
            lines: lines, missing: missing.sorted())
        try encoder.encode(document).write(to: file)
    }
}
