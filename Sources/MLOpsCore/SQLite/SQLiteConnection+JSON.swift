import CSQLite
import Foundation

/// What the library's statements ask of a JSON document, as functions of SQL.
///
/// They take the document and the keys that lead to a value of it. `json_extract` and `json_type`
/// read the whole document into a tree, each time, and a search spent half of its time there
/// (decision page 13); these step to the value and read that. Of equal keys the first counts, as
/// there.
enum JSONFunction: String, CaseIterable {
    /// Whether there is a value: 1 or null.
    case exists = "mlops_json_exists"
    /// The number there; null for another value and for none.
    case number = "mlops_json_number"
    /// The string there; null for another value and for none.
    case string = "mlops_json_string"
    /// Whether the value there is the one whose text stands before the keys, as
    /// ``JSONValue/comparableText()`` writes it: 1, or else 0 or null.
    case equals = "mlops_json_equals"

    /// Answers a call; what a damaged document holds counts as absent, for `verify` to report.
    private func answer(
        _ context: OpaquePointer?, _ count: Int32,
        _ arguments: UnsafeMutablePointer<OpaquePointer?>?
    ) {
        let keys = self == .equals ? 2 : 1
        guard let context, let arguments, count >= keys, let document = text(arguments[0]) else {
            return
        }
        let value = self == .equals ? text(arguments[1]) : nil
        if let value, !Self.mayHold(document, value) { return }
        var parser = JSONParser(bytes: document)
        parser.skipSpace()
        do {
            for index in keys..<Int(count) {
                guard let key = text(arguments[index]), try parser.seek(key) else { return }
            }
            switch self {
            case .exists: sqlite3_result_int(context, 1)
            case .number where parser.isAtNumber:
                switch try parser.number() {
                case .int(let number): sqlite3_result_int64(context, number)
                case .double(let number): sqlite3_result_double(context, number)
                default: break
                }
            case .string where parser.isAtString:
                var string = try parser.string()
                string.withUTF8 { csqlite_result_text(context, $0.baseAddress, Int32($0.count)) }
            case .equals:
                if let value { sqlite3_result_int(context, try parser.isAt(value) ? 1 : 0) }
            case .number, .string: break
            }
        } catch {}
    }

    private func text(_ value: OpaquePointer?) -> UnsafeBufferPointer<UInt8>? {
        guard let start = sqlite3_value_text(value) else { return nil }
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
    }

    /// Whether a document can hold a value.
    ///
    /// To look for the text of a string takes less time than to step to it, and without escapes
    /// there is one way to write it.
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

    /// A C function captures nothing, so there is one for each.
    fileprivate var callback: Callback {
        switch self {
        case .exists: { JSONFunction.exists.answer($0, $1, $2) }
        case .number: { JSONFunction.number.answer($0, $1, $2) }
        case .string: { JSONFunction.string.answer($0, $1, $2) }
        case .equals: { JSONFunction.equals.answer($0, $1, $2) }
        }
    }
}

extension SQLiteConnection {
    /// Adds the functions to the connection; only its own statements may call them, no schema.
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
