import CSQLite
import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// The functions that seek a member agree with a full parse of the document.
@Suite struct JSONFunctionTests {
    private let connection: SQLiteConnection

    init() throws {
        connection = try SQLiteConnection(
            path: ":memory:", flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
            configuration: SQLiteConfiguration(), interruption: Interruption())
    }

    /// The first column of a statement's only row.
    private func value<Value: ColumnValue>(_ sql: Fragment) throws -> Value {
        var found: Value?
        try connection.query(sql) { row in
            found = try row.next()
            return true
        }
        return try #require(found)
    }

    private func call(_ function: String, _ arguments: [String]) -> Fragment {
        let arguments = arguments.map { "\($0)" as Fragment }
        return "mlops_json_\(raw: function)(\(Fragment(joining: arguments, separator: ", ")))"
    }

    /// The query that compares the functions with `json_type` and `json_extract` at a path.
    ///
    /// The last digits of a real may differ: SQLite does not always read the nearest double.
    private func agreement(_ text: String, _ keys: [String]) -> Fragment {
        let path = "$" + keys.map { ".\"\($0)\"" }.joined()
        let number = call("number", [text] + keys)
        let type: Fragment = "json_type(\(text), \(path))"
        let value: Fragment = "json_extract(\(text), \(path))"
        return """
            SELECT coalesce(\(call("exists", [text] + keys)), 0) = (\(type) IS NOT NULL)
                AND \(call("string", [text] + keys)) IS CASE \(type) WHEN 'text' THEN \(value) END
                AND CASE \(type)
                    WHEN 'integer' THEN \(number) = \(value)
                    WHEN 'real' THEN abs(\(number) - \(value)) <= 1e-15 * abs(\(value))
                    WHEN 'text' THEN \(number) IS
                        CASE \(value) WHEN 'Infinity' THEN 9e999 WHEN '-Infinity' THEN -9e999 END
                    ELSE \(number) IS NULL END
            """
    }

