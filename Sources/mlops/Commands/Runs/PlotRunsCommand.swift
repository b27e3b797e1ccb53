import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops runs plot`.
struct PlotRunsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "Draw metrics of runs in one chart, in the terminal or as SVG or PNG.",
        discussion: """
            A curve has a gap where its value is NaN or infinite; the legend says so. Where \
            several points fall on one place, the smallest and the largest are drawn.

            EXAMPLES:
              mlops runs plot 'eta=0.3 max_depth=6' --metric val_loss
              mlops runs plot 'eta=0.3 max_depth=4' 'als factors=64' --metric train_loss
              mlops runs plot 'eta=0.1 max_depth=6' --metric val_loss --log --out a.png
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var filter: RunFilter

    @Argument(
        help: ArgumentHelp(
            "Names, ids, or parts of four or more characters at either end of an id.",
            valueName: "run"),
        completion: .runs)
    var runs: [String]

    @Option(
        help: ArgumentHelp("A metric to draw; may be repeated.", valueName: "name"),
        completion: .metrics)
    var metric: [String]

    @Flag(help: "A logarithmic vertical axis.")
    var log = false

    @Option(
        help: ArgumentHelp(
            "The weight of earlier values in a running mean, 0 to below 1.", valueName: "weight"))
    var smooth = 0.0

    @Option(help: ArgumentHelp("What the horizontal axis shows.", valueName: "axis"))
    var x = Choice(PlotX.step)

    @Option(
        help: ArgumentHelp(
            "A file to make, whose name ends in .svg or .png; labels of a PNG are ASCII.",
            valueName: "file"),
        completion: .file(extensions: ["svg", "png"]))
    var out: String?

    @Option(
        help: ArgumentHelp(
            "The width in pixels (default: 1200), or in columns (default: the terminal's).",
            valueName: "count"))
    var width: Int?

    @Option(
        help: ArgumentHelp(
            "The height in pixels (default: 675), or in rows (default: 16).", valueName: "count"))
    var height: Int?

    /// The kinds of files.
    private var kind: String? { out.map { URL(filePath: $0).pathExtension.lowercased() } }

    func validate() throws {
        guard (0..<1).contains(smooth) else {
            throw ValidationError("--smooth takes 0 to below 1, such as 0.9.")
        }
        if let kind, !["svg", "png"].contains(kind) {
            throw ValidationError("--out takes a name that ends in .svg or .png.")
        }
        let (columns, rows) = out == nil ? (24...400, 4...200) : (200...4000, 150...4000)
        if let width, !columns.contains(width) {
            throw ValidationError(
                "--width takes \(columns.lowerBound) to \(columns.upperBound) here.")
        }
        if let height, !rows.contains(height) {
            throw ValidationError("--height takes \(rows.lowerBound) to \(rows.upperBound) here.")
        }
        guard runs.count * metric.count <= Chart.maximumCurves else {
            throw ValidationError("A chart has at most \(Chart.maximumCurves) curves.")
        }
        guard !options.json else {
            throw ValidationError("A chart is no JSON; `mlops metrics show --json` is.")
        }
    }

    private var columns: Int { width ?? min(Terminal.width ?? 80, 400) }
    private var pixels: (width: Int, height: Int) { (width ?? 1200, height ?? 675) }

    func run() async throws {
        let curves = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { [self] in try load($0) }
        }
        let chart = Chart(
            title: metric.joined(separator: ", ") + (smooth > 0 ? ", smoothed by \(smooth)" : ""),
            curves: curves, x: x.value, isLogarithmic: log)
        guard let out else {
            let drawing = BrailleChart(
                chart: chart, width: columns, rows: height ?? 16,
                isColoured: Terminal.showsColours)
            return Output.write(drawing.lines().joined(separator: "\n") + "\n")
        }
        try write(chart, to: out)
        Output.line("\(out), \(Format.count(curves.count, "curve"))")
    }

    private func write(_ chart: Chart, to path: String) throws {
        let data: Data
        if kind == "svg" {
            var canvas = SVGCanvas(width: pixels.width, height: pixels.height, title: chart.title)
            PictureChart(chart: chart).draw(on: &canvas)
            data = Data(canvas.text.utf8)
        } else {
            var canvas = RasterCanvas(width: pixels.width, height: pixels.height)
            PictureChart(chart: chart).draw(on: &canvas)
            data = PNGFile.data(canvas)
        }
        let file = try NewFile.create(path)
        do {
            try file.write(contentsOf: data)
        } catch {
            unlink(path)
            throw Failure(.cannotCreate, "\(path) cannot be written")
        }
    }

    private func load(_ tx: any Transaction) throws -> [Curve] {
        let scope = try filter.condition(in: tx)
        let found = try runs.map { try ExperimentRun.find($0, in: tx, where: scope) }
        let options = Curve.Options(
            x: x.value, smoothing: smooth, isLogarithmic: log,
            width: out == nil ? columns * 2 : pixels.width)
        let areSame = Set(found.map(\.runName)).count < found.count
        let curves = try found.flatMap { run in
            try metric.filter { run.metrics[$0] != nil }.map { name in
                let shown = areSame ? "\(run.runName) \(ShortID.text(run.id))" : run.runName
                let title = metric.count == 1 ? shown : "\(shown) \(name)"
                return try Curve(of: name, run: run, named: title, options, in: tx)
            }
        }
        guard !curves.isEmpty else {
            let names = Failure.hint(found.flatMap(\.metrics.keys))
            throw Failure.nothing(
                "no run has the metric \(metric.joined(separator: " or "))" + names)
        }
        guard curves.contains(where: { !$0.parts.isEmpty }) else {
            throw Failure.nothing(
                "no point can be drawn: \(curves[0].notes.joined(separator: ", "))")
        }
        return curves
    }
}
