import ArgumentParser
import Foundation

/// The figures of all rounds, by case, measure and side.
final class Report {
    struct Series: Encodable {
        let side: Side
        /// The number of rows that the side held or returned, or of calls that it made.
        var rows: Int?
        var values: [Double] = []
        var median: Double { values.sorted()[values.count / 2] }
        var spread: (low: Double, high: Double) { (values.min() ?? 0, values.max() ?? 0) }

        enum CodingKeys: CodingKey { case side, rows, median, low, high, values }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(side, forKey: .side)
            try container.encodeIfPresent(rows, forKey: .rows)
            try container.encode(median, forKey: .median)
            try container.encode(spread.low, forKey: .low)
            try container.encode(spread.high, forKey: .high)
            try container.encode(values, forKey: .values)
        }
    }

    struct Line {
        let name: String
        let measure: String
        let unit: Unit
        var series: [Series] = []

        /// The library's own figure.
        var own: Double? { series.first { $0.side == .library }?.median }

        /// How many times the library is faster, or better, than another side.
        ///
        /// It is `nil` if one of the figures is missing or zero, such as lost points.
        func ratio(to side: Side) -> Double? {
            guard let ours = own,
                let theirs = series.first(where: { $0.side == side })?.median
            else { return nil }
            guard ours != 0, theirs != 0 else { return nil }
            return unit.moreIsBetter ? ours / theirs : theirs / ours
        }
    }

    private(set) var lines: [Line] = []
    /// The cases or peers that could not be measured.
    var missing: Set<String> = []
    /// Further information: sizes, versions.
    var setting: [String: String] = [:]

    /// Whether nothing is missing.
    var isWhole: Bool { missing.isEmpty }

    /// Adds the figures of one side in one round.
    ///
    /// - Throws: When the side does not hold as many rows as were written.
    func add(_ figures: Figures, _ name: String, _ side: Side, rows: Int? = nil) throws {
        let found = figures.numbers["rows"].map { Int($0) }
        if let rows, found != rows {
            throw ValidationError(
                "\(name), \(side.rawValue): \(found ?? 0) rows instead of \(rows)")
        }
        for (measure, value) in figures.numbers.sorted(by: { $0.key < $1.key }) {
            guard let unit = Unit.all[measure] else { continue }
            let line = index(of: name, measure, unit)
            if !lines[line].series.contains(where: { $0.side == side }) {
                lines[line].series.append(Series(side: side, rows: found))
            }
            for index in lines[line].series.indices where lines[line].series[index].side == side {
                lines[line].series[index].values.append(value)
            }
        }
    }

    private func index(of name: String, _ measure: String, _ unit: Unit) -> Int {
        if let index = lines.firstIndex(where: { $0.name == name && $0.measure == measure }) {
            return index
        }
        lines.append(Line(name: name, measure: measure, unit: unit))
        return lines.count - 1
    }

    // MARK: Targets

    struct Verdict: Encodable {
        let target: Target
        let value: Double
        let isReached: Bool
    }

    /// The results for the targets that have figures.
    var verdicts: [Verdict] {
        Target.all.compactMap { target in
            guard
                let line = lines.first(where: {
                    $0.name == target.name && $0.measure == target.measure
                })
            else { return nil }
            switch target.bound {
            case .ratio(let side, let least):
                return line.ratio(to: side).map {
                    Verdict(target: target, value: $0, isReached: $0 >= least)
                }
            case .most(let most):
                return line.own.map {
                    Verdict(target: target, value: $0, isReached: $0 <= most)
                }
            case .least(let least):
                return line.own.map {
                    Verdict(target: target, value: $0, isReached: $0 >= least)
                }
            }
        }
    }
}
