import MLOpsCore
import Testing

@testable import mlops

@Suite struct CompletionTests {
    @Test func namesComeFromTheDatabaseOfTheLine() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool, names: ["first", "second", "first", "fifth run"])
        func runs(_ words: [String], _ beginning: String) async -> [String] {
            await Completion(words).names(beginningWith: beginning, of: ExperimentRun.self) {
                [$0.runName]
            }
        }
        let line = ["mlops", "runs", "show", "--database", tool.database]
        #expect(await runs(line, "fi") == ["fifth run", "first"])
        #expect(await runs(["mlops", "--database='\(tool.database)'"], "\"fif") == ["fifth run"])
        #expect(await runs(line + ["--organization", "none"], "") == [])
        #expect(await runs(["mlops", "--database", "/nowhere/a.db"], "") == [])
        let metrics = await Completion(line).names(beginningWith: "", of: ExperimentRun.self) {
            $0.metrics.keys.sorted()
        }
        #expect(metrics == ["accuracy", "loss"])
    }

    /// The script of a shell asks the tool itself.
    @Test func theToolAnswersItsScript() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        for shell in ["bash", "zsh", "fish"] {
            let script = try await tool("--generate-completion-script", shell)
            #expect(script.status == 0 && script.output.contains("---completion"))
        }
    }

    @Test func statesHaveColours() {
        #expect(Style(state: "completed") == .good && Style(state: "FAILED") == .bad)
        #expect(Style(state: "running (gone)") == .bad && Style(state: "-") == nil)
        var table = TextTable([TextTable.Column("NAME"), TextTable.Column("STATUS")])
        table.add(["completed", "completed"])
        let lines = table.lines(width: 80, isColoured: true)
        #expect(lines[0].hasPrefix("\u{1B}[2m") && lines[0].hasSuffix("\u{1B}[0m"))
        #expect(lines[1] == "completed  \u{1B}[32mcompleted\u{1B}[0m")
        #expect(!table.lines(width: 80).joined().contains("\u{1B}"))
    }
}
