/// A grid of characters with 2 by 4 dots each (Unicode block U+2800).
struct BrailleCanvas {
    let columns: Int
    let rows: Int
    private var dots: [UInt8]
    /// The curve that was drawn last in each cell.
    private var owners: [Int?]
    private var marks: [Int: Character] = [:]

    /// The bit of each dot, by row and column in its cell.
    private static let bits: [[UInt8]] = [
        [0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80],
    ]

    init(columns: Int, rows: Int) {
        (self.columns, self.rows) = (columns, rows)
        dots = Array(repeating: 0, count: columns * rows)
        owners = Array(repeating: nil, count: columns * rows)
    }

    /// How many dots there are in each direction.
    var width: Int { columns * 2 }
    var height: Int { rows * 4 }

    private func cell(_ x: Int, _ y: Int) -> Int { y / 4 * columns + x / 2 }

    private mutating func dot(_ x: Int, _ y: Int, _ owner: Int) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        dots[cell(x, y)] |= Self.bits[y % 4][x % 2]
        owners[cell(x, y)] = owner
    }

    /// Draws a straight line between two dots, counted from the top left.
    mutating func line(_ from: (x: Int, y: Int), _ to: (x: Int, y: Int), _ owner: Int) {
        let (dx, dy) = (abs(to.x - from.x), abs(to.y - from.y))
        let steps = max(dx, dy, 1)
        for step in 0...steps {
            let part = Double(step) / Double(steps)
            let x = Double(from.x) + part * Double(to.x - from.x)
            let y = Double(from.y) + part * Double(to.y - from.y)
            dot(Int(x.rounded()), Int(y.rounded()), owner)
        }
    }

    /// Puts the mark of a curve over the cell of a dot, unless another mark is there or beside it.
    mutating func mark(_ x: Int, _ y: Int, _ mark: Character, _ owner: Int) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        let cell = cell(x, y)
        guard (-1...1).allSatisfy({ marks[cell + $0] == nil }) else { return }
        marks[cell] = mark
        owners[cell] = owner
    }

    /// The rows as text, each cell in the style of its curve.
    func lines(isColoured: Bool) -> [String] {
        (0..<rows).map { row in
            var line = ""
            var open: Style?
            for column in 0..<columns {
                let cell = row * columns + column
                let owner = isColoured ? owners[cell] : nil
                let style = owner.map { Style.curves[$0 % Style.curves.count] }
                if style != open {
                    if open != nil { line += Style.end }
                    if let style { line += style.start }
                    open = style
                }
                let dots = Unicode.Scalar(0x2800 + UInt32(dots[cell])).map(Character.init)
                line.append(marks[cell] ?? (self.dots[cell] == 0 ? " " : dots ?? " "))
            }
            return line + (open == nil ? "" : Style.end)
        }
    }
}
