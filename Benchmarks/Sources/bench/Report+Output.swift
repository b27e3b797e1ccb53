import Foundation

extension Report {
    /// The figures as a table for people.
    var table: String {
        var rows = [["case", "measure", "unit", "side", "rows", "median", "spread", "ratio"]]
        for line in lines {
            for series in line.series {
                let ratio = series.side == .library ? nil : line.ratio(to: series.side)
                rows.append([
                    line.name, line.measure, line.unit.name, series.side.rawValue,
                    series.rows.map(String.init) ?? "-", Self.text(series.median),
                    "\(Self.text(series.spread.low))-\(Self.text(series.spread.high))",
                    ratio.map(Self.text) ?? "-",
                ])
            }
        }
        let settings = setting.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return (settings + Self.aligned(rows) + [""] + targets + notes).joined(separator: "\n")
    }

    private var targets: [String] {
        Self.aligned(
            [["target", "measure", "asked", "found", ""]]
                + verdicts.map { verdict in
                    let asked =
                        switch verdict.target.bound {
                        case .ratio(let side, let least):
                            ">= \(Self.text(least)) of \(side.rawValue)"
                        case .most(let most): "<= \(Self.text(most))"
                        case .least(let least): ">= \(Self.text(least))"
                        }
                    return [
                        verdict.target.name, verdict.target.measure, asked,
                        Self.text(verdict.value), verdict.isReached ? "reached" : "NOT REACHED",
                    ]
                })
    }

    private var notes: [String] { missing.sorted().map { "missing: \($0)" } }

    private static func aligned(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
                .joined(separator: "  ")
        }
    }

    private static func text(_ value: Double) -> String {
        let format =
            switch value {
            case ..<0.1: "%.2g"
            case ..<10: "%.2f"
            case ..<1000: "%.1f"
            default: "%.0f"
            }
        return String(format: format, value)
    }

    private struct Document: Encodable {
        struct Line: Encodable {
            let name: String
            let measure: String
            let unit: String
            let series: [Series]
            let ratios: [String: Double]
        }

        let date: Date
        let setting: [String: String]
        let lines: [Line]
        let verdicts: [Verdict]
        let missing: [String]
    }

    func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        let document = Document(
            date: .now, setting: setting,
            lines: lines.map { line in
                let ratios = line.series.filter { $0.side != .library }.compactMap { series in
                    line.ratio(to: series.side).map { (series.side.rawValue, $0) }
                }
                return Document.Line(
                    name: line.name, measure: line.measure, unit: line.unit.name,
                    series: line.series, ratios: Dictionary(uniqueKeysWithValues: ratios))
            }, verdicts: verdicts, missing: missing.sorted())
        try encoder.encode(document).write(to: file)
    }
}

/// The machine that the figures were measured on.
enum Machine {
    static var description: String {
        let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = information.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        let process = ProcessInfo.processInfo
        return "\(model ?? "unknown processor"), \(process.activeProcessorCount) cores, "
            + process.operatingSystemVersionString
    }

    /// The average number of processes that ran or waited in the last minute.
    static var load: String {
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        return String(load.prefix { $0 != " " })
    }
}
