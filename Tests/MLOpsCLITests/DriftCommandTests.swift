import Foundation
import MLOpsCore
import Testing

@Suite struct DriftCommandTests {
    /// The data of the golden values: 200 rows of the reference, 150 of the window.
    private static let reference = (0..<200).map { Double(($0 * 37) % 101) / 101 }
    private static let current = (0..<150).map { index -> Double in
        let step = Double((index * 53 + 11) % 97)
        return step / 97 * 1.2 - 0.05
    }

    private func write(_ lines: [String], to name: String, in tool: Tool) throws {
        let text = lines.joined(separator: "\n") + "\n"
        try Data(text.utf8).write(to: tool.directory.appending(path: name))
    }

    private func toolWithData() throws -> Tool {
        let tool = try Tool()
        let countries = ["SE", "DE", "\"F, R\""]
        try write(
            ["x,country"] + Self.reference.enumerated().map { "\($1),\(countries[$0 % 3])" },
            to: "reference.csv", in: tool)
        try write(
            ["country,more,x"] + Self.current.enumerated().map { "\(countries[$0 % 2]),,\($1)" },
            to: "current.csv", in: tool)
        return tool
    }

    @Test func everyMethodGivesSciPysAnswer() async throws {
        let tool = try toolWithData()
        let methods = ["ks", "wasserstein", "wasserstein_normed", "psi", "missing"]
        let result = try await tool(
            ["drift", "compare", "reference.csv", "current.csv", "--json", "--column", "x"]
                + methods.flatMap { ["--method", $0] })
        #expect(result.status == 1, "\(result.errors)")
        let rows = try #require(try result.json().array)
        #expect(rows.map { $0["method"]?.string } == methods)
        let expected = [
            0.13666666666666666, 0.06357211391242214, 0.21960247613121744, 0.10248775149589427, 0,
        ]
        for (row, expected) in zip(rows, expected) {
            #expect(abs((row["statistic"]?.double ?? .nan) - expected) < 1e-12)
            #expect(row["n_reference"] == 200 && row["n_current"] == 150)
            #expect(row.object?.keys.count == 10)
        }
        #expect(abs((rows[0]["p_value"]?.double ?? .nan) - 0.07501890735982118) < 1e-12)
        #expect(rows[1]["p_value"] == .null)
        #expect(rows.map { $0["drifted"]?.bool } == [false, true, true, false, false])
    }

    @Test func aTableFitsTheTerminal() async throws {
        let tool = try toolWithData()
        let result = try await tool("drift", "compare", "reference.csv", "current.csv")
        #expect(result.status == 1 && result.errors.isEmpty, "\(result.errors)")
        #expect(result.lines.count == 4 && result.lines.allSatisfy { $0.count <= 80 })
        #expect(result.lines.last == "1 of 2 comparisons drifted")
        let same = try await tool("drift", "compare", "reference.csv", "reference.csv")
        #expect(same.status == 0 && same.lines.last == "0 of 2 comparisons drifted")
        let strict = try await tool(
            "drift", "compare", "reference.csv", "current.csv", "--column", "x", "--threshold",
            "0.1")
        #expect(strict.status == 1)
    }

    @Test func aProfileStandsForItsData() async throws {
        let tool = try toolWithData()
        let made = try await tool("drift", "profile", "reference.csv", "--out", "profile.json")
        #expect(made.status == 0 && made.output.contains("2 features"), "\(made.errors)")
        let file = tool.directory.appending(path: "profile.json").path
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
        #expect(mode as? Int == 0o600, "it has a sample of the data")
        let arguments = ["current.csv", "--json", "--method", "ks", "--method", "js"]
        let ofData = try await tool(["drift", "compare", "reference.csv"] + arguments)
        let ofProfile = try await tool(["drift", "compare", "profile.json"] + arguments)
        #expect(ofProfile.status == 1 && ofProfile.output == ofData.output)
        let again = try await tool("drift", "profile", "reference.csv", "--out", "profile.json")
        #expect(again.status == 73)
        try write(["{\"version\": 99}"], to: "later.json", in: tool)
        let later = try await tool("drift", "compare", "later.json", "current.csv")
        #expect(later.status == 65 && later.errors.contains("version 99"), "\(later.errors)")
        try write(["{\"version\""], to: "broken.json", in: tool)
        #expect(try await tool("drift", "compare", "broken.json", "current.csv").status == 65)
    }

