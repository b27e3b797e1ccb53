import Foundation

/// Something that does not fit a ``ModelSignature``.
public struct SignatureMismatch: Sendable, Hashable, CustomStringConvertible {
    /// The column, tensor or parameter; empty for a value without a name.
    public let name: String
    /// What is wrong with it.
    public let problem: String
    /// How many rows have the problem; 0 where there are no rows.
    public internal(set) var rows: Int
    /// The first of them, counted from 0.
    public let firstRow: Int?

    /// The name, the problem, and the rows.
    public var description: String {
        let subject = name.isEmpty ? problem : "\(name): \(problem)"
        guard let firstRow else { return subject }
        return rows == 1
            ? "\(subject) (row \(firstRow))"
            : "\(subject) (\(rows) rows, the first is \(firstRow))"
    }
}

extension ModelSignature {
    /// What is wrong with rows of inputs; the call of ``Side`` says what fits.
    public func check(_ rows: some Sequence<some Encodable>) throws -> [SignatureMismatch] {
        try inputs.check(rows)
    }

    /// What is wrong with tensors of inputs, by their element types and shapes.
    public func check(_ tensors: [Tensor]) -> [SignatureMismatch] { inputs.check(tensors) }

    /// What is wrong with the parameters of a call: any value that encodes to a JSON object.
    ///
    /// Every parameter may be left out, as it has a default.
    ///
    /// - Throws: The error of a value that cannot be encoded.
    public func check(params values: some Encodable) throws -> [SignatureMismatch] {
        let given = try JSONValue(encoding: values)
        guard case .object(let members) = given else {
            return [SignatureMismatch("", "\(given.kind) is not an object of parameters")]
        }
        let known = Dictionary(params.map { ($0.name, $0) }) { first, _ in first }
        return members.sorted { $0.key < $1.key }.flatMap { name, value in
            guard let parameter = known[name] else {
                return [SignatureMismatch(name, "the model has no such parameter")]
            }
            return parameter.problems(of: value).map { SignatureMismatch(name, $0) }
        }
    }
}

extension ModelSignature.Side {
    /// Everything that is wrong with rows, each of which encodes to a JSON object with a member for
    /// each column; empty when all fit.
    ///
    /// Values fit as JSON has them, and nothing is converted. A whole number is one however it is
    /// written, so `1.0` fits an `integer`; a text never is a number but for `NaN` and the
    /// infinities, which JSON lacks; 0 and 1 are not truth values. An `integer` has 32 bits, and a
    /// whole number that a float or double would round does not fit it. `null` fits a column that
    /// is not required. A column that the signature does not name is a mismatch.
    ///
    /// - Throws: The error of a value that cannot be encoded.
    public func check(_ rows: some Sequence<some Encodable>) throws -> [SignatureMismatch] {
        guard case .columns(let columns) = self else {
            return [SignatureMismatch("", "the signature has tensors; check their shapes")]
        }
        var found = Findings()
        for (number, row) in rows.enumerated() {
            found.row = number
            found.check(try JSONValue(encoding: row), columns)
        }
        return found.mismatches
    }

    /// Everything that is wrong with tensors: their names, element types and shapes.
    public func check(_ tensors: [ModelSignature.Tensor]) -> [SignatureMismatch] {
        guard case .tensors(let expected) = self else {
            return [SignatureMismatch("", "the signature has columns; check rows")]
        }
        var found: [SignatureMismatch] = []
        let isSingle = expected.count == 1 && expected[0].name == nil
        if isSingle, tensors.count != 1 {
            found.append(SignatureMismatch("", "one tensor is expected, not \(tensors.count)"))
        }
        for tensor in expected {
            let given = tensors.filter { isSingle || $0.name == tensor.name }
            if given.isEmpty, !isSingle {
                found.append(SignatureMismatch(tensor.name ?? "", "is missing"))
            }
            found += given.flatMap(tensor.mismatches)
        }
        let names = Set(expected.map(\.name))
        for tensor in tensors where !isSingle && !names.contains(tensor.name) {
            found.append(SignatureMismatch(tensor.name ?? "", "the model has no such tensor"))
        }
        return found
    }
}

extension SignatureMismatch {
    fileprivate init(_ name: String, _ problem: String) {
        self.init(name: name, problem: problem, rows: 0, firstRow: nil)
    }
}

/// The mismatches of rows, each problem of a column once.
private struct Findings {
    private struct Key: Hashable {
        let name: String
        let problem: String
    }

