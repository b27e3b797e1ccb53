import Foundation
import MLOpsCore
import MLOpsOperations
import Testing

@testable import mlops

@Suite struct DriftReportCommandTests {
    /// A tool with a deployment `api`, and files of a reference and of data like it and unlike it.
    private func prepared() async throws -> Tool {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let made = try await tool(
            "deployments", "deploy", "api", "--model", "digits-mlp", "--version", "1.0.0",
            "--environment", "production")
        #expect(made.status == 0, "\(made.errors)")
        func write(_ name: String, _ rows: Int, older: Int) throws {
            let lines = (0..<rows).map { "\($0 % 50 + older),\($0 % 3 == 0 ? "SE" : "DE")" }
            let text = (["age,country"] + lines).joined(separator: "\n") + "\n"
            try Data(text.utf8).write(to: tool.directory.appending(path: name))
        }
        try write("train.csv", 500, older: 0)
        try write("same.csv", 200, older: 0)
        try write("older.csv", 200, older: 40)
        try write("few.csv", 20, older: 0)
        return tool
    }

    private static let files = ["drift", "report", "api", "--reference", "train.csv", "--current"]

    @Test func aReportIsStoredAndListed() async throws {
        let tool = try await prepared()
        let none = try await tool("drift", "list", "api", "--json")
        #expect(none.status == 1 && none.output == "[]\n")
        let same = try await tool(
            Self.files + ["same.csv", "--from", "2026-01-05", "--to", "2026-01-06"])
        #expect(same.status == 0 && same.errors.isEmpty, "\(same.errors)")
        let older = try await tool(Self.files + ["older.csv"])
        #expect(older.status == 1 && older.errors.isEmpty, "\(older.errors)")
        #expect(older.lines.allSatisfy { $0.count <= 80 } && older.lines.count == 4)
        #expect(older.lines[3].hasSuffix("score 0.5, above 0.3"))
        let list = try await tool("drift", "list", "api")
        #expect(list.lines.count == 3 && list.lines.allSatisfy { $0.count <= 80 })
        #expect(list.lines[1].hasSuffix("yes    age"), "\(list.output)")
        #expect(list.lines[2].contains("2026-01-05 00:00  2026-01-06 00:00"))
        let rows = try await tool("drift", "list", "api", "--json").json()
        #expect(rows.array?.count == 2 && rows[0]?["is_drift_detected"] == true)
        let first = try await tool("drift", "list", "api", "--limit", "1")
        #expect(first.lines.last == "there are more; raise --limit")
    }

    @Test func theDatabaseItselfIsNotRead() async throws {
        let tool = try await prepared()
        _ = try await tool.store { _ in
            #expect(throws: StoreError.self) { try ReferenceFile.contents(tool.database) }
        }
        #expect(throws: Never.self) { try ReferenceFile.contents(tool.database) }
        _ = try await tool(
            "channels", "add", "mail", "--type", "email", "--host", "smtp.example.com", "--from",
            "ml@example.com", "--to", "ada@example.com")
        let set = try await tool(
            ["channels", "set", "mail", "--username", "u", "--password-file", tool.database],
            environment: ChannelsCommandTests.keys)
        #expect(set.status != 0 && set.errors.contains("open database"), "\(set.errors)")
    }

    @Test func aColumnTakesTheFirstMethodThatFits() async throws {
        let tool = try await prepared()
        let profile = try await tool("drift", "profile", "train.csv", "--out", "profile.json")
        #expect(profile.status == 0)
        let arguments = ["drift", "report", "api", "--reference", "profile.json", "--current"]
        let result = try await tool(
            arguments + ["same.csv", "--method", "ks", "--method", "chi2", "--json"])
        #expect(result.status == 0, "\(result.errors)")
        let features = try result.json()["feature_drift"]
        #expect(features?["age"]?["method"] == "ks" && features?["country"]?["method"] == "chi2")
        let one = try await tool(arguments + ["older.csv", "--column", "country"])
        #expect(one.status == 0 && one.output.contains("age: the window has no such column"))
    }

