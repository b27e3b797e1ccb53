/// A picture of pixels, on white.
struct RasterCanvas: Canvas {
    let width: Int
    let height: Int
    /// Red, green and blue of each pixel, by rows.
    private(set) var pixels: [UInt8]

    /// How many pixels a dot of the font has.
    private static let fontScale = 2

    init(width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        pixels = Array(repeating: 0xFF, count: width * height * 3)
    }

    var characterWidth: Double { Double((BitmapFont.width + 1) * Self.fontScale) }
    var lineHeight: Double { Double((BitmapFont.height + 3) * Self.fontScale) }

    /// Mixes a colour into a pixel; 1 covers it.
    private mutating func blend(_ x: Int, _ y: Int, _ colour: Colour, _ cover: Double) {
        guard x >= 0, y >= 0, x < width, y < height, cover > 0 else { return }
        let start = (y * width + x) * 3
        func mixed(_ old: UInt8, _ new: UInt8) -> UInt8 {
            UInt8((Double(old) + (Double(new) - Double(old)) * min(1, cover)).rounded())
        }
        pixels[start] = mixed(pixels[start], colour.red)
        pixels[start + 1] = mixed(pixels[start + 1], colour.green)
        pixels[start + 2] = mixed(pixels[start + 2], colour.blue)
    }

    mutating func line(
        _ points: [(x: Double, y: Double)], _ colour: Colour, width: Double, isDashed: Bool
    ) {
        let parts = isDashed ? Self.dashes(of: points, on: 6, off: 4) : [points]
        for part in parts {
            for (from, to) in zip(part, part.dropFirst()) { segment(from, to, colour, width) }
        }
    }

    mutating func disc(_ x: Double, _ y: Double, radius: Double, _ colour: Colour) {
        segment((x, y), (x, y), colour, radius * 2)
    }

    /// Draws a straight line with round ends; how much of a pixel it covers follows from the
    /// distance of the pixel's middle.
    private mutating func segment(
        _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ colour: Colour,
        _ thickness: Double
    ) {
        let reach = thickness / 2 + 1
        let columns = range(from.x, to.x, reach, width)
        let (dx, dy) = (to.x - from.x, to.y - from.y)
        let square = dx * dx + dy * dy
        for y in range(from.y, to.y, reach, height) {
            for x in columns {
                let (px, py) = (Double(x) + 0.5 - from.x, Double(y) + 0.5 - from.y)
                let part = square > 0 ? max(0, min(1, (px * dx + py * dy) / square)) : 0
                let (awayX, awayY) = (px - part * dx, py - part * dy)
                let distance = (awayX * awayX + awayY * awayY).squareRoot()
                blend(x, y, colour, min(1, thickness / 2 + 0.5 - distance))
            }
        }
    }

    /// The pixels that a line between two coordinates can touch.
    private func range(_ a: Double, _ b: Double, _ reach: Double, _ limit: Int) -> Range<Int> {
        let low = max(0, min(Double(limit), (min(a, b) - reach).rounded(.down)))
        let high = max(low, min(Double(limit), (max(a, b) + reach).rounded(.up)))
        return Int(low)..<Int(high)
    }

    /// The parts of a line that are drawn when it is dashed.
    private static func dashes(
        of points: [(x: Double, y: Double)], on: Double, off: Double
    ) -> [[(x: Double, y: Double)]] {
        var dashes: [[(x: Double, y: Double)]] = []
        var walked = 0.0
        for (from, to) in zip(points, points.dropFirst()) {
            let (dx, dy) = (to.x - from.x, to.y - from.y)
            let length = (dx * dx + dy * dy).squareRoot()
            var start = 0.0
            while start < length {
                let phase = (walked + start).truncatingRemainder(dividingBy: on + off)
                let end = min(length, start + max(0.01, (phase < on ? on : on + off) - phase))
                if phase < on {
                    let ends = [start, end].map {
                        (from.x + dx * $0 / length, from.y + dy * $0 / length)
                    }
                    dashes.append(ends)
                }
                start = end
            }
            walked += length
        }
        return dashes
    }

    mutating func text(_ text: String, _ x: Double, _ y: Double, _ anchor: Anchor) {
        let scale = Self.fontScale
        let length = Double(text.count) * characterWidth - Double(scale)
        let start = x - (anchor == .start ? 0 : anchor == .middle ? length / 2 : length)
        var left = Int(start.rounded())
        let top = Int(y.rounded()) - BitmapFont.ascent * scale
        for character in text {
            for row in 0..<BitmapFont.height * scale {
                for column in 0..<BitmapFont.width * scale
                where BitmapFont.isSet(character, column: column / scale, row: row / scale) {
                    blend(left + column, top + row, .ink, 1)
                }
            }
            left += (BitmapFont.width + 1) * scale
        }
    }
}