    private(set) var mismatches: [SignatureMismatch] = []
    private var positions: [Key: Int] = [:]
    var row = 0

    private mutating func add(_ name: String, _ problem: String) {
        let key = Key(name: name, problem: problem)
        if let position = positions[key] {
            mismatches[position].rows += 1
        } else {
            positions[key] = mismatches.count
            mismatches.append(
                SignatureMismatch(name: name, problem: problem, rows: 1, firstRow: row))
        }
    }

    mutating func check(_ row: JSONValue, _ columns: [ModelSignature.ColumnSpec]) {
        if columns.count == 1, columns[0].name == nil { return check(row, columns[0], "") }
        guard case .object(let members) = row else {
            return add("", "\(row.kind) is not a row of named columns")
        }
        for column in columns {
            guard let name = column.name else { continue }
            check(members[name], column, name)
        }
        let names = Set(columns.compactMap(\.name))
        for name in members.keys.sorted() where !names.contains(name) {
            add(name, "the model has no such column")
        }
    }

    private mutating func check(
        _ value: JSONValue?, _ column: ModelSignature.ColumnSpec, _ name: String
    ) {
        switch value {
        case nil where column.isRequired: add(name, "is missing")
        case .null where column.isRequired: add(name, "null is not \(column.type.article)")
        case nil, .null: break
        case .some(let value):
            if let problem = column.type.problem(of: value) { add(name, problem) }
        }
    }
}

extension ModelSignature.Tensor {
    fileprivate func mismatches(of given: Self) -> [SignatureMismatch] {
        var problems: [String] = []
        if given.element != element {
            problems.append("\(given.element.rawValue) is not \(element.rawValue)")
        }
        let fits =
            given.shape.count == shape.count
            && zip(given.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
        if !fits { problems.append("the shape \(given.sizes) is not \(sizes)") }
        return problems.map { SignatureMismatch(name ?? "", $0) }
    }

    private var sizes: String {
        "[\(shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", "))]"
    }
}

extension ModelSignature.Parameter {
    fileprivate func problems(of value: JSONValue) -> [String] {
        guard let shape else { return type.problem(of: value).map { [$0] } ?? [] }
        guard case .array(let elements) = value else { return ["\(value.kind) is not a list"] }
        var problems: [String] = []
        if shape.count != 1 || shape[0].map({ $0 != elements.count }) == true {
            let size = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
            problems.append("a list of \(elements.count) has not the shape [\(size)]")
        }
        for problem in elements.compactMap(type.problem) where !problems.contains(problem) {
            problems.append(problem)
        }
        return problems
    }
}

extension ModelSignature.ValueType {
    fileprivate var article: String {
        "\(self == .integer || self == .any ? "an" : "a") \(rawValue)"
    }

    /// Why a value does not fit the type; `nil` when it does.
    fileprivate func problem(of value: JSONValue) -> String? {
        let number = Double(json: value)
        switch self {
        case .any: return nil
        case .boolean where value.bool != nil: return nil
        case .string where value.string != nil: return nil
        case .binary where value.string.map { Data(base64Encoded: $0) } ?? nil != nil: return nil
        case .datetime where (try? value.decode(as: Date.self)) != nil: return nil
        case .integer, .long:
            guard let number, number == number.rounded(), number.isFinite else { break }
            let whole = value.int ?? Int64(exactly: number)
            let fits = self == .long ? whole != nil : whole.map { Int32(exactly: $0) } ?? nil != nil
            return fits ? nil : "\(value.kind) of more than \(bits) bits is not \(article)"
        case .float, .double:
            guard let number else { break }
            if let whole = value.int, !keeps(whole) {
                return "a whole number that \(article) would round does not fit"
            }
            let isTooLarge = number.isFinite && self == .float && !Float(number).isFinite
            return isTooLarge ? "\(value.kind) of more than 32 bits is not a float" : nil
        default: break
        }
        return "\(value.kind) is not \(article)"
    }

    private var bits: Int { self == .integer ? 32 : 64 }

    private func keeps(_ whole: Int64) -> Bool {
        self == .float
            ? Int64(exactly: Float(whole)) == whole : Int64(exactly: Double(whole)) == whole
    }
}

extension JSONValue {
    /// What it is, with an article.
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .int: "a whole number"
        case .double(let value): value == value.rounded() ? "a whole number" : "a fraction"
        case .string: Double(json: self) == nil ? "a text" : "NaN or an infinity"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
