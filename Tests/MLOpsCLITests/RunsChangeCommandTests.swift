import Foundation
import MLOpsCore
import Testing

@testable import mlops

/// The commands that tag, note, delete and restore runs.
@Suite struct RunsChangeCommandTests {
    @Test func tagsAndTheNoteAreSetAndRemoved() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let member = try await tool.member("jo@example.com", maintaining: fixture.project.id)
        let set = try await tool("runs", "tag", "first", "team=vision", "a=b=c", "--as", member)
        #expect(set.status == 0, "\(set.errors)")
        #expect(set.lines.first { $0.hasPrefix("a ") }?.hasSuffix("b=c") == true)
        let note = try await tool("runs", "note", "first", "-", input: "good\nenough\n")
        #expect(note.lines == ["good", "enough"], "\(note.errors)")
        let tags = try await tool("runs", "tag", "first", "--remove", "a", "--json").json()
        #expect(tags == ["host": "a", "team": "vision", "mlops.note": "good\nenough"])
        let shown = try await tool("runs", "show", "first").output
        #expect(shown.contains("good") && !shown.contains("mlops.note"))
        #expect(try await tool("runs", "note", "first", "").lines == ["first has no note"])
        #expect(try await tool("runs", "note", "first", "--json").json() == nil)
        let absent = try await tool("runs", "tag", "first", "--remove", "b")
        #expect(absent.status == 1)
        #expect(absent.errors == "mlops: the run has no tag b; there are: host, team\n")
        for arguments in [
            ["x"], ["=x"], ["a=1", "a=2"], ["a=1", "--remove", "a"], ["mlops.note=x"],
        ] {
            #expect(try await tool(["runs", "tag", "first"] + arguments).status == 64)
        }
        let trail =
            try await tool(
                "audit", "list", "--action", "experiment_run.update", "--json"
            ).json().array ?? []
        #expect(trail.count == 4)
    }

    @Test func aDeletionIsShownConfirmedAndTakenBack() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        _ = try await tool.store { store in
            try await store.localWorkspace().runs.insert(
                ExperimentRun(
                    experiment: fixture.experiment.id, parentRun: fixture.runs[0].id,
                    runName: "inside"))
        }
        let unsure = try await tool("runs", "delete", "first", "inside")
        #expect(
            unsure.status == 64
                && unsure.errors == "mlops: nothing is deleted; confirm with --yes\n")
        #expect(unsure.lines.last == "2 runs would be deleted")
        let dry = try await tool("runs", "delete", "first", "--dry-run", "--json").json()
        #expect(dry["is_deleted"] == false)
        let preview = dry["runs"]?[0]
        #expect(preview?["runs_inside"] == 1 && preview?["versions"] == 1)
        #expect(preview?["points"]?.int == Fixture.points + 1)
        #expect(try await tool("runs", "list", "--json").json().array?.count == 4)
        let done = try await tool("runs", "delete", "first", "--yes")
        #expect(done.status == 0 && done.lines.last == "deleted 2 runs", "\(done.errors)")
        #expect(try await tool("runs", "show", "first").status == 1)
        let deleted = try await tool("runs", "list", "--deleted", "--json").json().array ?? []
        #expect(deleted.compactMap { $0["run_name"]?.string }.sorted() == ["first", "inside"])
        let with = try await tool("runs", "restore", "inside")
        #expect(with.status == 73 && with.errors.contains("restore the experiment run"))
        let none = try await tool("runs", "restore", "second")
        #expect(none.errors == "mlops: there is no deleted run second; there are: first, inside\n")
        let back = try await tool("runs", "restore", "first")
        #expect(back.status == 0, "\(back.errors)")
        #expect(try await tool("runs", "list", "--json").json().array?.count == 4)
    }

    @Test func listTakesColumnsParentsAndTimes() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let columns = try await tool(
            "runs", "list", "--columns", "run,params.rate,metrics.loss.max,tags.host,duration",
            "--sort", "loss.max")
        #expect(
            columns.lines[0].split(separator: " ").map(String.init)
                == ["RUN", "rate", "loss.max", "host", "DURATION"])
        #expect(columns.lines[1].split(separator: " ").prefix(4) == ["first", "0.1", "100", "a"])
        #expect(try await tool("runs", "list", "--columns", "nothing").status == 64)
        _ = try await tool.store { store in
            try await store.localWorkspace().runs.insert(
                ExperimentRun(
                    experiment: fixture.experiment.id, parentRun: fixture.runs[1].id,
                    runName: "inside"))
        }
        let inside = try await tool("runs", "list", "--parent", "second", "--json").json()
        #expect(inside.array?.map { $0["run_name"] } == ["inside"])
        let recent = try await tool("runs", "list", "--since", "1h", "--json").json()
        #expect(recent.array?.count == 4)
        #expect(try await tool("runs", "list", "--until", "2026-01-01").status == 1)
        let chosen = try await tool(
            "runs", "list", "--where", "params.rate < 0.25 and not tags.host = 'b'", "--sort",
            "name", "--ascending", "--json")
        #expect(try chosen.json().array?.map { $0["run_name"] } == ["first", "second"])
        let wrong = try await tool("runs", "list", "--where", "metrics.loss >")
        #expect(wrong.status == 64 && wrong.errors.contains("At character 15"), "\(wrong.errors)")
    }

    /// Twelve runs of one name: what they differ in is what is left of the columns.
    @Test func twelveRunsAreToldApartAt80Columns() async throws {
        let tool = try Tool()
        let experiment = try await Fixture(in: tool).experiment.id
        try await tool.store { store in
            try await store.localWorkspace().write { tx in
                for number in 0..<12 {
                    let parameters: JSONValue = [
                        "data": "imagenet-21k",
                        "optimizer": [
                            "name": .string(number % 2 == 0 ? "adam" : "sgd"),
                            "learning_rate": .double(pow(10, -1 - Double(number / 2))),
                        ],
                    ]
                    try tx.runs.insert(
                        ExperimentRun(
                            experiment: experiment, runName: "resnet-50 with augmentation",
                            status: .completed, parameters: parameters,
                            startedAt: Date(timeIntervalSince1970: 1_767_600_000)))
                }
            }
        }
        let list = try await tool("runs", "list", "--limit", "12", "--since", "1d")
        #expect(list.lines.count == 14 || list.lines.count == 13, "\(list.output)")
        #expect(list.lines.allSatisfy { $0.displayWidth <= 80 })
        let rows = list.lines.dropFirst().prefix(12).map { line in
            line.split(separator: " ").dropFirst().joined(separator: " ")
        }
        #expect(Set(rows).count == 12, "\(list.output)")
        #expect(list.lines[0].contains("optimizer.name"), "\(list.lines[0])")
        #expect(!list.output.contains("imagenet"))
        let ids = try await tool("runs", "list", "--limit", "12", "--since", "1d", "--json").json()
        let compared = try await tool(
            ["runs", "compare"] + (ids.array ?? []).compactMap { $0["id"]?.string })
        #expect(compared.lines.allSatisfy { $0.displayWidth <= 80 })
        #expect(compared.output.contains("optimizer.name") && compared.output.contains("1e-06"))
    }
}
