/// A colour, as red, green and blue.
struct Colour: Hashable, Sendable {
    let red: UInt8
    let green: UInt8
    let blue: UInt8

    static let ink = Colour(red: 0x33, green: 0x33, blue: 0x33)
    static let grid = Colour(red: 0xE2, green: 0xE2, blue: 0xE2)

    /// Colours that people with any kind of colour vision can tell apart (Okabe and Ito).
    static let curves = [
        Colour(red: 0x00, green: 0x72, blue: 0xB2), Colour(red: 0xD5, green: 0x5E, blue: 0x00),
        Colour(red: 0x00, green: 0x9E, blue: 0x73), Colour(red: 0xCC, green: 0x79, blue: 0xA7),
        Colour(red: 0xE6, green: 0x9F, blue: 0x00), Colour(red: 0x56, green: 0xB4, blue: 0xE9),
        Colour(red: 0x00, green: 0x00, blue: 0x00), Colour(red: 0x88, green: 0x22, blue: 0x55),
    ]
}

/// Where a text is put.
enum Anchor: Sendable { case start, middle, end }

/// What a chart can be drawn on; lengths are pixels from the top left.
protocol Canvas {
    var width: Int { get }
    var height: Int { get }
    /// The width of a character, which is estimated where it depends on the font.
    var characterWidth: Double { get }
    var lineHeight: Double { get }

    mutating func line(
        _ points: [(x: Double, y: Double)], _ colour: Colour, width: Double, isDashed: Bool)
    mutating func disc(_ x: Double, _ y: Double, radius: Double, _ colour: Colour)
    /// Writes a text; `y` is the line that letters stand on.
    mutating func text(_ text: String, _ x: Double, _ y: Double, _ anchor: Anchor)
}

/// Draws a chart as a picture.
struct PictureChart {
    let chart: Chart

    private static let gap = 12.0
    private static let curveWidth = 2.0
    private static let sampleWidth = 28.0

    /// The plot without its labels, in pixels.
    private struct Area {
        let left: Double
        let right: Double
        let top: Double
        let bottom: Double
        let x: Axis
        let y: Axis

        func point(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
            (
                left + x.position(of: point.x) * (right - left),
                bottom - y.position(of: point.y) * (bottom - top)
            )
        }
    }

    func draw(on canvas: inout some Canvas) {
        let (width, height) = (Double(canvas.width), Double(canvas.height))
        let legend = chart.curves.map(Chart.legend)
        let longest = Double(legend.map(\.count).max() ?? 0)
        let entry = Self.sampleWidth + Self.gap * 2 + longest * canvas.characterWidth
        let inRow = max(1, min(legend.count, Int((width - 2 * Self.gap) / entry)))
        let legendRows = (legend.count + inRow - 1) / inRow
        let line = canvas.lineHeight
        let below = Double(legendRows) * line + 2.6 * line + Self.gap
        let bottom = max(height / 3, height - below)
        let y = chart.yAxis(ticks: max(2, Int((bottom - 2 * line) / (3 * line))))
        let labels = Double(y.ticks.map(\.label.count).max() ?? 0) * canvas.characterWidth
        let left = labels + 1.5 * Self.gap
        let right = width - 1.5 * Self.gap
        let x = chart.xAxis(ticks: max(2, Int((right - left) / (12 * canvas.characterWidth))))
        let area = Area(left: left, right: right, top: 2 * line, bottom: bottom, x: x, y: y)
        canvas.text(chart.title, left, 1.3 * line, .start)
        drawAxes(of: area, on: &canvas)
        for (index, curve) in chart.curves.enumerated() { draw(curve, index, area, on: &canvas) }
        for (index, text) in legend.enumerated() {
            let startX = Self.gap + Double(index % inRow) * entry
            let startY = bottom + 2.6 * line + Double(index / inRow + 1) * line
            let middle = startY - line * 0.3
            let sample = [(x: startX, y: middle), (x: startX + Self.sampleWidth, y: middle)]
            stroke(sample, index, on: &canvas)
            canvas.text(text, startX + Self.sampleWidth + Self.gap, startY, .start)
        }
    }

    private func drawAxes(of area: Area, on canvas: inout some Canvas) {
        let line = canvas.lineHeight
        for tick in area.y.ticks {
            let y = area.point((area.x.low, tick.value)).y
            canvas.line([(area.left, y), (area.right, y)], .grid, width: 1, isDashed: false)
            canvas.text(tick.label, area.left - Self.gap / 2, y + line * 0.3, .end)
        }
        var free = 0.0
        for tick in area.x.ticks {
            let x = area.left + area.x.position(of: tick.value) * (area.right - area.left)
            canvas.line([(x, area.top), (x, area.bottom)], .grid, width: 1, isDashed: false)
            let half = Double(tick.label.count) * canvas.characterWidth / 2
            guard x - half >= free, x + half <= Double(canvas.width) else { continue }
            canvas.text(tick.label, x, area.bottom + line, .middle)
            free = x + half + canvas.characterWidth
        }
        canvas.line(
            [(area.left, area.top), (area.left, area.bottom), (area.right, area.bottom)], .ink,
            width: 1, isDashed: false)
        canvas.text(chart.xTitle, area.right, area.bottom + 2 * line, .end)
    }

    private func draw(_ curve: Curve, _ index: Int, _ area: Area, on canvas: inout some Canvas) {
        for part in curve.parts {
            let points = part.map(area.point)
            if points.count == 1 {
                let colour = Colour.curves[index % Colour.curves.count]
                canvas.disc(points[0].x, points[0].y, radius: 3, colour)
            } else {
                stroke(points, index, on: &canvas)
            }
        }
    }

    /// Draws a line in the look of a curve: when the colours are used up, it is dashed.
    private func stroke(
        _ points: [(x: Double, y: Double)], _ index: Int, on canvas: inout some Canvas
    ) {
        let colours = Colour.curves
        canvas.line(
            points, colours[index % colours.count], width: Self.curveWidth,
            isDashed: index / colours.count % 2 == 1)
    }
}
