import Foundation
import MLOpsCore
import MLOpsTransfer

/// Shows the states of watched runs: in a terminal in place, elsewhere a line for each change.
struct RunView {
    private let json: Bool
    private var drawnLines = 0
    private var written: [Identifier<ExperimentRun>: String] = [:]

    init(json: Bool) { self.json = json }

    private static let chartRows = 10

    mutating func show(_ state: RunFeed.State) throws {
        if json || !Terminal.canRedraw { return try writeChanges(of: state) }
        let lines = lines(of: state)
        // Back to the first line of what was drawn before, and away with it.
        let back = drawnLines > 0 ? "\u{1B}[\(drawnLines)A\r\u{1B}[J" : ""
        Output.write(back + lines.joined(separator: "\n") + "\n")
        drawnLines = lines.count
    }

    /// The table and the chart, cut to the height of the terminal.
    private func lines(of state: RunFeed.State) -> [String] {
        let (width, height) = (Terminal.width ?? 80, (Terminal.height ?? 24) - 1)
        var lines = table(of: state).lines(width: width, isColoured: Terminal.showsColours)
        if lines.count > height {
            let hidden = lines.count - height + 1
            return lines.prefix(height - 1) + ["… \(hidden) more"]
        }
        // The chart has a title, two or three lines of its axis and its legend.
        let rows = min(Self.chartRows, height - lines.count - state.curves.count - 5)
        if rows >= 4, let metric = state.metrics.first, !state.curves.isEmpty {
            let chart = Chart(
                title: metric, curves: state.curves, x: .step, isLogarithmic: false)
            lines.append("")
            lines += BrailleChart(
                chart: chart, width: max(width - 1, BrailleChart.leastWidth), rows: rows,
                isColoured: Terminal.showsColours
            ).lines()
        }
        return lines
    }

    private func table(of state: RunFeed.State) -> TextTable {
        var table = TextTable(
            [
                TextTable.Column("ID"), TextTable.Column("RUN", minimum: 12),
                TextTable.Column("STATUS"), TextTable.Column("STEP", isRight: true),
                TextTable.Column("DURATION", isRight: true, dropOrder: 2),
            ]
                + state.metrics.enumerated().map { index, name in
                    TextTable.Column(name, isRight: true, minimum: 8, dropOrder: index == 0 ? 0 : 1)
                })
        for report in state.runs {
            let run = report.run
            table.add(
                [
                    ShortID.text(run.id), run.runName, report.stateText, Self.step(of: run),
                    Format.duration(run.duration),
                ] + state.metrics.map { Format.number(run.metrics[$0]?.last) })
        }
        return table
    }

    private static func step(of run: ExperimentRun) -> String {
        run.metrics.values.map(\.step).max().map(String.init) ?? Format.none
    }

    private mutating func writeChanges(of state: RunFeed.State) throws {
        for report in state.runs {
            let run = report.run
            let figures = state.metrics.compactMap { name in
                run.metrics[name].map { "\(name) \(Format.number($0.last))" }
            }
            let text = ([report.stateText, "step \(Self.step(of: run))"] + figures)
                .joined(separator: "  ")
            // A heartbeat changes nothing that is shown.
            guard written.updateValue(text, forKey: run.id) != text else { continue }
            if json {
                Output.line(try ExportText.json(report))
            } else {
                let time = Format.time(run.heartbeatAt ?? run.completedAt ?? run.updatedAt)
                Output.line("\(time)  \(ShortID.text(run.id)) \(run.runName)  \(text)")
            }
        }
    }
}