    @Test func nothingToCompareIsNoDrift() async throws {
        let tool = try Tool()
        try write(["a,b,c", ",1,x", "NA,1,y", "nan,1,"], to: "r.csv", in: tool)
        try write(["a,b,c", "text,1,", ",1,", "3,1,"], to: "c.csv", in: tool)
        let result = try await tool(
            "drift", "compare", "r.csv", "c.csv", "--json", "--method", "ks", "--method", "chi2",
            "--method", "psi")
        #expect(result.status == 0, "\(result.errors)")
        let rows = try #require(try result.json().array)
        #expect(rows.map { $0["column"]?.string } == ["a", "a", "a", "b", "b", "b", "c", "c"])
        #expect(rows.map { $0["statistic"]?.double } == [nil, nil, nil, 0, nil, 0, nil, nil])
        #expect(rows.map { $0["reason"] != nil } == rows.map { $0["statistic"] == .null })
        #expect(rows[0]["nulls_reference"] == 3 && rows[0]["nulls_current"] == 1)
    }

    @Test func aBadFileNamesLineAndColumn() async throws {
        let tool = try toolWithData()
        try write(["x,country", "0.5,SE", "\"half", "\",DE", "five,SE"], to: "bad.csv", in: tool)
        try write(["x,country", "1"], to: "short.csv", in: tool)
        try write(["x,x", "1,2"], to: "twice.csv", in: tool)
        try write(["x", "1"], to: "narrow.csv", in: tool)
        try write([], to: "empty.csv", in: tool)
        for (file, places) in [
            ("bad.csv", ["line 3", "column x"]), ("short.csv", ["line 2", "column country"]),
            ("twice.csv", ["line 1", "column x"]), ("narrow.csv", ["column country"]),
            ("empty.csv", ["line 1"]),
        ] {
            let result = try await tool("drift", "compare", "reference.csv", file, "--json")
            #expect(result.status == 65, "\(file): \(result.errors)")
            #expect(result.lines.isEmpty && result.errors.contains(file))
            for place in places { #expect(result.errors.contains(place), "\(result.errors)") }
        }
        #expect(try await tool("drift", "compare", "reference.csv", "none.csv").status == 66)
        let arguments = ["drift", "compare", "reference.csv", "current.csv"]
        #expect(try await tool(arguments + ["--method", "magic"]).status == 64)
        #expect(try await tool(arguments + ["--column", "none"]).status == 65)
        let categories = try await tool(arguments + ["--column", "country", "--method", "ks"])
        #expect(categories.status == 64, "\(categories.errors)")
    }

    @Test func anOptionWithoutEffectIsRefused() async throws {
        let tool = try toolWithData()
        let made = try await tool("drift", "profile", "reference.csv", "--out", "profile.json")
        #expect(made.status == 0)
        let compare = ["drift", "compare"]
        for (arguments, status, message) in [
            (
                compare + ["reference.csv", "current.csv", "--categorical", "y"], 65,
                "reference.csv: there is no column y; there are: country, x"
            ),
            (
                compare + ["profile.json", "current.csv", "--column", "y"], 65,
                "profile.json: there is no column y; there are: country, x"
            ),
            (
                compare + ["profile.json", "current.csv", "--categorical", "x"], 64,
                "--categorical has no effect on a saved profile"
            ),
            (
                ["drift", "profile", "reference.csv", "--out", "p.json", "--categorical", "y"], 65,
                "there is no column y"
            ),
            (
                compare + ["reference.csv", "current.csv"]
                    + ["--column", "x", "--categorical", "country"], 64,
                "--categorical country has no effect"
            ),
        ] {
            let result = try await tool(arguments)
            #expect(result.status == Int32(status), "\(arguments)")
            #expect(result.errors.contains(message), "\(result.errors)")
        }
    }
}
