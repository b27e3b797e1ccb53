import ArgumentParser
import MLOpsCore

/// A check as people type it, such as `accuracy >= production + 1% or none`.
struct CheckExpression {
    let check: MetricCheck

    init(_ check: MetricCheck) { self.check = check }

    /// Parses the argument of the option.
    ///
    /// - Throws: `ValidationError` that shows the form.
    init(_ text: String) throws {
        var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        let passesWithoutBaseline = words.suffix(2) == ["or", "none"]
        if passesWithoutBaseline { words.removeLast(2) }
        guard words.count >= 3, let lowerIsBetter = ["<=": true, ">=": false][words[1]] else {
            throw Self.unreadable(text)
        }
        var check = MetricCheck(
            try Self.figure(words[0]), lowerIsBetter: lowerIsBetter,
            passesWithoutBaseline: passesWithoutBaseline)
        let bound = words.dropFirst(2).joined()
        if bound.hasPrefix("production") {
            let change = bound.dropFirst("production".count)
            let isRelative = change.hasSuffix("%")
            let number = isRelative ? String(change.dropLast()) : String(change)
            guard let amount = Double(number.isEmpty ? "0" : number),
                number.isEmpty || number.isSigned
            else { throw Self.unreadable(text) }
            let gain = lowerIsBetter ? 0 - amount : amount
            if isRelative {
                check.relativeChange = gain / 100
            } else {
                check.absoluteChange = gain
            }
        } else {
            guard let limit = Double(bound), !passesWithoutBaseline else {
                throw Self.unreadable(text)
            }
            check.limit = limit
        }
        self.check = check
    }

    /// `accuracy` is a figure of the version; `run:loss` and `run:loss.min` are the last value and
    /// the smallest one of a metric of its run.
    private static func figure(_ text: String) throws -> MetricCheck.Figure {
        guard text.hasPrefix("run:") else {
            return .performance(text.split(separator: ".").map(String.init))
        }
        let name = text.dropFirst("run:".count)
        guard !name.isEmpty else { throw unreadable(text) }
        guard let dot = name.lastIndex(of: "."),
            let figure = MetricFigure(rawValue: String(name[name.index(after: dot)...]))
        else { return .run(String(name), .last) }
        return .run(String(name[..<dot]), figure)
    }

    private static func unreadable(_ text: String) -> ValidationError {
        ValidationError(
            "'\(text)' is no check; write 'accuracy >= 0.9', 'run:loss.min <= 0.2', or "
                + "'accuracy >= production + 1% or none'.")
    }

    /// The check as it is typed; several bounds are joined by commas.
    var text: String {
        let name =
            switch check.figure {
            case .performance(let path): path.joined(separator: ".")
            case .run: "run:\(check.figure)"
            }
        let sign = check.lowerIsBetter ? "<=" : ">="
        var bounds: [String] = []
        if let limit = check.limit { bounds.append("\(name) \(sign) \(limit)") }
        for (change, unit, factor) in [
            (check.absoluteChange, "", 1.0), (check.relativeChange, "%", 100),
        ] {
            guard let change else { continue }
            let gain = factor * (check.lowerIsBetter ? 0 - change : change)
            let amount = "\(gain < 0 ? "-" : "+") \(abs(gain))\(unit)"
            let none = check.passesWithoutBaseline ? " or none" : ""
            bounds.append("\(name) \(sign) production \(amount)\(none)")
        }
        return bounds.joined(separator: ", ")
    }
}

extension String {
    fileprivate var isSigned: Bool { hasPrefix("+") || hasPrefix("-") }
}
