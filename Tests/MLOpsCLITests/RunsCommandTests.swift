import Foundation
import MLOpsCore
import Testing

@testable import mlops

@Suite struct RunsCommandTests {
    @Test func listIsNewestFirst() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let runs = try await tool("runs", "list", "--json").json().array ?? []
        #expect(runs.map { $0["run_name"] } == ["third", "second", "first"])
        let first = runs.last
        #expect(first?["id"]?.string == fixture.runs[0].id.description)
        #expect(first?["started_at"] == "2026-01-05T08:00:00.250000Z")
        #expect(first?["experiment_name"] == "sweep")
        #expect(first?["project_slug"] == "digits")
        #expect(first?["metrics"]?["accuracy"]?["last"] == 0.5)
        let table = try await tool("runs", "list", "--limit", "1")
        #expect(table.lines.count == 3)
        #expect(table.lines[1].hasPrefix(String(fixture.runs[2].id.description.suffix(8))))
        #expect(table.lines[2] == "there are more; raise --limit")
    }

    @Test func listSortsByAMetricAndFilters() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        func names(_ arguments: String...) async throws -> [String?] {
            let result = try await tool(["runs", "list", "--json"] + arguments)
            return try result.json().array?.map { $0["run_name"]?.string } ?? []
        }
        #expect(try await names("--sort", "accuracy") == ["second", "third", "first"])
        #expect(try await names("--sort", "accuracy", "--ascending", "--limit", "1") == ["first"])
        #expect(try await names("--experiment", "sweep", "--project", "digits").count == 3)
        let none = try await tool("runs", "list", "--sort", "acuracy", "--json")
        #expect(none.status == 1)
        #expect(try none.json() == [])
        #expect(
            none.errors == "mlops: no run has the metric acuracy; there are: accuracy, loss\n")
        #expect(try await tool("runs", "list", "--ascending").status == 64)
        for (option, name) in [("experiment", "sweep"), ("project", "digits")] {
            let absent = try await tool("runs", "list", "--\(option)", "other")
            #expect(absent.status == 1)
            #expect(absent.errors == "mlops: there is no \(option) other; there are: \(name)\n")
        }
    }

    @Test func aRunIsFoundByAnEndOfItsId() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let id = fixture.runs[1].id.description
        for part in [id, String(id.suffix(8)), String(id.suffix(8)).uppercased()] {
            let result = try await tool("runs", "show", part, "--json")
            #expect(try result.json()["run"]?["id"]?.string == id, "\(result.errors)")
        }
        let several = try await tool("runs", "show", String(id.prefix(4)))
        #expect(several.status == 64)
        for run in fixture.runs { #expect(several.errors.contains(run.id.description)) }
        let absent = try await tool("runs", "show", "abc")
        #expect(absent.status == 1)
        #expect(
            absent.errors == "mlops: there is no run abc; there are: first, second, third\n")
        #expect(try await tool("runs", "show", Identifier<Project>().description).status == 1)
    }

    @Test func aRunIsFoundByANameOfItsOwn() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool, names: ["mlp", "cafe", "mlp"])
        let shown = try await tool("runs", "show", "cafe", "--json").json()
        #expect(shown["run"]?["id"]?.string == fixture.runs[1].id.description)
        let several = try await tool("runs", "show", "mlp")
        #expect(several.status == 64)
        for run in [fixture.runs[0], fixture.runs[2]] {
            #expect(several.errors.contains(run.id.description))
        }
        let last = fixture.runs[2].id.description
        #expect(try await tool("runs", "compare", "cafe", last).status == 0)
    }

    @Test func nothingIsCutInAPipe() async throws {
        let tool = try Tool()
        let name = String(repeating: "perceptron-64 ", count: 20) + "end"
        _ = try await Fixture(in: tool, names: [name])
        let piped = try await tool("runs", "list", environment: ["COLUMNS": ""])
        #expect(piped.output.contains(name) && piped.output.contains("EXPERIMENT"))
        #expect(!(try await tool("runs", "list").output.contains(name)))
    }

    @Test func showNeverLosesASpike() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let id = fixture.runs[0].id.description
        let text = try await tool("runs", "show", id)
        #expect(text.status == 0, "\(text.errors)")
        let loss = try #require(text.lines.first { $0.hasPrefix("loss") })
        #expect(loss.contains("█"))
        #expect(loss.contains("▁"))
        #expect(text.output.contains("1.0.0 (production)"))
        let curve = try await tool("runs", "show", id, "--json").json()["curves"]?["loss"]
        let maxima = curve?.array?.compactMap { $0["maximum"]?.double } ?? []
        #expect(maxima.max() == 100)
    }

    @Test func compareShowsWhatDiffers() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let ids = fixture.runs.map { String($0.id.description.suffix(8)) }
        let json = try await tool(["runs", "compare", "--json"] + ids).json()
        #expect(json["parameters"]?.object?.keys.sorted() == ["rate"])
        #expect(json["metrics"]?["accuracy"]?.array?.map { $0["last"] } == [0.5, 0.9, 0.7])
        let text = try await tool(["runs", "compare"] + ids)
        #expect(text.status == 0, "\(text.errors)")
        #expect(!text.output.contains("width"))
        #expect(text.lines.first { $0.hasPrefix("rate") }?.contains("0.3") == true)
    }

    @Test func aRunWhoseProcessIsGoneIsNamedAndEnded() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let lost = try await tool.store { store in
            try await store.localWorkspace().runs.insert(
                ExperimentRun(
                    experiment: fixture.experiment.id, runName: "lost", status: .running,
                    startedAt: Date(timeIntervalSince1970: 1_767_600_000)))
        }
        let list = try await tool("runs", "list")
        #expect(list.lines.first { $0.contains("lost") }?.contains("running (gone)") == true)
        #expect(list.lines.last == "the process of a run is gone; `mlops runs recover` ends it")
        let shown = try await tool("runs", "show", "lost", "--json").json()
        #expect(shown["run"]?["is_abandoned"] == true)
        let waiting = try await tool("runs", "recover", "--stale-after", "1000000000")
        #expect(waiting.lines == ["no run has lost its process"], "\(waiting.errors)")
        let ended = try await tool("runs", "recover", "--json").json().array ?? []
        #expect(ended.map { $0["id"]?.string } == [lost.id.description])
        #expect(ended.first?["status"] == "failed" && ended.first?["is_abandoned"] == false)
        #expect(ended.first?["completed_at"] == ended.first?["started_at"])
        #expect(try await tool("runs", "recover", "--json").json() == [])
    }

    @Test(arguments: [40, 80, 132])
    func tablesFitTheWidth(_ width: Int) async throws {
        let tool = try Tool()
        let names = [
            String(repeating: "long ", count: 40), String(repeating: "漢字🙂", count: 30),
            "\u{1B}[31mred\u{7}\nnext\u{202E}",
        ]
        let fixture = try await Fixture(in: tool, names: names)
        let columns = ["COLUMNS": String(width)]
        let id = fixture.runs[0].id.description
        let ids = fixture.runs.prefix(2).map(\.id.description)
        for arguments in [
            ["runs", "list"], ["runs", "list", "--sort", "loss"], ["runs", "show", id],
            ["runs", "compare"] + ids, ["models", "list"], ["models", "show", "digits-mlp"],
        ] {
            let result = try await tool(arguments, environment: columns)
            #expect(result.status == 0, "\(result.errors)")
            for line in result.lines where !line.contains(id) {
                #expect(line.displayWidth <= width, "\(arguments): \(line)")
            }
            #expect(!result.output.contains("\u{1B}"))
            #expect(!result.output.contains("\u{202E}"))
        }
    }

    @Test func nonFiniteValuesAreShown() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let id = fixture.runs[1].id
        try await tool.store { store in
            try await store.localWorkspace().write { tx in
                var batch = MetricBatch()
                let values: [Double] = [1, .nan, .infinity, -.infinity]
                for (step, value) in values.enumerated() {
                    batch.add("odd", value, step: Int64(step))
                }
                try tx.runs.append(batch, to: id)
            }
        }
        let json = try await tool("runs", "show", id.description, "--json").json()
        #expect(json["run"]?["metrics"]?["odd"]?["max"] == "Infinity")
        let text = try await tool("runs", "show", id.description)
        #expect(text.lines.first { $0.hasPrefix("odd") }?.contains("▄×↑↓") == true)
    }
}
