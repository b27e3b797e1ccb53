import Foundation
import MLOpsCore
import Testing

/// The blocks of the guide "From Python", run as printed by the Python that `Scripts/sources`
/// installs pandas for.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: python.path)))
struct FromPythonTests {
    private static let values: [Double] = [
        1 / 3, 0.1 + 0.2, .nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude,
        .greatestFiniteMagnitude, 3,
    ]
    private static let names = ["loss", "odd, \"name\"", "two\nlines", "NA", "=1+1", "دقة 👩‍🔬"]
    private static let start = Date(timeIntervalSince1970: 1_767_600_000.123456)

    private static func blocks(_ language: String) throws -> String {
        let page = URL(filePath: #filePath).appending(
            path: "../../../Sources/MLOpsTransfer/MLOpsTransfer.docc/FromPython.md")
        let text = try String(contentsOf: page.standardized, encoding: .utf8)
        return text.components(separatedBy: "```\(language)\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }.joined(separator: "\n")
    }

    /// Prints what the blocks have made, with every bit of a value.
    private static let report = """

        import struct
        def bits(value):
            return "nan" if value != value else struct.pack(">d", value).hex()
        def rows(frame):
            return [[r.run_id, r.run_name, r.metric, int(r.step), bits(float(r.value)),
                     r.timestamp.isoformat()] for r in frame.itertuples()]
        print(json.dumps({
            "points": rows(points), "losses": rows(losses), "lines": rows(lines),
            "table": rows(table), "copy": rows(copy),
            "types": sorted({str(f[c].dtype) for f in [points, losses, lines, table, copy]
                             for c in ["value", "timestamp"]}),
            "curve": bits(float(curves.loc[1, ("first", "loss")])),
            "rate": float(runs.loc[points.run_id.iloc[0], "parameters.optimizer.rate"]),
            "last": float(runs.loc[points.run_id.iloc[0], "metrics.loss.last"]),
            "host": runs.loc[points.run_id.iloc[0], "tags.host"],
            "versions": versions[["model", "version", "number", "stage"]].values.tolist(),
            "signature": versions["signature"].iloc[0]}))
        """

    private struct Row: Hashable {
        let fields: [String]
        init(_ json: JSONValue) {
            fields = (json.array ?? []).map { $0.string ?? $0.description }
        }
        init(_ run: ExperimentRun, _ point: RunMetric) {
            let digits = String(point.value.bitPattern, radix: 16)
            let padded = String(repeating: "0", count: 16 - digits.count) + digits
            let time = point.timestamp.timeIntervalSince1970
            let micros = Int((time * 1_000_000).rounded()) % 1_000_000
            let second = Date(timeIntervalSince1970: time.rounded(.down)).formatted(.iso8601)
            fields = [
                run.id.description, run.runName, point.metricName, String(point.step),
                point.value.isNaN ? "nan" : padded, "\(second.dropLast()).\(micros)+00:00",
            ]
        }
    }

    @Test func everyBlockReadsWhatIsStored() async throws {
        let tool = try Tool()
        let file = tool.directory.appending(path: "mlops.db")
        let store = try await SQLiteStore.open(file.path)
        let workspace = try await store.localWorkspace()
        let expected = try await workspace.write { tx in
            let project = try tx.projects.insert(Project(name: "Digits"))
            let experiment = try tx.experiments.insert(
                Experiment(project: project.id, name: "sweep"))
            for name in ["first", "007"] {
                let run = try tx.runs.insert(
                    ExperimentRun(
                        experiment: experiment.id, runName: name,
                        parameters: ["optimizer": ["rate": .double(0.1 + 0.2)]],
                        tags: ["host": "a"]))
                var batch = MetricBatch()
                for metric in Self.names {
                    for (step, value) in Self.values.enumerated() {
                        let time = Self.start + Double(step) * 1.000001
                        batch.add(metric, value, step: Int64(step), at: time)
                    }
                }
                try tx.runs.append(batch, to: run.id)
            }
            let model = try tx.models.insert(Model(project: project.id, name: "digits"))
            try tx.modelVersions.insert(
                ModelVersion(
                    model: model.id, version: "1.0.0",
                    modelSchema: ["inputs": [["name": "x", "type": "long"]]]))
            var rows: [Row] = []
            for run in try tx.runs.all() {
                try tx.metrics.forEach(Query(where: { $0.runID == run.id })) {
                    rows.append(Row(run, $0))
                    return true
                }
            }
            return rows
        }
        try await store.close()

        let folder = "cd '\(tool.directory.path)'\n"
        let exports = try await tool.shell(folder + Self.blocks("sh"))
        #expect(exports.status == 0, "\(exports.errors)")
        let script = tool.directory.appending(path: "page.py")
        try Data((Self.blocks("python") + Self.report).utf8).write(to: script)
        let result = try await tool.shell("\(folder)'\(python.path)' -W error page.py")
        #expect(result.status == 0, "\(result.errors)")
        let read = try result.json()
        for frame in ["points", "lines", "table", "copy"] {
            #expect(try #require(read[frame]?.array).map(Row.init) == expected, "\(frame)")
        }
        let losses = try #require(read["losses"]?.array).map(Row.init)
        #expect(losses == expected.filter { $0.fields[2] == "loss" } && losses.count == 18)
        #expect(read["types"] == ["datetime64[us, UTC]", "float64"])
        #expect(read["curve"] == "3fd3333333333334")
        #expect(
            read["rate"]?.double == 0.1 + 0.2 && read["last"]?.double == 3 && read["host"] == "a")
        #expect(read["versions"] == [["digits", "1.0.0", 1, "development"]])
        #expect(read["signature"] == ["inputs": [["name": "x", "type": "long"]]])
    }
}

private let python = URL(filePath: #filePath)
    .appending(path: "../../../.build-transfer/bin/python").standardized
