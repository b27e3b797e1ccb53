import Foundation

/// Curves over one pair of axes.
struct Chart: Sendable {
    let title: String
    let curves: [Curve]
    let x: PlotX
    let isLogarithmic: Bool

    /// The most curves of a chart: there are no more marks for them.
    static let maximumCurves = 24

    /// The mark of a curve in a legend.
    static func mark(_ index: Int) -> Character {
        let marks = Array("123456789abcdefghijklmnop")
        return marks[index % marks.count]
    }

    /// What the horizontal axis shows.
    var xTitle: String {
        switch x {
        case .step: "step"
        case .time: "time, UTC" + (day.map { ", from \($0)" } ?? "")
        case .relative: "time since the start"
        }
    }

    private var day: String? {
        let first = curves.flatMap { $0.points.map(\.x) }.min()
        return first.map { String(Format.time(Date(timeIntervalSince1970: $0)).prefix(10)) }
    }

    func xAxis(ticks: Int) -> Axis {
        let kind: Axis.Kind = [.step: .number, .time: .time, .relative: .duration][x] ?? .number
        return Axis(kind, curves.flatMap { $0.points.map(\.x) }, ticks: ticks)
    }

    func yAxis(ticks: Int) -> Axis {
        Axis(
            isLogarithmic ? .logarithm : .number, curves.flatMap { $0.points.map(\.y) },
            ticks: ticks, margin: 0.03)
    }

    /// The text of a curve in a legend, with what the chart leaves out.
    static func legend(_ curve: Curve) -> String {
        let notes = curve.notes.isEmpty ? "" : " (\(curve.notes.joined(separator: ", ")))"
        return "\(curve.name)  last \(Format.number(curve.last))\(notes)".singleLine
    }
}
