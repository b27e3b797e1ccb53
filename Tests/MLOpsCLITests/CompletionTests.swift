import Foundation
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

    /// Names that a shell would read as more than text.
    private static let hostile = [
        "$(touch ran)", "`touch ran`", "a$(touch ran)", "${HOME}", "$HOME", "~root", "~", "{a,b}",
        "a;touch ran", "a&touch ran", "a|touch ran", "a>ran", "a<ran", "a\nb", "a\tb", "a*", "a?",
        "[a]", "!!", "#a", "a\\", "a'b", "a\"b", "a:b", "-rf", "--help", "=ls", "a\u{1B}[31m",
        "a\u{202E}b", "a\u{A0}b", " a", "a ", "%1", "^a", "(a)", "<(touch ran)", "",
    ]

    @Test(arguments: hostile) func whatAShellWouldReadIsNoName(_ name: String) {
        #expect(!name.isPlainInShells)
    }

    @Test(arguments: ["first", "fifth run", "a_b-c.d/e+f,g=0.1@2", "_a", "großer Läufer", "模型"])
    func aPlainNameIsOne(_ name: String) { #expect(name.isPlainInShells) }

    /// A terminal with bash, the script of the tool, and the key TAB.
    @Test func nothingRunsWhenBashCompletes() async throws {
        let tool = try Tool()
        let names = ["fifth run", "fine"] + Self.hostile.filter { !$0.isEmpty }
        _ = try await Fixture(in: tool, names: names)
        let script = try await tool("--generate-completion-script", "bash")
        try Data(script.output.utf8).write(to: tool.directory.appending(path: "completion"))
        // Ctrl-A goes to the beginning of the line, Ctrl-E to its end.
        let lines = [
            "source ./completion", "mlops runs show \t\t",
            "mlops runs show fif\t\u{1}printf '%s\\n' \u{5} > typed", "exit",
        ]
        let folder = Tool.executable.deletingLastPathComponent().path
        let result = try await tool(
            ["-qec", "bash --norc --noprofile -i", "/dev/null"],
            program: URL(filePath: "/usr/bin/script"),
            environment: [
                "PATH": "\(folder):/usr/bin:/bin", "TERM": "dumb", "HOME": tool.directory.path,
            ], input: lines.joined(separator: "\n") + "\n")
        let files = try FileManager.default.contentsOfDirectory(atPath: tool.directory.path)
        #expect(!files.contains("ran"), "\(result.output)")
        // The terminal has asked the tool: it lists plain names and completes one with its space.
        #expect(result.output.contains("fine"), "\(result.output)")
        let typed = try String(
            contentsOf: tool.directory.appending(path: "typed"), encoding: .utf8)
        #expect(typed == "mlops\nruns\nshow\nfifth run\n", "\(result.output)")
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
