import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// The values that a run records: what is refused, and what is kept.
@Suite struct RecordValueTests {
    // MARK: Datasets

    @Test func differentDatasetsHaveEntriesOfTheirOwn() throws {
        let parts = ["a", "b", "a/b", "m", "m@1", "1", "%", "%2F", "/", "@", "a%40"]
        var names: [String: Dataset] = [:]
        for context in [nil] + parts.map(Optional.some) {
            for name in parts {
                for digest in ["1", "2", "1@2", "b@1", "/1"] {
                    let dataset = try Dataset(name: name, digest: digest, context: context)
                    let other = names.updateValue(dataset, forKey: dataset.entryName)
                    #expect(other == nil, "\(dataset) \(String(describing: other))")
                }
            }
        }
        let usual = try Dataset(name: "mnist", digest: "sha256:0f", context: "training")
        #expect(usual.entryName == "training/mnist@sha256:0f")
    }

    // MARK: Images

    static func png(_ width: UInt32, _ height: UInt32, filler: Int = 0) -> Data {
        var data = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13])
        data += Data("IHDR".utf8)
        for number in [width, height] {
            data += withUnsafeBytes(of: number.bigEndian) { Data($0) }
        }
        data += Data([8, 0, 0, 0, 0, 0, 0, 0, 0])
        return data + Data(repeating: 7, count: filler)
    }

    private static func jpeg(_ segments: [[UInt8]], frame: UInt8 = 0xC0) -> Data {
        var data = Data([0xFF, 0xD8])
        for segment in segments { data += Data(segment) }
        data += Data([0xFF, frame, 0, 11, 8, 0x01, 0x02, 0x03, 0x04, 1, 0x11, 0])
        return data
    }

    @Test func anImageTellsItsSize() throws {
        let png = try RunImage(Self.png(640, 480))
        #expect(png.format == .png && png.width == 640 && png.height == 480)
        let exif: [UInt8] = [0xFF, 0xE1, 0, 4, 0xFF, 0xC0]
        for data in [
            Self.jpeg([exif]), Self.jpeg([exif], frame: 0xC2),
            Self.jpeg([[0xFF, 0xFF, 0xFE, 0, 2], [0xFF, 0xC4, 0, 3, 0]]),
        ] {
            let image = try RunImage(data)
            #expect(image.format == .jpeg && image.width == 0x304 && image.height == 0x102)
        }
        // A slice of a larger buffer has other indexes.
        let slice = (Data([1, 2, 3]) + Self.png(2, 1)).dropFirst(3)
        #expect(try RunImage(slice).width == 2)
    }

    @Test func whatIsNoImageIsRefused() async throws {
        var short = Self.png(1, 1)
        short.removeLast()
        let refused = [
            Data(), Data("GIF89a".utf8), Data([0xFF, 0xD8, 0xFF]), short, Self.png(0, 1),
            Self.png(1, 0x8000_0000), Self.jpeg([], frame: 0xDA),
            Self.jpeg([[0xFF, 0xE1, 0, 1]]), Self.jpeg([[0xFF, 0xE1, 0xFF, 0xFF]]),
            Data(repeating: 0xFF, count: 4 << 20),
        ]
        for data in refused { await expectError(.invalidValue) { try RunImage(data) } }
        let large = Self.png(1, 1, filler: RunImage.maximumBytes)
        await expectError(.invalidValue) { try RunImage(large) }
    }

    // MARK: Histograms

    @Test func aHistogramCountsEveryValue() throws {
        let histogram = try RunHistogram(
            of: [-.infinity, 0, 0.5, 1, 2, 4, .nan, .infinity], bins: 4)
        #expect(histogram.edges == [0, 1, 2, 3, 4] && histogram.counts == [2, 1, 1, 1])
        #expect(histogram.below == 1 && histogram.above == 1 && histogram.nans == 1)
        #expect(histogram.total == 8)
        let ranged = try RunHistogram(of: [Float(0), 1, 2, 3], bins: 2, in: 1...2)
        #expect(ranged.counts == [1, 1].map { $0 } && ranged.below == 1 && ranged.above == 1)
    }

    @Test(
        arguments: [
            [], [1], [1e300, 1e300], [.nan], [1, 1 + 0x1p-52], [-.greatestFiniteMagnitude, 0],
            [-.greatestFiniteMagnitude, .greatestFiniteMagnitude], [.greatestFiniteMagnitude],
            [0, .leastNonzeroMagnitude], [-0.0, 0],
        ] as [[Double]]) func aHistogramOfHardValuesIsOne(values: [Double]) throws
    {
        for bins in [1, 2, 64, 4096] {
            let histogram = try RunHistogram(of: values, bins: bins)
            #expect(histogram.total == values.count && histogram.counts.count <= bins)
            let read = try RunHistogram(recorded: histogram.recordedBytes())
            #expect(read == histogram)
        }
    }

    @Test func whatIsNoHistogramIsRefused() async throws {
        await expectError(.invalidValue) { try RunHistogram(of: [1.0], bins: 0) }
        await expectError(.invalidValue) { try RunHistogram(of: [1.0], bins: 4097) }
        for edges in [[0, 1, 1], [0, .nan, 2], [0, 1], [2, 1, 0], [0, 1, .infinity]] {
            await expectError(.invalidValue, "\(edges)") {
                try RunHistogram(edges: edges, counts: [1, 1])
            }
        }
        await expectError(.invalidValue) { try RunHistogram(edges: [0, 1], counts: [-1]) }
        await expectError(.invalidValue) {
            try RunHistogram(edges: [0, 1], counts: [.max], nans: 1)
        }
        for text in [
            "", "[]", "{}", #"{"edges":[0,1],"counts":["1"],"below":0,"above":0,"nans":0}"#,
        ] {
            await expectError(.corrupt, text) { try RunHistogram(recorded: Data(text.utf8)) }
        }
    }

    // MARK: Tables

    private struct Row: Codable, Equatable {
        enum Label: String, Codable { case cat, dog }
        var id: UInt16
        var score: Double?
        var label: Label
        var isRight: Bool
        var at: Date?
    }

    @Test func rowsBecomeColumnsAndComeBack() throws {
        let rows = [
            Row(id: 1, score: nil, label: .cat, isRight: true, at: Date(microseconds: 1)),
            Row(id: 2, score: .infinity, label: .dog, isRight: false, at: nil),
            Row(id: 3, score: 2, label: .dog, isRight: false, at: nil),
        ]
        let table = try RunTable(rows: rows)
        #expect(table.columns.map(\.name) == ["id", "label", "isRight", "at", "score"])
        #expect(table["id"] == .integers([1, 2, 3]))
        #expect(table["score"] == .doubles([nil, .infinity, 2]))
        #expect(table["label"] == .strings(["cat", "dog", "dog"]))
        #expect(table["isRight"] == .booleans([true, false, false]))
        let read = try RunTable(recorded: table.recordedBytes())
        #expect(read == table)
        #expect(try read.rows(as: Row.self) == rows)
    }

    @Test func everyNumberOfATableIsKept() throws {
        let numbers: [Double?] = [
            .nan, nil, .infinity, -.infinity, 1e300, 0.1, 5, -.leastNonzeroMagnitude,
        ]
        let table = try RunTable([
            "x": .doubles(numbers), "n": .strings(["NaN"] + Array(repeating: nil, count: 7)),
        ])
        let bytes = try table.recordedBytes()
        let read = try RunTable(recorded: bytes)
        guard case .doubles(let found) = read["x"] else {
            Issue.record("no doubles")
            return
        }
        #expect(found.map { $0?.bitPattern } == numbers.map { $0?.bitPattern })
        #expect(read["n"] == table["n"] && read.rowCount == 8)
        // The form that pandas reads with `orient="table"`.
        #expect(
            String(decoding: bytes, as: UTF8.self).hasPrefix(
                #"{"data":[["NaN","NaN"],[null,null],["Infinity",null],"#))
        let empty = try RunTable(["x": .doubles([])])
        #expect(try RunTable(recorded: empty.recordedBytes()) == empty)
    }

    private struct Nested: Encodable { var box = [1, 2] }
    private struct Empty: Encodable { var inner = Inner(); struct Inner: Encodable {} }

    @Test func whatIsNoTableIsRefused() async throws {
        func refuse(_ rows: [some Encodable], sourceLocation: SourceLocation = #_sourceLocation)
            async
        {
            await expectError(.invalidValue, sourceLocation: sourceLocation) {
                try RunTable(rows: rows)
            }
        }
        await refuse([Nested()])
        await refuse([Empty()])
        await refuse([1, 2])
        await refuse([[1], [2]])
        await refuse([[String: Int]()])
        await refuse([["a": UInt64.max]])
        await refuse([["a": JSONValue.int(1)], ["a": "x"]])
        await refuse([["a": JSONValue.int(.max)], ["a": 0.5]])
        await expectError(.invalidValue) { try RunTable(columns: []) }
        await expectError(.invalidValue) {
            try RunTable(["a": .integers([1]), "b": .integers([])])
        }
        await expectError(.invalidValue) {
            try RunTable(["\u{e9}": .integers([]), "e\u{301}": .integers([])])
        }
        let nul = try RunTable(["a": .strings(["\0"])])
        await expectError(.invalidValue) { try nul.recordedBytes() }
        for text in [
            "", "{}", #"{"data":[[1]],"schema":{"fields":[{"name":"a","type":"string"}]}}"#,
            #"{"data":[[]],"schema":{"fields":[{"name":"a","type":"string"}]}}"#,
            #"{"data":[],"schema":{"fields":[{"name":"a","type":"?"}]}}"#,
        ] { await expectError(.corrupt, text) { try RunTable(recorded: Data(text.utf8)) } }
    }

    // MARK: Datasets and texts

    @Test func whatIsNoDatasetIsRefused() async throws {
        let long = String(repeating: "a", count: 257)
        for (name, digest) in [
            ("", "1"), ("a", ""), ("a\0", "1"), (long, "1"), ("a", "\""), ("a", "\\"), ("a", "ä"),
            ("a", "1 2"), ("a", String(repeating: "1", count: 129)),
        ] {
            await expectError(.invalidValue, "\(name) \(digest)") {
                try Dataset(name: name, digest: digest)
            }
        }
        await expectError(.invalidValue) { try Dataset(name: "a", digest: "1", context: "") }
        await expectError(.invalidValue) {
            try Dataset(
                name: "a", digest: "1", schema: .string(String(repeating: "a", count: 70_000)))
        }
        await expectError(.corrupt) { try RecordedText(recorded: Data([0xFF])) }
    }
}
