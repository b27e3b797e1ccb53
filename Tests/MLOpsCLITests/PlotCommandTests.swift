import Foundation
import MLOpsCore
import Testing

@testable import mlops

@Suite struct PlotCommandTests {
    private func fixture(_ tool: Tool) async throws {
        let fixture = try await Fixture(in: tool, names: ["first", "<b>&\"quote\"", "third"])
        try await tool.store { store in
            try await store.localWorkspace().write { tx in
                var batch = MetricBatch()
                for step in 0..<40 {
                    let value = step == 20 ? Double.nan : step == 30 ? .infinity : Double(step)
                    batch.add("odd", value, step: Int64(step), at: .now)
                }
                try tx.runs.append(batch, to: fixture.runs[1].id)
                try tx.runs.append(batch, to: fixture.runs[2].id)
            }
        }
    }

    @Test func aChartNeverLosesASpike() async throws {
        let tool = try Tool()
        try await fixture(tool)
        let chart = try await tool("runs", "plot", "first", "--metric", "loss")
        #expect(chart.status == 0, "\(chart.errors)")
        #expect(chart.lines.first == "loss")
        #expect(chart.lines.contains { $0.hasPrefix("100 ┤") })
        #expect(chart.lines.allSatisfy { $0.displayWidth <= 80 })
        #expect(!chart.output.contains("\u{1B}"))
    }

    @Test func gapsAreSaidAndMarksTellCurvesApart() async throws {
        let tool = try Tool()
        try await fixture(tool)
        let chart = try await tool(
            "runs", "plot", "<b>&\"quote\"", "third", "--metric", "odd", "--log", "--x", "relative")
        #expect(chart.status == 0, "\(chart.errors)")
        let legend = chart.lines.suffix(2)
        #expect(
            legend.allSatisfy {
                $0.contains("1 NaN, reaches inf, values of 0 or less left out")
            }, "\(chart.output)")
        #expect(legend.map(\.first) == ["1", "2"])
        let plot = chart.lines.dropLast(2).joined()
        #expect(plot.contains("1") && plot.contains("2"))
        let none = try await tool("runs", "plot", "first", "--metric", "los")
        #expect(none.status == 1)
        #expect(none.errors == "mlops: no run has the metric los; there are: accuracy, loss\n")
    }

    @Test func picturesAreWellFormed() async throws {
        let tool = try Tool()
        try await fixture(tool)
        for file in ["chart.svg", "chart.png"] {
            let result = try await tool(
                "runs", "plot", "<b>&\"quote\"", "first", "--metric", "odd", "--metric", "loss",
                "--smooth", "0.5", "--out", file, "--width", "400", "--height", "300")
            #expect(result.lines == ["\(file), 3 curves"], "\(result.errors)")
            let again = try await tool("runs", "plot", "first", "--metric", "loss", "--out", file)
            #expect(again.status == 73)
        }
        let svg = try String(
            contentsOf: tool.directory.appending(path: "chart.svg"), encoding: .utf8)
        #expect(svg.contains("&lt;b&gt;&amp;&quot;quote&quot; odd"))
        #expect(svg.contains("<title id=\"title\">odd, loss, smoothed by 0.5</title>"))
        #expect(!svg.contains("nan") && !svg.contains("inf,"))
        #expect(XMLCheck(svg).isWellFormed)
        let check = try await tool(
            ["-c", PlotCommandTests.pngCheck, "chart.png"],
            program: URL(filePath: "/usr/bin/python3"))
        #expect(check.output == "400 300 ok\n", "\(check.errors)")
        #expect(
            try await tool("runs", "plot", "first", "--metric", "a", "--out", "a.gif").status == 64)
    }

    /// Reads a PNG with another implementation of its checks and of inflate.
    private static let pngCheck = """
        import struct, sys, zlib
        data, at, pixels = open(sys.argv[1], 'rb').read(), 8, b''
        assert data[:8] == b'\\x89PNG\\r\\n\\x1a\\n'
        while at < len(data):
            size, kind = struct.unpack('>I4s', data[at:at + 8])
            body = data[at + 8:at + 8 + size]
            end = at + 8 + size
            assert zlib.crc32(kind + body) == struct.unpack('>I', data[end:end + 4])[0]
            if kind == b'IHDR': width, height = struct.unpack('>II', body[:8])
            if kind == b'IDAT': pixels += body
            at += 12 + size
        assert len(zlib.decompress(pixels)) == (width * 3 + 1) * height
        print(width, height, 'ok')
        """

    @Test func axesHaveRoundTicks() {
        let axis = Axis(.number, [0.013, 0.97], ticks: 5)
        #expect(axis.ticks.map(\.label) == ["0.2", "0.4", "0.6", "0.8"])
        #expect(Axis(.number, [3, 3], ticks: 4).ticks.count > 1)
        #expect(Axis(.number, [], ticks: 4).ticks.count > 1)
        let huge = Axis(.number, [-1e308, 1e308], ticks: 4)
        #expect(huge.ticks.count > 1 && huge.position(of: 0) == 0.5)
        #expect(
            Axis(.logarithm, [0.001, 10], ticks: 5).ticks.map(\.label) == [
                "0.001", "0.01", "0.1", "1", "10",
            ])
        #expect(Axis(.logarithm, [0.22, 0.46], ticks: 2).ticks.count > 1)
        #expect(
            Axis(.duration, [0, 7200], ticks: 4).ticks.map(\.label) == [
                "0 min", "30 min", "60 min", "90 min", "120 min",
            ])
        let day = Date(timeIntervalSince1970: 1_767_600_000).timeIntervalSince1970
        #expect(
            Axis(.time, [day, day + 3600], ticks: 4).ticks.map(\.label)
                == ["08:00", "08:15", "08:30", "08:45", "09:00"])
    }
}

/// A document of XML, as its parser sees it.
private final class XMLCheck {
    private(set) var isWellFormed = true

    init(_ text: String) {
        // Tags are balanced, and no reserved character is left between them.
        var open: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            if rest[..<start].contains(where: { $0 == ">" }) { isWellFormed = false }
            guard let end = rest[start...].firstIndex(of: ">") else {
                isWellFormed = false
                return
            }
            let tag = rest[rest.index(after: start)..<end]
            let name = tag.prefix { !$0.isWhitespace && $0 != "/" }
            if tag.hasPrefix("/") {
                if open.popLast() != tag.dropFirst() { isWellFormed = false }
            } else if !tag.hasSuffix("/") {
                open.append(name)
            }
            rest = rest[rest.index(after: end)...]
        }
        if !open.isEmpty { isWellFormed = false }
    }
}
