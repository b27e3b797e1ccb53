import Foundation

/// A column that holds a JSON object: `$0.parameters["optimizer", "name"] == "adam"`.
public struct JSONColumn<Record>: Sendable {
    package let name: String
    /// Whether the column holds names of any spelling, such as those of files, and no structure.
    private let isFlat: Bool

    package init(_ name: String, isFlat: Bool = false) {
        self.name = name
        self.isFlat = isFlat
    }

    /// The value under these keys, outermost first.
    ///
    /// A single key with a dot, `parameters["optimizer.name"]`, is refused with `.invalidValue`
    /// when the query runs, because it would find nothing: the value inside has the path
    /// `parameters["optimizer", "name"]`. See ``subscript(key:)`` for a key that holds a dot. Tags
    /// and artifacts are lists of names, which hold what they like.
    public subscript(path: String...) -> JSONPath<Record> {
        var place = JSONPlace(name, names: path)
        if !isFlat, path.count == 1, let key = path.first, key.isDotted { place.dotted = key }
        return JSONPath(place)
    }

    /// The value under one key, dots and all: `parameters[key: "optimizer.name"]`.
    ///
    /// Runs of trackers whose parameters are flat have such keys.
    public subscript(key key: String) -> JSONPath<Record> {
        JSONPath(JSONPlace(name, names: [key]))
    }
}

extension String {
    /// Whether dots separate it into parts.
    fileprivate var isDotted: Bool {
        let parts = split(separator: ".", omittingEmptySubsequences: false)
        return parts.count > 1 && parts.allSatisfy { !$0.isEmpty }
    }
}

/// A place inside a JSON column.
///
/// A comparison holds only for a value of the same JSON type. The strings `"Infinity"`,
/// `"-Infinity"` and `"NaN"`, as which the store keeps the numbers that JSON does not have, count
/// as numbers too: an infinity is in its place, and NaN compares with nothing.
public struct JSONPath<Record>: Sendable {
    private let place: JSONPlace
    /// Whether it is a figure of a metric, which is a double.
    private let isFigure: Bool

    fileprivate init(_ place: JSONPlace, isFigure: Bool = false) {
        self.place = place
        self.isFigure = isFigure
    }

    private func compare(_ comparison: Comparison, _ value: JSONValue) -> Filter<Record> {
        Filter(condition: .comparePath(place, comparison, .success(value.namingKeys())))
    }

    private func compare(
        _ comparison: Comparison, with value: some JSONComparable
    ) -> Filter<Record> {
        // A logged value is a double; only a document holds a `Float` as its decimal number.
        if isFigure, let value = value as? Float {
            return compare(comparison, .double(Double(value)))
        }
        if let date = value as? Date, let filter = compare(comparison, withTime: date) {
            return filter
        }
        let operand = StoreError.catching { try value.jsonOperand() }
        switch operand {
        case .success(nil), .success(.null):
            switch comparison {
            case .equal: return isAbsent
            case .notEqual: return !isAbsent
            default: return compare(comparison, .null)
            }
        case .success(let operand?): return compare(comparison, operand)
        case .failure(let error): return Filter(condition: .refused(error))
        }
    }

    /// Compares by time; `nil` where the texts alone are right.
    ///
    /// In the order of texts, a second and a fraction come before the whole second.
    private func compare(_ comparison: Comparison, withTime date: Date) -> Filter<Record>? {
        guard comparison != .equal, comparison != .notEqual,
            let text = try? date.jsonOperand()?.string
        else { return nil }
        let second = text.prefix { $0 != "." && $0 != "Z" }
        let whole = compare(.equal, .string("\(second)Z"))
        let isWhole = text == "\(second)Z"
        switch comparison {
        case .less where isWhole, .greaterOrEqual where isWhole:
            return compare(comparison, .string("\(second)."))
        case .lessOrEqual where isWhole: return compare(.less, .string("\(second).")) || whole
        case .greater where isWhole:
            return compare(.greaterOrEqual, .string("\(second).")) && !whole
        case .less, .lessOrEqual: return compare(comparison, .string(text)) || whole
        default: return compare(comparison, .string(text)) && !whole
        }
    }

    private var isAbsent: Filter<Record> { !exists || compare(.equal, .null) }

    /// The path holds this value: a number, alone or within, written as 1 or as 1.0; an array
    /// with the same elements; an object with the same members.
    ///
    /// `nil` and JSON's null ask for rows where the path holds null or does not exist.
    public static func == (path: JSONPath, value: some JSONComparable) -> Filter<Record> {
        path.compare(.equal, with: value)
    }