    /// A document as a column may hold it: with more digits than a caller may give.
    private static func stored(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Data(text.utf8), maximumBytes: .max, keeping: .none)
    }

    @Test func theyAgreeWithAReaderOfTheWhole() throws {
        let seed = randomSeed()
        var generator = SplitMix64(seed: seed)
        var agreements = 0
        for number in 0..<3000 {
            let document = Document.random(depth: 4, using: &generator)
            let isPlain = Bool.random(using: &generator)
            let text = document.text(escapingKeys: !isPlain, using: &generator)
            let keys = document.path(using: &generator)
            let hint: Comment = "seed \(seed), document \(number): \(text) at \(keys)"
            let member = keys.reduce(document as Document?) { $0?.member($1) }
            let found: [Bool] = [
                try value("SELECT coalesce(\(call("exists", [text] + keys)), FALSE)"),
                try value("SELECT \(call("number", [text] + keys)) IS \(stored: member.number)"),
                try value("SELECT \(call("string", [text] + keys)) IS \(member?.string)"),
            ]
            #expect(found == [member != nil, true, true], hint)
            // The member in another spelling; a document with a duplicate key has no canonical
            // text.
            let canonical = try? member.map {
                try Self.stored($0.text(escapingKeys: true, using: &generator)).comparableText()
            }
            if let canonical {
                let isThere: Bool = try value(
                    "SELECT \(call("equals", [text, canonical] + keys)) IS 1")
                #expect(isThere, hint)
                let scalar = Document.random(depth: 0, using: &generator)
                let other = try Self.stored(scalar.text(escapingKeys: true, using: &generator))
                    .comparableText()
                let isAnother: Bool = try value(
                    "SELECT \(call("equals", [text, other] + keys)) IS NOT 1")
                #expect(isAnother == (other != canonical), "\(hint), not \(other)")
            }
            if isPlain, keys.allSatisfy(Document.isPlain) {
                #expect(try value(agreement(text, keys)), hint)
                agreements += member == nil ? 0 : 1
            }
        }
        // Enough of the members must exist.
        #expect(agreements > 200, "seed \(seed)")
    }

    @Test func damagedDocumentsHaveAnAnswer() throws {
        let seed = randomSeed()
        var generator = SplitMix64(seed: seed)
        for number in 0..<3000 {
            var bytes = Array(
                Document.random(depth: 4, using: &generator)
                    .text(escapingKeys: true, using: &generator).utf8)
            for _ in 0...Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
                let place = bytes.indices.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes.removeSubrange(place...)
                case 1: bytes.remove(at: place)
                default:
                    bytes[place] =
                        Array(#"{}[]",:\0u-e. "#.utf8).randomElement(using: &generator) ?? 0
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let key = Document.keys.randomElement(using: &generator) ?? ""
            for function in ["exists", "number", "string", "equals"] {
                let arguments =
                    function == "equals" ? [text, #"{"a":"b"}"#, key] : [text, key]
                let type: String = try value("SELECT typeof(\(call(function, arguments)))")
                let types = ["null", "integer", "real", "text"]
                #expect(types.contains(type), "seed \(seed), document \(number): \(text)")
            }
        }
    }

    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"b":{"a":9},"a":1}"#, #"{ "x" : [ {"a":9} ] , "a" : 1 }"#,
        #"{"x":"\",\"a\":9","a":1}"#, #"{"\u0061":1}"#, #"{"x\\":{"y":"}"},"a":1.0}"#,
    ]) func theMemberOfTheRootIsFound(text: String) throws {
        #expect(try value("SELECT \(call("number", [text, "a"])) = 1") as Bool)
    }

    @Test(arguments: ["", "[1]", "1", "\"a\"", "{}", #"{"x":{"a":1}}"#, #"[{"a":1}]"#])
    func whatIsNotThereIsNull(text: String) throws {
        for function in ["exists", "number", "string"] {
            #expect(try value("SELECT \(call(function, [text, "a"])) IS NULL") as Bool)
        }
        #expect(try value("SELECT \(call("equals", [text, "1", "a"])) IS NULL") as Bool)
        #expect(try value("SELECT mlops_json_exists(NULL, 'a') IS NULL") as Bool)
    }

    @Test func withoutKeysTheDocumentItselfIsMeant() throws {
        #expect(try value("SELECT \(call("number", [" 1.5"])) = 1.5") as Bool)
        #expect(try value("SELECT \(call("string", [" \"a\" "])) = 'a'") as Bool)
        #expect(
            try value("SELECT \(call("equals", [#" {"b":1, "a":2} "#, #"{"a":2,"b":1}"#]))") as Bool
        )
        #expect(try value("SELECT \(call("exists", ["{}"]))") as Bool)
        for function in ["exists", "number", "string", "equals"] {
            #expect(try value("SELECT mlops_json_\(raw: function)() IS NULL") as Bool)
        }
    }

    @Test func aPathMayBeLongerThanSQLiteTakesArguments() throws {
        let keys = Array(repeating: "a", count: 200)
        let dialect = SQLiteDialect()
        #expect(
            try value("SELECT \(dialect.exists(JSONPlace("'{}'", names: keys))) IS NULL") as Bool)
        let deepest = Array(repeating: "a", count: JSONValue.maximumDepth)
        let text = keys.prefix(64).reduce("1") { "{\"\($1)\":\($0)}" }
        let place = JSONPlace("'\(text)'", names: deepest)
        #expect(try value("SELECT \(dialect.number(place)) = 1") as Bool)
        #expect(try value("SELECT \(try dialect.compare(place, .equal, 1))") as Bool)
    }

    /// Refused in views and triggers, which would not work in another program.
    @Test func aSchemaCannotCallThem() throws {
        try connection.runScript(
            "CREATE VIEW v AS SELECT mlops_json_number('{\"a\":1}', 'a') AS number")
        #expect(throws: StoreError.self) { try value("SELECT number FROM v") as Int64 }
    }
}

