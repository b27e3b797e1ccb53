import Foundation
import MLOpsCore
import Testing

@testable import mlops

/// Charts of the smallest and the largest numbers.
@Suite struct PlotEndsTests {
    private static let least = Double.leastNonzeroMagnitude
    private static let ends: [Double] = [
        least, 2 * least, .leastNormalMagnitude, 1e-300, 1, 1.0000000000000002, 1e300, 1.7e308,
        .greatestFiniteMagnitude,
    ]

    private static let ranges: [[Double]] = [
        [2 * least, 1], [1, 1.7e308], [-1.7e308, 1.7e308], [least, least], [0, least],
        [-least, least], [1.7e308, 1.7e308], [-.greatestFiniteMagnitude],
        [1, 1.0000000000000002], [least, .greatestFiniteMagnitude], [0, 0], [least, 2 * least],
    ]

    private func chart(
        _ values: [Double], isLogarithmic: Bool, smoothing: Double, in workspace: Workspace
    ) async throws -> Chart {
        let id = try await workspace.withRun(project: "p", experiment: "e") { run in
            for (step, value) in values.enumerated() { run.log("m", value, step: step) }
            return run.id
        }
        let curve = try await workspace.read { tx in
            var options = Curve.Options()
            (options.isLogarithmic, options.smoothing) = (isLogarithmic, smoothing)
            return try Curve(of: "m", run: tx.runs.find(id), named: "m", options, in: tx)
        }
        return Chart(title: "m", curves: [curve], x: .step, isLogarithmic: isLogarithmic)
    }

    /// Draws a chart in all forms; a number that cannot be converted ends the process.
    private func draw(_ chart: Chart, _ comment: Comment) {
        for rows in [4, 16, 60] {
            let lines = BrailleChart(chart: chart, width: 80, rows: rows).lines()
            #expect(lines.count >= rows, comment)
        }
        var svg = SVGCanvas(width: 400, height: 300, title: "m")
        PictureChart(chart: chart).draw(on: &svg)
        let text = svg.text.lowercased()
        #expect(!text.contains("nan") && !text.contains("\"inf") && !text.contains(",inf"), comment)
        #expect(!text.contains("-inf") && !text.contains(" inf,"), comment)
        var raster = RasterCanvas(width: 400, height: 300)
        PictureChart(chart: chart).draw(on: &raster)
    }

    @Test(arguments: ranges)
    func everyRangeIsDrawn(_ values: [Double]) async throws {
        let store = try await SQLiteStore.inMemory()
        let workspace = try await store.localWorkspace()
        let isPositive = values.contains { $0 > 0 }
        for isLogarithmic in [false, true] where isPositive || !isLogarithmic {
            for smoothing in [0, 0.9] {
                let chart = try await chart(
                    values, isLogarithmic: isLogarithmic, smoothing: smoothing, in: workspace)
                draw(chart, "\(values), log \(isLogarithmic), smoothed \(smoothing)")
            }
        }
        try await store.close()
    }

    @Test func everyValueHasAPlace() {
        let seed =
            ProcessInfo.processInfo.environment["MLOPS_TEST_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<2000 {
            let values = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                let end = Self.ends.randomElement(using: &random) ?? 1
                let near = end * Double.random(in: 0...1, using: &random)
                let value = Bool.random(using: &random) ? end : near
                return Bool.random(using: &random) ? value : -value
            }
            for kind in [Axis.Kind.number, .logarithm] {
                let count = Int.random(in: 0...60, using: &random)
                let axis = Axis(kind, values, ticks: count, margin: 0.03)
                let places = (values + axis.ticks.map(\.value)).map(axis.position)
                #expect(
                    places.allSatisfy { (0...1).contains($0) }, "seed \(seed): \(values) \(kind)")
                #expect(
                    axis.ticks.allSatisfy { $0.value.isFinite && !$0.label.contains("n") },
                    "seed \(seed): \(axis.ticks)")
                #expect(axis.low < axis.high, "seed \(seed): \(values) \(kind)")
            }
        }
    }
}
