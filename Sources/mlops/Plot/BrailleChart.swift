/// Draws a chart with characters.
struct BrailleChart {
    let chart: Chart
    let width: Int
    /// The rows of the plot without axis and legend.
    let rows: Int
    var isColoured = false

    /// The columns of a chart for a width: what the labels of the vertical axis leave.
    static let leastWidth = 24
    private static let labelWidth = 10

    func lines() -> [String] {
        let y = chart.yAxis(ticks: max(2, rows / 2))
        let labels = y.ticks.map { $0.label.truncated(to: Self.labelWidth) }
        let margin = labels.map(\.displayWidth).max() ?? 0
        let columns = max(8, width - margin - 3)
        let x = chart.xAxis(ticks: max(2, columns / 14))
        var canvas = BrailleCanvas(columns: columns, rows: rows)
        draw(on: &canvas, x, y)
        var ticks: [Int: String] = [:]
        for (tick, label) in zip(y.ticks, labels) {
            ticks[row(of: tick.value, y, canvas) / 4] = label
        }
        var lines = [chart.title.singleLine.truncated(to: width)]
        for (row, line) in canvas.lines(isColoured: isColoured).enumerated() {
            let label = (ticks[row] ?? "").padded(to: margin, isRight: true)
            lines.append(label + (ticks[row] == nil ? " │" : " ┤") + line.trimmedEnd)
        }
        lines += xLines(x, columns, margin)
        for (index, curve) in chart.curves.enumerated() {
            let text = "\(Chart.mark(index)) \(Chart.legend(curve))".truncated(to: width)
            let style = Style.curves[index % Style.curves.count]
            lines.append(isColoured ? style.applied(to: text) : text)
        }
        return lines
    }

    private func column(of value: Double, _ axis: Axis, _ canvas: BrailleCanvas) -> Int {
        Int((axis.position(of: value) * Double(canvas.width - 1)).rounded())
    }

    private func row(of value: Double, _ axis: Axis, _ canvas: BrailleCanvas) -> Int {
        Int(((1 - axis.position(of: value)) * Double(canvas.height - 1)).rounded())
    }

    private func draw(on canvas: inout BrailleCanvas, _ x: Axis, _ y: Axis) {
        for (index, curve) in chart.curves.enumerated() {
            for part in curve.parts {
                let dots = part.map { (column(of: $0.x, x, canvas), row(of: $0.y, y, canvas)) }
                for (from, to) in zip(dots, dots.dropFirst()) { canvas.line(from, to, index) }
                if dots.count == 1 { canvas.line(dots[0], dots[0], index) }
            }
        }
        guard chart.curves.count > 1 else { return }
        // The marks of the curves take turns along the axis, so that they do not meet.
        for (index, curve) in chart.curves.enumerated() {
            let points = curve.points.filter { !$0.y.isNaN }
            for turn in 0..<3 {
                let part = (Double(index) + 0.5) / Double(chart.curves.count)
                let place = Int((Double(turn) + part) / 3 * Double(points.count))
                guard points.indices.contains(place) else { continue }
                canvas.mark(
                    column(of: points[place].x, x, canvas), row(of: points[place].y, y, canvas),
                    Chart.mark(index), index)
            }
        }
    }

    /// The horizontal axis, its labels and its title.
    private func xLines(_ axis: Axis, _ columns: Int, _ margin: Int) -> [String] {
        var line = Array(repeating: Character("─"), count: columns)
        var labels = Array(repeating: Character(" "), count: columns + margin + 2)
        var free = 0
        for tick in axis.ticks {
            let column = Int((axis.position(of: tick.value) * Double(columns - 1)).rounded())
            guard line.indices.contains(column) else { continue }
            line[column] = "┬"
            let text = Array(tick.label)
            let start = max(0, min(margin + 2 + column - text.count / 2, labels.count - text.count))
            guard start >= free, start + text.count <= labels.count else { continue }
            labels.replaceSubrange(start..<start + text.count, with: text)
            free = start + text.count + 1
        }
        let space = String(repeating: " ", count: margin + 1)
        var lines = [space + "└" + String(line), String(labels).trimmedEnd]
        let last = lines[1]
        let title = chart.xTitle
        if last.displayWidth + title.count + 2 <= width {
            lines[1] =
                last + String(repeating: " ", count: width - last.displayWidth - title.count)
                + title
        } else {
            lines.append(space + " " + title)
        }
        return lines
    }
}

extension String {
    /// The text without spaces at its end.
    var trimmedEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}
