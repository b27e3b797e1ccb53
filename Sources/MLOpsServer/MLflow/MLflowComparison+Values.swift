import Foundation
import MLOpsCore

// What the comparisons of all searches have in common.
extension MLflowComparison {
    /// The number that is compared with.
    ///
    /// - Parameter noun: What the error calls the field.
    func number(_ noun: String) throws -> Double {
        if case .number(let number, _) = operand { return number }
        throw MLflowError.invalid(
            "Expected numeric value type for \(noun). Found \(operand.description)")
    }

    /// The text that is compared with.
    func text(_ noun: String) throws -> String {
        if case .text(let text) = operand { return text }
        throw MLflowError.invalid(
            "Expected a quoted string value for \(noun) (e.g. 'my-value'). "
                + "Got value \(operand.description)")
    }

    func refused(_ noun: String) -> MLflowError {
        .invalid("Invalid comparator '\(sign.rawValue)' for \(noun) '\(key)'.")
    }

    /// A comparison of texts in a document.
    func holds<Record>(_ path: JSONPath<Record>, _ noun: String) throws -> Filter<Record> {
        switch sign {
        case .equal: return path == (try text(noun))
        // As in MLflow, a row without the key does not match.
        case .notEqual: return path.exists && !(path == (try text(noun)))
        case .like: return Self.like(try text(noun), path.like, path.contains)
        case .ilike: return path.like(try text(noun))
        case .isNull: return !path.exists
        case .isNotNull: return path.exists
        case .among, .notAmong:
            guard case .texts(let texts) = operand else { throw refused(noun) }
            let among = path.isIn(texts)
            return sign == .among ? among : path.exists && !among
        default: throw refused(noun)
        }
    }

    /// A comparison of a column of text.
    func holds<Column: FilterColumn>(
        _ column: Column, _ noun: String
    ) throws -> Filter<Column.Record> where Column.Value == String {
        switch sign {
        case .equal: return column == (try text(noun))
        case .notEqual: return column != (try text(noun))
        case .like: return Self.like(try text(noun), column.like, column.contains)
        case .ilike: return column.like(try text(noun))
        case .among, .notAmong:
            guard case .texts(let texts) = operand else { throw refused(noun) }
            return sign == .among ? column.isIn(texts) : !column.isIn(texts)
        default: throw refused(noun)
        }
    }

    /// A comparison of a column of a time in milliseconds.
    func holds<Column: FilterColumn>(
        time column: Column
    ) throws -> Filter<Column.Record> where Column.Value == Date {
        let (start, end) = try milliseconds()
        return try holds(column, from: start, to: end)
    }

    /// A comparison of a column of a time that may be absent.
    func holds<Column: FilterColumn>(
        time column: Column
    ) throws -> Filter<Column.Record> where Column.Value == Date? {
        let (start, end) = try milliseconds()
        return try holds(column, from: start, to: end)
    }

    /// A comparison with what lies between two values, without the second one.
    private func holds<Column: FilterColumn>(
        _ column: Column, from start: Column.Value, to end: Column.Value
    ) throws -> Filter<Column.Record> where Column.Value: OrderedColumnValue {
        switch sign {
        case .equal: return column >= start && column < end
        case .notEqual: return !(column >= start && column < end)
        case .less: return column < start
        case .lessOrEqual: return column < end
        case .greater: return column >= end
        case .greaterOrEqual: return column >= start
        default: throw refused("attribute")
        }
    }

    /// The first microsecond of a millisecond, and of the next one: we keep microseconds.
    private func milliseconds() throws -> (Date, Date) {
        guard let whole = Int64(exactly: try number("attribute").rounded()),
            abs(whole) < 253_402_300_800_000
        else { throw refused("attribute") }
        return (Date(milliseconds: whole), Date(milliseconds: whole + 1))
    }

    /// MLflow's LIKE heeds case and ours does not: each of the pattern's texts must occur as it is.
    private static func like<Record>(
        _ pattern: String, _ like: (String) -> Filter<Record>,
        _ contains: (String) -> Filter<Record>
    ) -> Filter<Record> {
        pattern.split(whereSeparator: { $0 == "%" || $0 == "_" || $0 == "\\" })
            .filter { $0.contains { $0.isLetter } }
            .reduce(like(pattern)) { $0 && contains(String($1)) }
    }
}

extension Query {
    /// Adds the conditions of a filter's text.
    mutating func filter(
        by text: String?, _ condition: (MLflowComparison) throws -> Filter<Record>
    ) throws {
        for part in try MLflowComparison.parse(text ?? "") {
            let filter = try condition(part)
            self = filtered { _ in filter }
        }
    }
}

extension [String] {
    /// The orders that they say, by columns alone; the default one without any.
    ///
    /// - Parameter order: The order by a column that runs up or down; `nil` for no column.
    func mlflowOrders<Record>(
        default other: Order<Record>, _ order: (String, _ descends: Bool) -> Order<Record>?
    ) throws -> [Order<Record>] {
        guard !isEmpty else { return [other] }
        return try map { text in
            let words = try MLflowScanner.words(text)
            let key = words.first?.description.split(separator: ".").last.map(String.init)
            guard let found = order(key ?? "", words.count > 1 && words[1].isWord("DESC")) else {
                throw MLflowError.invalid("Invalid order_by clause '\(text)'.")
            }
            return found
        }
    }
}

extension Column {
    /// The order by the column, up or down.
    func order(descends: Bool) -> Order<Record> { descends ? descending : ascending }
}
