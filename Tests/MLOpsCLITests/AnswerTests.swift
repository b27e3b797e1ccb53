import Foundation
import MLOpsCore
import Testing

@testable import mlops

/// Clear answers to what cannot be meant, and valid JSON for nothing.
@Suite struct AnswerTests {
    @Test(arguments: [
        ("~/x.db", "$HOME"), ("~", "$HOME"), ("~nobody/x.db", "$HOME"), (":memory:", "in memory"),
        ("file::memory:", "in memory"), ("file:x.db?mode=memory", "in memory"),
        ("file:///tmp/x.db", "give its path"), ("file:x.db", "give its path"),
        ("sqlite:///tmp/x.db", "give its path"), ("mysql://u:s3cr3t@h/d", "mysql:// is no URL"),
        ("https://h/d", "https:// is no URL"), (" ", "no database"), ("", "no database"),
    ])
    func aPlaceThatIsNoDatabaseIsNamed(place: String, answer: String) async throws {
        let tool = try Tool()
        for arguments in [
            ["db", "migrate"], ["runs", "list"], ["db", "copy", "--to", "other.db"],
        ] {
            let result = try await tool(arguments, on: place)
            #expect(result.status == 64, "\(arguments) \(result.errors)")
            #expect(result.errors.contains(answer), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
            #expect(!result.errors.contains("s3cr3t") && result.output.isEmpty)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: tool.directory.path)
        #expect(files.allSatisfy { $0.hasSuffix(".out") || $0.hasSuffix(".err") }, "\(files)")
    }

    @Test func aDirectoryIsNoDatabase() async throws {
        let tool = try Tool()
        for arguments in [["db", "migrate"], ["seed"], ["runs", "list"], ["db", "status"]] {
            let result = try await tool(arguments, on: tool.directory.path)
            #expect(result.status == 65)
            #expect(result.errors.contains("is a directory"), "\(result.errors)")
        }
        let system = try await tool("users", "list", "--system-database", "x.db")
        #expect(system.status == 64 && system.errors.contains("--system-database takes"))
    }

    @Test func aFileWhoseNameLooksLikeMoreIsOpened() async throws {
        let tool = try Tool()
        for name in ["~.db", "a:b.db", "x file:.db", "postgres.db"] {
            let path = tool.directory.appending(path: name).path
            #expect(try await tool("db", "migrate", on: path).status == 0)
        }
        #expect(try await tool("db", "migrate", on: "~.db").status == 0)
    }

    @Test(arguments: [
        ("2026-02-30", "no such day"), ("2026-13-01", "no such day"), ("2025-02-29", "no such day"),
        ("0000-01-01", "no such day"), ("2026-01-05T25:00:00Z", "no such time"),
        ("2026-01-05T23:60:00Z", "no such time"), ("2026-01-05T23:00:60Z", "no such time"),
        ("2026-01-05T23:00:00+24:00", "no such time"), ("T25:00:00Z", "give a day"),
        ("2026-01-05T08:00:00", "give a day"), ("2026-1-5", "give a day"), ("", "give a day"),
        ("2026-01-05T08:00Z", "give a day"), ("yesterday", "give a day"),
    ])
    func aTimeThatDoesNotExistIsNamed(text: String, answer: String) async throws {
        let tool = try Tool()
        for option in ["--since", "--until"] {
            let result = try await tool("audit", "list", option, text)
            #expect(result.status == 64)
            #expect(result.errors.contains(answer), "\(result.errors)")
        }
    }

    @Test func timesAreReadInEveryForm() throws {
        let times: [(String, Double)] = [
            ("2026-01-05", 1_767_571_200), ("2024-02-29", 1_709_164_800),
            ("2026-01-05T08:00:00Z", 1_767_600_000), ("2026-01-05t08:00:00.25z", 1_767_600_000.25),
            ("2026-01-05T08:00:00+01:30", 1_767_594_600),
            ("2026-01-05T08:00:00-01:30", 1_767_605_400), ("1969-12-31T23:59:59Z", -1),
        ]
        for (text, seconds) in times {
            #expect(try Moment(text).date == Date(timeIntervalSince1970: seconds), "\(text)")
        }
    }

    @Test func aPeriodEndsAfterItsStart() async throws {
        let result = try await Tool()(
            "audit", "list", "--since", "2026-01-05", "--until", "2026-01-05")
        #expect(result.status == 64 && result.errors.contains("--since is not before --until"))
    }

    @Test func nothingIsValidJSON() async throws {
        let tool = try Tool()
        #expect(try await tool("db", "migrate").status == 0)
        let lists = [
            ["projects", "list"], ["runs", "list"], ["models", "list"], ["deployments", "list"],
            ["keys", "list"], ["users", "list"], ["channels", "list"], ["rules", "list"],
            ["audit", "list"], ["audit", "list", "--system", "--action", "none"],
        ]
        let rows = [
            ["runs", "show", "r"], ["models", "show", "m"], ["deployments", "show", "d"],
            ["runs", "compare", "a", "b"], ["keys", "revoke", "mlops_live_none"],
            ["users", "deactivate", "a@b"], ["users", "erase", "a@b", "--yes"],
            ["channels", "show", "c"], ["rules", "show", "r"], ["rules", "test", "--alert", "a"],
        ]
        func check(_ arguments: [String], _ expected: JSONValue) async throws {
            let result = try await tool(arguments + ["--json"])
            #expect(result.status == 1, "\(arguments) \(result.errors)")
            #expect(try result.json() == expected, "\(arguments)")
            #expect(result.errors.split(separator: "\n").count == 1)
            #expect(try await tool(arguments).output.isEmpty)
        }
        // Without an organization, and with an empty one.
        for arguments in lists { try await check(arguments, []) }
        for arguments in rows { try await check(arguments, nil) }
        try await tool.store { _ = try await $0.localWorkspace() }
        for arguments in lists.prefix(5) { try await check(arguments, []) }
        for arguments in lists.prefix(4) {
            try await check(arguments + ["--organization", "none"], [])
        }
        for arguments in [["runs", "list"], ["models", "list"], ["deployments", "list"]] {
            try await check(arguments + ["--project", "none"], [])
        }
        for arguments in rows { try await check(arguments, nil) }
    }

    @Test func hintsAreWholeOrEndInDots() async throws {
        let tool = try Tool()
        let experiment = try await tool.store { store in
            let project = try await store.localWorkspace().projects.insert(Project(name: "p"))
            return try await store.localWorkspace().experiments.insert(
                Experiment(project: project.id, name: "e"))
        }
        func add(_ count: Int, _ name: @escaping @Sendable (Int) -> String) async throws {
            try await tool.store { store in
                try await store.localWorkspace().write { tx in
                    for number in 0..<count {
                        let run = try tx.runs.insert(
                            ExperimentRun(experiment: experiment.id, runName: name(number)))
                        var batch = MetricBatch()
                        batch.add("m-\(name(number))", 1, step: 1)
                        try tx.runs.append(batch, to: run.id)
                    }
                }
            }
        }
        // Forty runs with two names: a hint of two names is whole.
        try await add(40) { $0 < 39 ? "a" : "b" }
        for (arguments, list) in [
            (["runs", "show", "nobody"], "; there are: a, b\n"),
            (["runs", "list", "--sort", "none", "--limit", "1"], "; there are: m-a, m-b\n"),
        ] {
            #expect(try await tool(arguments).errors.hasSuffix(list))
        }
        try await add(20) { "c\($0)" }
        for arguments in [["runs", "show", "nobody"], ["runs", "list", "--sort", "none"]] {
            #expect(try await tool(arguments).errors.hasSuffix(", ...\n"))
        }
        let several = try await tool("runs", "show", "a")
        #expect(several.status == 64 && several.errors.hasSuffix(", ...\n"))
    }

    @Test func ambiguityNamesWhatTellsApart() async throws {
        let tool = try Tool()
        let ids = try await tool.store { store in
            try await store.localWorkspace().write { tx in
                try ["one", "two"].flatMap { name in
                    let project = try tx.projects.insert(Project(name: name))
                    let experiment = try tx.experiments.insert(
                        Experiment(project: project.id, name: "sweep"))
                    let run = try tx.runs.insert(
                        ExperimentRun(
                            experiment: experiment.id, runName: "mlp", status: .completed,
                            startedAt: Date(timeIntervalSince1970: 1_767_600_000)))
                    let model = try tx.models.insert(Model(project: project.id, name: "net"))
                    return [run.id.description, model.id.description]
                }
            }
        }
        let runs = try await tool("runs", "show", "mlp")
        for (id, project) in [(ids[0], "one"), (ids[2], "two")] {
            #expect(
                runs.errors.contains(
                    "\(id) (mlp, experiment sweep, project \(project), completed, "
                        + "2026-01-05 08:00:00)"), "\(runs.errors)")
        }
        let models = try await tool("models", "show", "net")
        let part = try await tool("models", "show", String(ids[1].prefix(6)))
        for (id, project) in [(ids[1], "one"), (ids[3], "two")] {
            #expect(models.errors.contains("\(id) (net, project \(project))"))
            #expect(part.errors.contains("\(id) (net, project \(project))"), "\(part.errors)")
        }
        let experiments = try await tool("runs", "list", "--experiment", ids[0])
        #expect(experiments.status == 1)
    }
}