    /// The path holds anything else, or does not exist; `nil` asks for rows where it holds a value.
    public static func != (path: JSONPath, value: some JSONComparable) -> Filter<Record> {
        path.compare(.notEqual, with: value)
    }

    /// The path holds a smaller number, or a string that comes before.
    public static func < (path: JSONPath, value: some JSONComparable) -> Filter<Record> {
        path.compare(.less, with: value)
    }

    /// The path holds a number or string that comes before or is the same.
    public static func <= (path: JSONPath, value: some JSONComparable) -> Filter<Record> {
        path.compare(.lessOrEqual, with: value)
    }

    /// The path holds a larger number, or a string that comes after.
    public static func > (path: JSONPath, value: some JSONComparable) -> Filter<Record> {
        path.compare(.greater, with: value)
    }

    /// The path holds a number or string that comes after or is the same.
    public static func >= (path: JSONPath, value: some JSONComparable) -> Filter<Record> {
        path.compare(.greaterOrEqual, with: value)
    }

    /// The path holds this document, such as a literal of mixed types; `nil` as for other values.
    public static func == (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.equal, with: value)
    }

    /// The path does not hold this document, such as a literal of mixed types.
    public static func != (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.notEqual, with: value)
    }

    /// The path holds a number or string that comes before this one.
    public static func < (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.less, with: value)
    }

    /// The path holds a number or string that comes before this one or is the same.
    public static func <= (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.lessOrEqual, with: value)
    }

    /// The path holds a number or string that comes after this one.
    public static func > (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.greater, with: value)
    }

    /// The path holds a number or string that comes after this one or is the same.
    public static func >= (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.greaterOrEqual, with: value)
    }

    /// The path holds one of the values; an empty list matches nothing.
    public func isIn(_ values: some Sequence<some JSONComparable>) -> Filter<Record> {
        // All strings are one comparison, however many they are.
        var (strings, parts): ([String], [Condition]) = ([], [])
        for value in values {
            if case .success(.string(let text)) = StoreError.catching({ try value.jsonOperand() }) {
                strings.append(text)
            } else {
                parts.append(compare(.equal, with: value).condition)
            }
        }
        if !strings.isEmpty { parts.append(.amongPath(place, strings)) }
        return Filter(condition: parts.count == 1 ? parts[0] : .any(parts))
    }

    /// The path holds a text that starts with these characters; case matters.
    public func hasPrefix(_ prefix: String) -> Filter<Record> {
        Filter(condition: .textPath(place, .prefix, prefix))
    }

    /// The path holds a text that contains these characters, or an array with this text as an
    /// element; case matters.
    public func contains(_ text: String) -> Filter<Record> {
        let element = Condition.hasElement(place, .success(.string(text)))
        return Filter(condition: .any([.textPath(place, .substring, text), element]))
    }

    /// The path holds an array with this value as an element.
    public func contains(_ element: some JSONComparable) -> Filter<Record> {
        Filter(
            condition: .hasElement(
                place, StoreError.catching { try element.jsonOperand() ?? .null }))
    }

    /// The path holds a text that matches a pattern, as ``FilterColumn/like(_:)`` reads it.
    public func like(_ pattern: String) -> Filter<Record> {
        Filter(condition: .likePath(place, pattern: pattern))
    }

    /// The path exists, with any value.
    public var exists: Filter<Record> { Filter(condition: .existsPath(place)) }

    /// The element of the array at the path, from 0.
    public subscript(index: Int) -> JSONPath { appending(.index(index)) }

    /// The member of the object at the path.
    public subscript(name: String) -> JSONPath { appending(.name(name.asName)) }

    private func appending(_ key: JSONPlace.Key) -> JSONPath {
        var place = place
        place.keys.append(key)
        return JSONPath(place)
    }

    /// Rows with small numbers first; then NaN, then rows without a number.
    public var ascending: Order<Record> { Order(key: .number(place), descending: false) }

    /// Rows with large numbers first; then NaN, then rows without a number.
    public var descending: Order<Record> { Order(key: .number(place), descending: true) }
}

/// The metrics of a run, by name: `$0.metrics["accuracy"] > 0.9` asks for the last value.
public struct MetricColumn<Record>: Sendable {
    package let name: String

    package init(_ name: String) { self.name = name }

    /// One figure of a metric's summary.
    public subscript(metric: String, figure: MetricFigure = .last) -> JSONPath<Record> {
        JSONPath(JSONPlace(name, names: [metric, figure.rawValue]), isFigure: true)
    }
}
