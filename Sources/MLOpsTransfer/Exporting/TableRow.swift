import Foundation
import MLOpsCore

/// A cell of a table.
enum TableCell {
    case missing
    case text(String)
    case number(Double)
    case integer(Int64)
    case time(Date)
    case json(JSONValue)

    init(_ text: String?) { self = text.map { .text($0) } ?? .missing }
    init(_ time: Date?) { self = time.map { .time($0) } ?? .missing }
    init(_ number: Double?) { self = number.map { .number($0) } ?? .missing }
    init(_ number: Int64?) { self = number.map { .integer($0) } ?? .missing }
    init<Record>(_ id: Identifier<Record>?) { self.init(id?.description) }

    /// A value; a text is not quoted, and JSON only where it is an object, a list or a truth value.
    init(_ value: JSONValue?) {
        switch value {
        case nil: self = .missing
        case .string(let text): self = .text(text)
        case .int(let number): self = .integer(number)
        case .double(let number): self = .number(number)
        case .some(let value): self = .json(value)
        }
    }
}

/// Writes the rows of a table.
struct TableWriter {
    private let format: TableFormat
    private let columns: [String]
    /// What stands before each value of an object.
    private let keys: [String]

    init(_ format: TableFormat, columns: [String]) throws {
        self.format = format
        self.columns = columns
        keys = try columns.enumerated().map { index, name in
            "\(index == 0 ? "{" : ",")\(try ExportText.json(name)):"
        }
    }

    func header(to bytes: inout ExportBytes) {
        if format == .csv { bytes.append(ExportText.csvLine(columns)) }
    }

    /// Writes a row, with a cell for each column.
    func row(_ cells: [TableCell], to bytes: inout ExportBytes) throws {
        switch format {
        case .csv:
            for (index, cell) in cells.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(csv: cell, to: &bytes)
            }
        case .jsonl:
            for (key, cell) in zip(keys, cells) {
                bytes.append(key)
                try Self.write(json: cell, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func write(csv cell: TableCell, to bytes: inout ExportBytes) {
        switch cell {
        case .missing: break
        case .text(let text): bytes.append(csv: text)
        case .number(let number): bytes.append(number)
        case .integer(let number): bytes.append(number)
        case .time(let time): bytes.append(time)
        case .json(let value): bytes.append(csv: value.description)
        }
    }

    private static func write(json cell: TableCell, to bytes: inout ExportBytes) throws {
        switch cell {
        case .missing: bytes.append("null")
        case .text(let text): bytes.append(try ExportText.json(text))
        case .number(let number): bytes.append(json: number)
        case .integer(let number): bytes.append(number)
        case .time(let time):
            bytes.append(UInt8(ascii: "\""))
            bytes.append(time)
            bytes.append(UInt8(ascii: "\""))
        case .json(let value): bytes.append(ExportText.escaped(value.description))
        }
    }
}

extension ExportBytes {
    /// Appends a number as JSON; one that JSON lacks as a string.
    mutating func append(json number: Double) {
        guard !number.isFinite else { return append(number) }
        append("\"\(ExportText.number(number))\"")
    }
}