    @Test func thePolicyIsEvaluated() async throws {
        let tool = try await prepared()
        let watch = try await tool("deployments", "watch", "api", "--drift", "--severity", "high")
        #expect(watch.status == 0, "\(watch.errors)")
        #expect(try await tool(Self.files + ["older.csv"]).status == 1)
        let alerts = try await tool("alerts", "list", "--json").json()
        #expect(alerts[0]?["alert_type"] == "data_drift" && alerts[0]?["severity"] == "high")
        #expect(try await tool(Self.files + ["same.csv"]).status == 0)
        let resolved = try await tool("alerts", "list", "--json")
        #expect(resolved.output == "[]\n" || resolved.output.contains("resolved"))
    }

    @Test func aWrongInputIsExplained() async throws {
        let tool = try await prepared()
        let few = try await tool(Self.files + ["few.csv"])
        #expect(few.status == 1)
        #expect(few.errors == "mlops: few.csv has fewer than 100 rows; no report was made\n")
        let forced = try await tool(Self.files + ["few.csv", "--minimum-rows", "10"])
        #expect(forced.lines.last?.hasPrefix("stored ") == true, "\(forced.errors)")
        for (arguments, status) in [
            (["same.csv", "--from", "2026-01-06", "--to", "2026-01-05"], 64),
            (["same.csv", "--column", "none"], 65), (["none.csv"], 66),
            (["same.csv", "--as", "x@example.com"], 1), (["same.csv", "--method", "magic"], 64),
        ] {
            #expect(try await tool(Self.files + arguments).status == status, "\(arguments)")
        }
        let absent = try await tool(
            "drift", "report", "web", "--reference", "train.csv", "--current", "same.csv")
        #expect(absent.errors == "mlops: there is no deployment web; there are: api\n")
    }

    @Test func theLiveVersionHasTheReference() async throws {
        let tool = try await prepared()
        let without = try await tool("drift", "report", "api", "--current", "same.csv")
        #expect(without.status == 66, "\(without.errors)")
        #expect(without.errors.contains("log one at training"), "\(without.errors)")
        try await tool.store { store in
            let workspace = try await store.localWorkspace()
            let profile = try ReferenceProfile(of: [
                ("age", .numeric((0..<500).map { Double($0 % 50) })),
                ("country", .categorical((0..<500).map { $0 % 3 == 0 ? "SE" : "DE" })),
            ])
            let run = try await workspace.startRun(
                project: "Digits", experiment: "sweep", name: "profiled")
            try await run.logReferenceProfile(profile)
            try await run.finish()
            try await workspace.write { tx in
                let deployment = try #require(try tx.deployments.first { $0.name == "api" })
                let model = try tx.modelVersion(of: deployment).modelID
                let version = try tx.modelVersions.insert(
                    ModelVersion(model: model, version: "1.1.0", sourceRun: run.id))
                try tx.deployments.update(deployment.id, to: version.id, reason: nil)
            }
        }
        let same = try await tool("drift", "report", "api", "--current", "same.csv")
        #expect(same.status == 0, "\(same.errors)")
        let older = try await tool("drift", "report", "api", "--current", "older.csv")
        #expect(older.status == 1 && older.lines.last?.hasSuffix("above 0.3") == true)
        let wrong = try await tool(
            "drift", "report", "api", "--current", "same.csv", "--column", "none")
        #expect(wrong.status == 65)
        #expect(wrong.errors.contains("there is no column none; there are: age, country"))
    }

    @Test func aMethodThatNoColumnTakesIsRefused() async throws {
        let tool = try await prepared()
        for methods in [["psi", "ks"], ["ks", "wasserstein"], ["ks", "chi2", "psi"]] {
            let result = try await tool(
                Self.files + ["same.csv"] + methods.flatMap { ["--method", $0] })
            #expect(result.status == 64, "\(methods)")
            #expect(result.errors.contains("has no effect: each column takes the first method"))
        }
    }
}
