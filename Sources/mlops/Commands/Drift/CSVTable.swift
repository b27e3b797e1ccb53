import Foundation
import MLOpsOperations

/// A file of comma-separated values with a header, by columns.
struct CSVTable {
    let path: String
    let header: [String]
    /// The fields of each column.
    private var columns: [[String]]
    /// The line on which each record begins.
    private var lines: [Int] = []

    /// What stands for a missing value.
    private static let missing: Set<String> = ["", "NA", "NaN", "nan", "null", "NULL"]

    /// Reads a file.
    ///
    /// Blank lines are skipped, except in a file of one column, where they are missing values.
    ///
    /// - Throws: `Failure` that names the line and the column.
    init(_ data: Data, path: String) throws {
        self.path = path
        var reader = CSVReader(data)
        var header: [String] = []
        func place(_ line: Int, _ field: Int) -> String {
            let name = header.indices.contains(field) ? header[field] : String(field + 1)
            return "\(path), line \(line), column \(name)"
        }
        do {
            header = try reader.next() ?? []
            guard header.contains(where: { !$0.isEmpty }) else {
                throw Failure(.badData, "\(path), line 1, column 1: there is no header")
            }
            for (index, name) in header.enumerated() where header[..<index].contains(name) {
                throw Failure(.badData, "\(place(1, index)): two columns have this name")
            }
            columns = Array(repeating: [], count: header.count)
            while let record = try reader.next() {
                if record == [""], header.count > 1 { continue }
                guard record.count == header.count else {
                    throw Failure(
                        .badData,
                        place(reader.line, min(record.count, header.count))
                            + ": the line has \(Format.count(record.count, "field")), "
                            + "the header \(header.count)")
                }
                for (index, field) in record.enumerated() { columns[index].append(field) }
                lines.append(reader.line)
            }
        } catch let problem as CSVReader.Problem {
            throw Failure(.badData, "\(place(problem.line, problem.field)): \(problem.message)")
        }
        self.header = header
    }

    /// A column of numbers, with NaN for missing values.
    ///
    /// - Throws: `Failure` that names the first field that is no number.
    func numbers(_ name: String) throws -> DriftColumn {
        let fields = try fields(name)
        let numbers = Self.numbers(fields)
        guard numbers.count < fields.count else { return .numeric(numbers) }
        let index = numbers.count
        throw Failure(
            .badData,
            "\(path), line \(lines[index]), column \(name): \"\(fields[index].prefix(40))\" is "
                + "not a number")
    }

    /// A column of categories, with `nil` for missing values.
    func categories(_ name: String) throws -> DriftColumn {
        .categorical(try fields(name).map { Self.missing.contains($0) ? nil : $0 })
    }

    /// A column of numbers when every value is one, of categories otherwise.
    ///
    /// A column without any values counts as one of numbers.
    func column(_ name: String) throws -> DriftColumn {
        let fields = try fields(name)
        let numbers = Self.numbers(fields)
        return numbers.count == fields.count ? .numeric(numbers) : try categories(name)
    }

    private func fields(_ name: String) throws -> [String] {
        guard let index = header.firstIndex(of: name) else {
            throw Failure(.badData, "\(path), line 1: there is no column \(name)")
        }
        return columns[index]
    }

    /// The numbers up to the first field that is neither a number nor missing.
    private static func numbers(_ fields: [String]) -> [Double] {
        var numbers: [Double] = []
        numbers.reserveCapacity(fields.count)
        for field in fields {
            if let number = Double(field) {
                numbers.append(number)
            } else if missing.contains(field) {
                numbers.append(.nan)
            } else if let number = Double(field.trimmingCharacters(in: .whitespaces)) {
                numbers.append(number)
            } else {
                break
            }
        }
        return numbers
    }
}
