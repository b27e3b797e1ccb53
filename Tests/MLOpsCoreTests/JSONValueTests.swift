import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

@Suite struct JSONValueTests {
    @Test(arguments: [
        "null", "true", "[]", "{}", "[1,2.5,\"a\"]", "{\"a\":{\"b\":[null]}}",
        "-9223372036854775808", "9223372036854775807", "\"\\u00e9\\ud83d\\ude00\\n\"",
        " [ 1 , 2 ] ",
    ])
    func validTextsGoRound(text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(try JSONValue(parsing: value.canonicalText()) == value)
    }

    @Test(arguments: [
        "", "nul", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "1.", ".5", "+1", "1e", "[1 2]",
        "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\x\"", "\"a", "1e999", "{1:2}", "[1]]",
        "\"\u{01}\"",
    ])
    func invalidTextsAreRefused(text: String) {
        #expect { try JSONValue(parsing: text) } throws: {
            ($0 as? StoreError)?.code == .invalidValue
        }
    }

    @Test func itPrintsAsJSON() {
        let value: JSONValue = ["b": [1, 0.5, "x"], "a": nil]
        #expect("\(value)" == #"{"a":null,"b":[1,0.5,"x"]}"#)
        #expect("\(JSONValue.double(.nan))" == "<not representable as JSON>")
    }

    @Test func keysAreWrittenInTheOrderOfTheirBytes() throws {
        let value: JSONValue = ["b": 1, "a": 2, "é": 3, "Z": 4]
        #expect(try value.canonicalText() == "{\"Z\":4,\"a\":2,\"b\":1,\"é\":3}")
    }

    @Test func numbersKeepTheirType() throws {
        #expect(try JSONValue.double(1e15).canonicalText() == "1000000000000000.0")
        #expect(try JSONValue.double(-0.0).canonicalText() == "0.0")
        #expect(try JSONValue(parsing: "1.0") == .double(1))
        #expect(throws: StoreError.self) { try JSONValue.double(.nan).canonicalText() }
    }

    @Test func randomDoublesGoRound() throws {
        let seed = randomSeed()
        var state = seed
        for _ in 0..<10_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let number = Double(bitPattern: state)
            guard number.isFinite, number != 0 else { continue }
            let text = try JSONValue.double(number).canonicalText()
            #expect(try JSONValue(parsing: text) == .double(number), "seed \(seed)")
        }
    }

    @Test func decimalsAreReadToTheNearestDouble() throws {
        let seed = randomSeed()
        var generator = SplitMix64(seed: seed)
        for _ in 0..<20_000 {
            var digits = (0..<Int.random(in: 2...22, using: &generator)).map { _ in
                "\(Int.random(in: 0...9, using: &generator))"
            }
            digits.insert(".", at: Int.random(in: 1..<digits.count, using: &generator))
            // No leading zeros, except one before the decimal point.
            while digits[0] == "0" && digits[1] != "." { digits.removeFirst() }
            let text = (Bool.random(using: &generator) ? "-" : "") + digits.joined()
            let number = try #require(Double(text))
            #expect(try JSONValue(parsing: text) == .double(number), "seed \(seed): \(text)")
        }
        for text in ["9007199254740991.5", "9007199254740993.5", "90071992547409925", "-0.0"] {
            #expect(try JSONValue(parsing: text).double == Double(text))
        }
    }

    @Test func depthAndSizeAreLimited() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(65)) }
        #expect(throws: StoreError.self) { try JSONValue(parsing: nested(66)) }
        #expect(throws: StoreError.self) { try JSONValue(parsing: nested(100_000)) }
        let large = JSONValue.string(String(repeating: "x", count: 1 << 20))
        #expect(throws: StoreError.self) { try large.canonicalText() }
    }

    @Test(arguments: [
        "18446744073709551615", "9223372036854775808", "-9223372036854775809",
        "123456789012345678901234567890", "[{\"a\":18446744073709551616}]",
    ])
    func integersThatLoseDigitsAreRefused(text: String) throws {
        #expect { try JSONValue(parsing: text) } throws: {
            ($0 as? StoreError)?.message.contains("digits") == true
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        }
    }

    @Test func integersThatADoubleKeepsAreRead() throws {
        // PostgreSQL writes a large double as all its digits.
        let digits = "1" + String(repeating: "0", count: 300)
        #expect(try JSONValue(parsing: digits) == 1e300)
        let decoded = try JSONDecoder().decode(JSONValue.self, from: Data("1e20".utf8))
        #expect(decoded == 1e20)
    }

    @Test func valuesAreKeptExactlyOrRefusedWithTheirField() throws {
        struct Nested<Value: Encodable>: Encodable { var list: [[String: Value]] }
        func code(_ value: some Encodable) -> String {
            do {
                return "\(try JSONValue(encoding: Nested(list: [["seed": value]])))"
            } catch {
                return (error as? StoreError)?.field ?? "\(error)"
            }
        }
        func kept(_ value: String) -> String { #"{"list":[{"seed":\#(value)}]}"# }
        let refused = "list.0.seed"
        #expect(code(UInt64.max) == refused && code(UInt64(1) << 63) == refused)
        #expect(code(UInt64(Int64.max)) == kept("9223372036854775807"))
        #expect(code(Int128.max) == refused && code(Int128(-5)) == kept("-5"))
        for text in ["3.14159265358979323846264338327", "0.12345678901234567", "1e-40"] {
            let decimal = try #require(Decimal(string: text))
            #expect(code(decimal) == (text == "1e-40" ? kept("1e-40") : refused), "\(text)")
        }
        #expect(code(Float(0.1)) == kept("0.1") && code(1e300) == kept("1e+300"))
        #expect(code(Double.leastNonzeroMagnitude) == kept("5e-324"))
        #expect(code("a\0b").contains("NUL") && code(UInt64.max) == refused)
        #expect(code(Date.distantFuture) == kept(#""4001-01-01T00:00:00Z""#))
        #expect(code(Date(timeIntervalSince1970: 1e15)) == refused)
        #expect(code(Data([1, 2, 255])) == kept(#""AQL/""#))
        #expect(code(URL(string: "https://a.b/c?d=1")) == kept(#""https://a.b/c?d=1""#))
    }

    @Test func datesKeepTheirMicroseconds() throws {
        for seconds in [0, 0.5, 1_700_000_000.123_456, -0.000_001, -1.25, 1e9 + 0.999_999] {
            let date = Date(timeIntervalSince1970: seconds).roundedToMicroseconds
            let document = try JSONValue(encoding: ["at": date])
            #expect(try document.decode(as: [String: Date].self) == ["at": date], "\(document)")
        }
        #expect(
            try JSONValue(encoding: [Date(timeIntervalSince1970: -0.5)])
                == ["1969-12-31T23:59:59.500000Z"])
        #expect(throws: DecodingError.self) {
            try JSONValue.array(["now"]).decode(as: [Date].self)
        }
    }

    @Test func theErrorOfAnEncoderReachesTheCaller() {
        struct Refusal: Error {}
        struct Broken: Encodable {
            func encode(to encoder: any Encoder) throws { throw Refusal() }
        }
        #expect(throws: Refusal.self) { try JSONValue(encoding: ["a": Broken()]) }
    }

    @Test func anyCodableGoesInAndComesOut() throws {
        struct Parameters: Codable, Equatable {
            var rate = 0.1
            var layers = [64, 32]
            var limit = Double.infinity
            var start = Date(timeIntervalSince1970: 1_700_000_000.25)
            var note: String?
        }
        let document = try JSONValue(encoding: Parameters())
        #expect(document["limit"] == "Infinity")
        #expect(document["layers"]?[1] == 32)
        #expect(try document.decode(as: Parameters.self) == Parameters())
    }
}
