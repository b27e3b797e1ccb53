import Foundation

/// A scale from values to a length, with ticks at round values.
struct Axis: Sendable {
    /// What the values are.
    enum Kind: Sendable { case number, logarithm, time, duration }

    let kind: Kind
    let low: Double
    let high: Double
    let ticks: [(value: Double, label: String)]

    /// An axis for values, with at most `count` ticks.
    ///
    /// - Parameter margin: The part of the range that is added at either end.
    init(_ kind: Kind, _ values: some Sequence<Double>, ticks count: Int, margin: Double = 0) {
        let finite = values.map { kind == .logarithm ? log10($0) : $0 }.filter(\.isFinite)
        let limit = Double.greatestFiniteMagnitude
        var (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
        if low == high {
            let room = low == 0 ? 1 : max(abs(low) * 0.1, .leastNormalMagnitude)
            (low, high) = (max(low - room, -limit), min(high + room, limit))
        }
        // The difference of two large numbers overflows; that of their halves does not.
        let room = (high / 2 - low / 2) * (2 * margin)
        (low, high) = (max(low - room, -limit), min(high + room, limit))
        (self.kind, self.low, self.high) = (kind, low, high)
        ticks = Self.ticks(kind, low, high, max(2, count)).filter {
            // At the ends of what a number can be, a round value may be none any more.
            (-0.001...1.001).contains(Self.part($0.value, kind, low, high))
        }
    }

    /// Where a value is: 0 at the low end, 1 at the high one; what lies beyond is at the end.
    func position(of value: Double) -> Double {
        let part = Self.part(value, kind, low, high)
        return part.isNaN ? 0 : max(0, min(1, part))
    }

    private static func part(
        _ value: Double, _ kind: Kind, _ low: Double, _ high: Double
    ) -> Double {
        let value = kind == .logarithm ? log10(value) : value
        // The halves of the smallest numbers are zero, the difference of the largest is infinite.
        let range = high - low
        return range.isFinite
            ? (value - low) / range : (value / 2 - low / 2) / (high / 2 - low / 2)
    }

    // MARK: Ticks

    private static func ticks(
        _ kind: Kind, _ low: Double, _ high: Double, _ count: Int
    ) -> [(value: Double, label: String)] {
        switch kind {
        case .number:
            let range = high - low
            let width =
                range.isFinite
                ? range / Double(count) : (high / 2 - low / 2) / Double(count) * 2
            let step = roundStep(max(width, .leastNonzeroMagnitude))
            let size = max(abs(low), abs(high))
            let digits = Int(min(15, max(3, log10(max(1, size / step)).rounded(.up) + 1)))
            return multiples(of: step, low, high).map { ($0, Format.number($0, digits: digits)) }
        case .logarithm: return powers(low, high, count)
        case .time:
            let step = timeStep((high - low) / Double(count))
            return multiples(of: step, low, high).map { ($0, clock($0, step)) }
        case .duration:
            let step = timeStep((high - low) / Double(count))
            return multiples(of: step, low, high).map { ($0, span($0, step)) }
        }
    }

    /// The multiples of a step in a range.
    private static func multiples(of step: Double, _ low: Double, _ high: Double) -> [Double] {
        guard step > 0, step.isFinite else { return [] }
        let first = (low / step).rounded(.up)
        let last = (high / step).rounded(.down)
        guard first.isFinite, last.isFinite, last >= first, last - first < 1000 else { return [] }
        return (0...Int(last - first)).map { (first + Double($0)) * step }
    }

    /// The smallest of 1, 2 and 5 times a power of ten that is not below a width.
    private static func roundStep(_ width: Double) -> Double {
        let power = pow(10, log10(width).rounded(.down))
        guard power > 0, power.isFinite else { return width }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= width * 0.999 && $0.isFinite }
            ?? width
    }

    /// Powers of ten, or within one of them 1, 2 and 5 times them.
    private static func powers(
        _ low: Double, _ high: Double, _ count: Int
    ) -> [(value: Double, label: String)] {
        let all = multiples(of: 1, low.rounded(.down), high.rounded(.up))
        let inside = all.filter { $0 >= low && $0 <= high }
        if inside.count >= 2 {
            let every = max(1, (inside.count + count - 1) / count)
            return inside.enumerated().filter { $0.offset % every == 0 }
                .map { (pow(10, $0.element), Format.number(pow(10, $0.element))) }
        }
        let fine = all.flatMap { power in [1, 2, 5].map { $0 * pow(10, power) } }
            .filter { log10($0) >= low && log10($0) <= high }
        if fine.count >= 2 { return fine.map { ($0, Format.number($0)) } }
        let (bottom, top) = (pow(10, low), pow(10, high))
        return ticks(.number, bottom, top, count * 2)
    }

    private static let timeSteps: [Double] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
        86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000,
    ]

    private static func timeStep(_ width: Double) -> Double {
        if width < 1 { return roundStep(width) }
        return timeSteps.first { $0 >= width } ?? roundStep(width / 31_536_000) * 31_536_000
    }

    /// A time in UTC, as exact as the step.
    private static func clock(_ seconds: Double, _ step: Double) -> String {
        let text = Format.time(Date(timeIntervalSince1970: seconds))
        if step >= 86_400 { return String(text.prefix(10)) }
        let time = text.dropFirst(11)
        return String(step >= 60 ? time.prefix(5) : time.prefix(8))
    }

    /// A duration in the unit of the step.
    private static func span(_ seconds: Double, _ step: Double) -> String {
        let units: [(size: Double, name: String)] = [
            (86_400, "d"), (3600, "h"), (60, "min"), (1, "s"),
        ]
        let unit = units.first { step >= $0.size } ?? (1, "s")
        return "\(Format.number(seconds / unit.size)) \(unit.name)"
    }
}
