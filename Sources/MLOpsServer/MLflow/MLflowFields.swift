import Foundation
import Hummingbird
import MLOpsCore

/// The fields of a request: the members of its JSON, or of its query.
///
/// As MLflow does, it ignores unknown fields, takes an empty text for a missing one, numbers also
/// as texts, and a body that is no JSON object for an empty one.
struct MLflowFields: Sendable {
    private let members: [String: JSONValue]

    init(_ members: [String: JSONValue]) { self.members = members }

    /// The fields of a body of JSON, of the query, in which names may repeat, and of the path.
    init(_ request: Request, _ path: Parameters, limit: Int) async throws {
        var members: [String: JSONValue] = [:]
        for (name, value) in request.query {
            let value = JSONValue.string(value)
            switch members[name] {
            case nil: members[name] = value
            case .array(let values): members[name] = .array(values + [value])
            case let first?: members[name] = .array([first, value])
            }
        }
        let body = try await request.body.collect(upTo: limit)
        if body.readableBytes > 0 {
            // A text that is JSON but refused, for a duplicate key for example, is no empty one.
            let text = Data(body.readableBytesView)
            do {
                if let object = try JSONValue(parsing: text, maximumBytes: limit).object {
                    members.merge(object) { $1 }
                }
            } catch let error as StoreError {
                if (try? JSONSerialization.jsonObject(with: text, options: .fragmentsAllowed))
                    != nil
                {
                    throw error
                }
            }
        }
        for (name, value) in path {
            members[String(name)] = .string(String(value).removingPercentEncoding ?? String(value))
        }
        self.init(members)
    }

    subscript(name: String) -> JSONValue? {
        switch members[name] {
        case .null?, .string("")?: nil
        case let value: value
        }
    }

    // MARK: Texts

    /// A text; `nil` for a missing or empty one.
    func text(_ name: String) throws -> String? {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value else { throw Self.wrong(value, name) }
        return text
    }

    func requiredText(_ name: String) throws -> String {
        guard let text = try text(name) else { throw MLflowError.missing(name) }
        return text
    }

    /// A text that may be empty.
    func anyText(_ name: String) throws -> String? {
        members[name] == .string("") ? "" : try text(name)
    }

    func texts(_ name: String) throws -> [String] {
        guard let value = self[name] else { return [] }
        if case .string(let text) = value { return [text] }
        guard case .array(let values) = value else { throw Self.wrong(value, name) }
        return try values.map {
            guard case .string(let text) = $0 else { throw Self.wrong(value, name) }
            return text
        }
    }

    // MARK: Numbers

    func integer(_ name: String) throws -> Int64? {
        guard let value = self[name] else { return nil }
        switch value {
        case .int(let number): return number
        case .double(let number):
            if let whole = Int64(exactly: number) { return whole }
        case .string(let text):
            if let number = Int64(text) { return number }
        case .bool(let truth): return truth ? 1 : 0
        default: break
        }
        throw Self.wrong(value, name)
    }

    /// A number; NaN and infinities are the texts `NaN`, `Infinity` and `-Infinity`.
    func number(_ name: String) throws -> Double? {
        guard let value = self[name] else { return nil }
        switch value {
        case .int(let number): return Double(number)
        case .double(let number): return number
        case .string(let text):
            if let number = Double(text) { return number }
        case .bool(let truth): return truth ? 1 : 0
        default: break
        }
        throw Self.wrong(value, name)
    }

    func truth(_ name: String) throws -> Bool {
        guard let value = self[name] else { return false }
        switch value {
        case .bool(let truth): return truth
        case .string(let text) where ["true", "false"].contains(text.lowercased()):
            return text.lowercased() == "true"
        default: throw Self.wrong(value, name)
        }
    }

    /// How many rows to answer with.
    func limit(default count: Int, maximum: Int, isRequired: Bool = false) throws -> Int {
        guard let wanted = try integer("max_results") else {
            guard !isRequired else { throw Self.notPositive(0) }
            return count
        }
        guard wanted > 0 else { throw Self.notPositive(wanted) }
        guard wanted <= maximum else {
            throw MLflowError.invalid(
                "Invalid value \(wanted) for parameter 'max_results' supplied. It must be at most "
                    + "\(maximum)")
        }
        return Int(wanted)
    }

    private static func notPositive(_ value: Int64) -> MLflowError {
        .invalid(
            "Invalid value \(value) for parameter 'max_results' supplied. It must be a positive "
                + "integer")
    }

    // MARK: Parts

    /// A list of objects.
    func list(_ name: String) throws -> [MLflowFields] {
        guard let value = self[name] else { return [] }
        guard case .array(let values) = value else { throw Self.wrong(value, name) }
        return try values.map {
            guard case .object(let members) = $0 else { throw Self.wrong(value, name) }
            return MLflowFields(members)
        }
    }

    /// An object.
    func part(_ name: String) throws -> MLflowFields? {
        guard let value = self[name] else { return nil }
        guard case .object(let members) = value else { throw Self.wrong(value, name) }
        return MLflowFields(members)
    }

    /// A list of `key` and `value`.
    func pairs(_ name: String) throws -> [(key: String, value: String)] {
        try list(name).map { (try $0.requiredText("key"), try $0.anyText("value") ?? "") }
    }

    /// The answer to a value of another type, as MLflow gives it.
    static func wrong(_ value: JSONValue, _ name: String) -> MLflowError {
        let type =
            switch value {
            case .null: "NoneType"
            case .bool: "bool"
            case .int: "int"
            case .double: "float"
            case .string: "str"
            case .array: "list"
            case .object: "dict"
            }
        return .invalid(
            "Invalid value \(value) for parameter '\(name)' supplied:  Hint: Value was of type "
                + "'\(type)'. \(MLflowError.seeDocs)")
    }
}