/// A document that keeps the order of its members and the spelling of its numbers.
private indirect enum Document {
    case object([(key: String, value: Document)])
    case array([Document])
    case string(String)
    case number(String)
    case keyword(String)

    static let keys = ["a", "b", "é", "a b", "k.1", "😀", "", "\"", "\\", "\n", "a\"", "\\u0061"]
    private static let strings = ["", "a", "adam", "é😀", "\"a\":1}", "\\", "/", "\u{1F}\n", "]"]
    private static let numbers = [
        "0", "-0", "7", "-12", "0.5", "-0.25", "-0.0", "1e5", "1E-7", "2.5e+3", "0.1", "100.0",
        "0.30000000000000004", "3.141592653589793", "9007199254740993.5", "5e-324",
        "1.7976931348623157e308", "123456789012345678", "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "100000000000000000000000",
    ]

    static func random(depth: Int, using generator: inout SplitMix64) -> Document {
        switch Int.random(in: 0..<(depth == 4 ? 5 : depth == 0 ? 3 : 8), using: &generator) {
        case _ where depth == 4, 3, 4:
            .object(
                (0..<Int.random(in: 0..<6, using: &generator)).map { _ in
                    (
                        keys.randomElement(using: &generator) ?? "",
                        random(depth: depth - 1, using: &generator)
                    )
                })
        case 5:
            .array(
                (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
                    random(depth: depth - 1, using: &generator)
                })
        case 0: .string(strings.randomElement(using: &generator) ?? "")
        case 1: .keyword(["null", "true", "false"].randomElement(using: &generator) ?? "null")
        case 2: .number(numbers.randomElement(using: &generator) ?? "0")
        default:
            // A number with many digits.
            .number("\(Double(Int.random(in: -99...99, using: &generator)) / 7)")
        }
    }

    /// One to three keys, most of which lead to a value.
    func path(using generator: inout SplitMix64) -> [String] {
        var keys: [String] = []
        var here = self as Document?
        repeat {
            var key = Self.keys.randomElement(using: &generator) ?? ""
            if case .object(let members)? = here, Int.random(in: 0..<5, using: &generator) > 0 {
                key = members.randomElement(using: &generator)?.key ?? key
            }
            keys.append(key)
            here = here?.member(key)
        } while keys.count < 3 && Bool.random(using: &generator)
        return keys
    }

    /// The value of a key; of several, the first.
    func member(_ key: String) -> Document? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }

    /// Writes the document with random spaces and escapes.
    func text(escapingKeys: Bool, using generator: inout SplitMix64) -> String {
        func space() -> String {
            ["", "", "", " ", "\n\t", "\r "].randomElement(using: &generator) ?? ""
        }
        func list(_ items: [String]) -> String { items.joined(separator: "\(space()),\(space())") }
        switch self {
        case .keyword(let word), .number(let word): return word
        case .string(let text): return Self.quoted(text, escaping: true, using: &generator)
        case .array(let elements):
            return "[" + space()
                + list(elements.map { $0.text(escapingKeys: escapingKeys, using: &generator) })
                + space() + "]"
        case .object(let members):
            return "{" + space()
                + list(
                    members.map { key, value in
                        Self.quoted(key, escaping: escapingKeys, using: &generator) + space()
                            + ":" + space()
                            + value.text(escapingKeys: escapingKeys, using: &generator)
                    }) + space() + "}"
        }
    }

    private static func quoted(
        _ text: String, escaping: Bool, using generator: inout SplitMix64
    ) -> String {
        let scalars = text.unicodeScalars.map { scalar -> String in
            let isPlain = isPlain(String(scalar))
            if isPlain, !escaping || Int.random(in: 0..<4, using: &generator) > 0 {
                return String(scalar)
            }
            if scalar == "\"" || scalar == "\\" || scalar == "/", Bool.random(using: &generator) {
                return "\\\(scalar)"
            }
            return String(scalar).utf16
                .map { "\\u" + [UInt8($0 >> 8), UInt8($0 & 0xFF)].hexadecimal }.joined()
        }
        return "\"" + scalars.joined() + "\""
    }

    /// Whether the text needs no escape in a document, nor in a path of SQLite.
    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\"" && $0 != "\\" }
    }
}

extension Document? {
    /// The number, as the store reads it.
    fileprivate var number: StoredValue {
        guard case .number(let word)? = self else { return .null }
        return Int64(word).map { .integer($0) } ?? Double(word).map { .real($0) } ?? .null
    }
}
