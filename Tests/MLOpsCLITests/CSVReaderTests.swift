import Foundation
import Testing

@testable import mlops

@Suite struct CSVReaderTests {
    private func records(_ text: String) throws -> [[String]] {
        var reader = CSVReader(Data(text.utf8))
        var records: [[String]] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }

    @Test(
        arguments: [
            ("", []), ("a", [["a"]]), ("a,b\n", [["a", "b"]]), ("a,b", [["a", "b"]]),
            ("a\r\nb\rc\n", [["a"], ["b"], ["c"]]), (",\n", [["", ""]]), ("\n\n", [[""], [""]]),
            ("\"a,b\",\"c\"\"d\"", [["a,b", "c\"d"]]), ("\"\"", [[""]]),
            ("\"a\nb\r\nc\",d", [["a\nb\r\nc", "d"]]),
            (" a , b ", [[" a ", " b "]]), ("\u{FEFF}ä,€\n", [["ä", "€"]]),
            ("a,\"b\"", [["a", "b"]]),
            ("a,", [["a", ""]]), ("\"\"\"\"", [["\""]]),
        ] as [(String, [[String]])])
    func textIsRead(text: String, expected: [[String]]) throws {
        #expect(try records(text) == expected)
    }

    @Test(arguments: [
        ("a,b\"c", 1, 1), ("a\n\"b\"c", 2, 0), ("a\n\n1,\"b\nc", 3, 1), ("\"a\nb\"\n\"c\"d", 3, 0),
        ("\"a\rb\"x", 2, 0),
    ])
    func mistakesAreLocated(text: String, line: Int, field: Int) throws {
        let problem = #expect(throws: CSVReader.Problem.self) { try records(text) }
        #expect(problem?.line == line && problem?.field == field, "\(String(describing: problem))")
    }

    @Test func bytesThatAreNotUTF8() {
        var reader = CSVReader(Data([0x61, 0x2C, 0xFF, 0x0A]))
        let problem = #expect(throws: CSVReader.Problem.self) { _ = try reader.next() }
        #expect(problem?.field == 1)
    }

    @Test func linesAreThoseOfTheRecords() throws {
        var reader = CSVReader(Data("a\r\n\"b\r\nc\"\r\nd".utf8))
        var lines: [Int] = []
        while try reader.next() != nil { lines.append(reader.line) }
        #expect(lines == [1, 2, 4])
    }
}
