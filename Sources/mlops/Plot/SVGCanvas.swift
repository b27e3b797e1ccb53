import Foundation

/// A picture in SVG 1.1.
struct SVGCanvas: Canvas {
    let width: Int
    let height: Int
    let characterWidth = 8.0
    let lineHeight = 20.0
    private let title: String
    private var body = ""

    init(width: Int, height: Int, title: String) {
        (self.width, self.height, self.title) = (width, height, title)
    }

    /// The document.
    var text: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
        viewBox="0 0 \(width) \(height)" role="img" aria-labelledby="title" \
        font-family="sans-serif" font-size="15" fill="#333333">
        <title id="title">\(Self.escaped(title))</title>
        <rect width="100%" height="100%" fill="#ffffff"/>
        \(body)</svg>

        """
    }

    mutating func line(
        _ points: [(x: Double, y: Double)], _ colour: Colour, width: Double, isDashed: Bool
    ) {
        let list = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }
        let dashes = isDashed ? " stroke-dasharray=\"6 4\"" : ""
        body += """
            <polyline fill="none" stroke="\(Self.text(colour))" stroke-width="\(width)" \
            stroke-linejoin="round"\(dashes) points="\(list.joined(separator: " "))"/>

            """
    }

    mutating func disc(_ x: Double, _ y: Double, radius: Double, _ colour: Colour) {
        body += """
            <circle cx="\(Self.number(x))" cy="\(Self.number(y))" r="\(radius)" \
            fill="\(Self.text(colour))"/>

            """
    }

    mutating func text(_ text: String, _ x: Double, _ y: Double, _ anchor: Anchor) {
        body += """
            <text x="\(Self.number(x))" y="\(Self.number(y))" text-anchor="\(anchor)" \
            xml:space="preserve">\(Self.escaped(text))</text>

            """
    }

    private static func number(_ value: Double) -> String { String(format: "%.2f", value) }

    private static func text(_ colour: Colour) -> String {
        String(format: "#%02x%02x%02x", colour.red, colour.green, colour.blue)
    }

    /// A text without the characters that XML reserves or does not allow.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.singleLine {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped.replacing("\u{FFFE}", with: "\u{FFFD}")
            .replacing("\u{FFFF}", with: "\u{FFFD}")
    }
}
