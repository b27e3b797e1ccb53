import CSQLite
import Foundation

/// SQL functions that read a value of a JSON document.
///
/// Their arguments are the document and the keys that lead to the value. `json_extract` and
/// `json_type` parse the whole document at each call, which took half of the time of a search
/// (decision page 13). These functions skip to the value and read only that. Of equal keys the
/// first counts, as in SQLite's functions.
enum JSONFunction: String, CaseIterable {
    /// Whether there is a value: 1 or null.
    case exists = "mlops_json_exists"
    /// The number at the path; null if the value is NaN, has another type or is absent.
    case number = "mlops_json_number"
    /// A sort key: the number at the path, `NaN` as text, which follows every number, or null.
    case ascending = "mlops_json_ascending"
    /// The sort key of the opposite number.
    case descending = "mlops_json_descending"
    /// The string at the path; null if the value has another type or is absent.
    case string = "mlops_json_string"
    /// Whether the value at the path equals the second argument: 1, or else 0 or null.
    ///
    /// The second argument is a text of ``JSONValue/comparableText()``; the keys follow it.
    case equals = "mlops_json_equals"
    /// Whether the array at the path has an element that equals the second argument.
    case hasElement = "mlops_json_has_element"

    /// Answers a call; a value in a damaged document counts as absent.
    ///
    /// `verify` reports the damage.
    private func answer(
        _ context: OpaquePointer?, _ count: Int32,
        _ arguments: UnsafeMutablePointer<OpaquePointer?>?
    ) {
        let keys = self == .equals || self == .hasElement ? 2 : 1
        guard let context, let arguments, count >= keys, let document = Self.text(arguments[0])
        else {
            return
        }
        let value = keys == 2 ? Self.text(arguments[1]) : nil
        if let value, !Self.mayHold(document, value) { return }
        var parser = JSONParser(bytes: document)
        parser.skipSpace()
        do {
            for index in keys..<Int(count) {
                guard try Self.seek(arguments[index], in: &parser) else { return }
            }
            switch self {
            case .exists: sqlite3_result_int(context, 1)
            case .number, .ascending, .descending:
                guard let number = try Self.number(at: &parser) else { return }
                answer(context, number)
            case .string where parser.isAtString:
                var string = try parser.string()
                string.withUTF8 { csqlite_result_text(context, $0.baseAddress, Int32($0.count)) }
            case .equals:
                if let value { sqlite3_result_int(context, try parser.isAt(value) ? 1 : 0) }
            case .hasElement:
                if let value { sqlite3_result_int(context, try parser.hasElement(value) ? 1 : 0) }
            case .string: break
            }
        } catch {}
    }

    /// Moves to the member of an object, or with an integer to the element of an array.
    private static func seek(_ key: OpaquePointer?, in parser: inout JSONParser) throws -> Bool {
        if sqlite3_value_type(key) == SQLITE_INTEGER {
            return try parser.seek(element: Int(sqlite3_value_int64(key)))
        }
        guard let key = text(key) else { return false }
        return try parser.seek(key)
    }

    /// The number at a place; three strings stand for the numbers that JSON does not have.
    private static func number(at parser: inout JSONParser) throws -> JSONValue? {
        if parser.isAtNumber { return try parser.number() }
        guard parser.isAtString else { return nil }
        return Double(json: .string(try parser.string())).map(JSONValue.double)
    }

    private func answer(_ context: OpaquePointer, _ number: JSONValue) {
        switch (number, self) {
        case (.int(.min), .descending): sqlite3_result_double(context, -Double(Int64.min))
        case (.int(let number), .descending): sqlite3_result_int64(context, -number)
        case (.int(let number), _): sqlite3_result_int64(context, number)
        case (.double(let number), _) where number.isNaN:
            if self != .number { csqlite_result_text(context, "NaN", 3) }
        case (.double(let number), .descending): sqlite3_result_double(context, -number)
        case (.double(let number), _): sqlite3_result_double(context, number)
        default: break
        }
    }

    private static func text(_ value: OpaquePointer?) -> UnsafeBufferPointer<UInt8>? {
        guard let start = sqlite3_value_text(value) else { return nil }
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
    }

    /// Whether a document may contain a value; `false` is certain.
    ///
    /// A search for the text of a string is faster than parsing up to the value. A string has only
    /// one spelling unless the document contains escapes.
    private static func mayHold(
        _ document: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard value.first == UInt8(ascii: "\""), let start = document.baseAddress else {
            return true
        }
        return memmem(start, document.count, value.baseAddress, value.count) != nil
            || memchr(start, Int32(UInt8(ascii: "\\")), document.count) != nil
    }

    fileprivate typealias Callback =
        @convention(c) (
            OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?
        ) -> Void

    /// A C function cannot capture `self`, so that each case has its own.
    fileprivate var callback: Callback {
        switch self {
        case .exists: { JSONFunction.exists.answer($0, $1, $2) }
        case .number: { JSONFunction.number.answer($0, $1, $2) }
        case .ascending: { JSONFunction.ascending.answer($0, $1, $2) }
        case .descending: { JSONFunction.descending.answer($0, $1, $2) }
        case .string: { JSONFunction.string.answer($0, $1, $2) }
        case .equals: { JSONFunction.equals.answer($0, $1, $2) }
        case .hasElement: { JSONFunction.hasElement.answer($0, $1, $2) }
        }
    }
}

extension SQLiteConnection {
    /// Registers the functions; statements of the connection may call them, its schema may not.
    func addJSONFunctions() throws {
        for function in JSONFunction.allCases {
            let code = sqlite3_create_function_v2(
                handle, function.rawValue, -1,
                SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, nil, function.callback, nil,
                nil, nil)
            guard code == SQLITE_OK else { throw error(code) }
        }
    }
}
