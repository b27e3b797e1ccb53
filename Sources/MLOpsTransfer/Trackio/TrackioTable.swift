import Foundation
import MLOpsCore

/// Makes a table with a type for each column of the rows that Trackio has stored.
struct TrackioTable {
    private var names: [String] = []
    private var columns: [String: [JSONNumbers.Cell]] = [:]
    private var rows = 0

    /// The table, and the names of columns whose values had to become text.
    ///
    /// - Returns: `nil` for a text that is no table with rows.
    /// - Throws: `.invalidValue` for a table that a store does not take.
    static func read(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) throws -> (table: RunTable, texts: [String])? {
        var table = TrackioTable()
        guard JSONNumbers.readRows(bytes, { table.add($2, to: $1, row: $0) }), table.rows > 0
        else { return nil }
        return try table.typed()
    }

    private mutating func add(_ cell: JSONNumbers.Cell, to name: String, row: Int) {
        if columns[name] == nil {
            names.append(name)
            columns[name] = []
        }
        rows = max(rows, row + 1)
        while columns[name, default: []].count < row { columns[name]?.append(.null) }
        // Of two values under one name the first counts.
        if columns[name]?.count == row { columns[name]?.append(cell) }
    }

    private func typed() throws -> (table: RunTable, texts: [String]) {
        var (typed, texts) = ([RunTable.TypedColumn](), [String]())
        for name in names {
            var cells = columns[name] ?? []
            while cells.count < rows { cells.append(.null) }
            let values = Self.values(cells)
            if case .strings = values, cells.contains(where: { !$0.isTextOrMissing }) {
                texts.append(name)
            }
            typed.append(RunTable.TypedColumn(name, values))
        }
        return (try RunTable(columns: typed), texts)
    }

    private static func values(_ cells: [JSONNumbers.Cell]) -> RunTable.Values {
        let known = cells.filter { !$0.isMissing }
        if !known.isEmpty, known.allSatisfy({ $0.integer != nil }) {
            return .integers(cells.map(\.integer))
        }
        if !known.isEmpty, known.allSatisfy({ $0.bool != nil }) {
            return .booleans(cells.map(\.bool))
        }
        // NaN and infinities are texts there, and numbers beside numbers.
        if known.contains(where: \.isNumber), known.allSatisfy({ $0.double != nil }) {
            return .doubles(cells.map(\.double))
        }
        return .strings(cells.map(\.text))
    }
}

extension JSONNumbers.Cell {
    fileprivate var isMissing: Bool { if case .null = self { true } else { false } }
    fileprivate var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    fileprivate var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

    fileprivate var isNumber: Bool {
        switch self {
        case .integer, .double: true
        case .null, .bool, .text, .nested: false
        }
    }

    fileprivate var isTextOrMissing: Bool {
        switch self {
        case .text, .null: true
        case .integer, .double, .bool, .nested: false
        }
    }

    fileprivate var double: Double? {
        switch self {
        case .integer(let value): Double(exactly: value)
        case .double(let value): value
        case .text("NaN"): .nan
        case .text("Infinity"): .infinity
        case .text("-Infinity"): -.infinity
        case .null, .bool, .text, .nested: nil
        }
    }

    fileprivate var text: String? {
        switch self {
        case .null: nil
        case .bool(let value): String(value)
        case .integer(let value): String(value)
        case .double(let value): String(value)
        case .text(let value), .nested(let value): value.replacing("\0", with: "\u{FFFD}")
        }
    }
}
