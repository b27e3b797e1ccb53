import ArgumentParser
import MLOpsCore
import Testing

@testable import mlops

@Suite struct HelpTests {
    /// A command and all its subcommands.
    private static func commands(
        from root: any ParsableCommand.Type
    ) -> [any ParsableCommand.Type] {
        [root] + root.configuration.subcommands.flatMap { commands(from: $0) }
    }

    /// The commands that do something, as they are typed.
    static func leaves(of root: any ParsableCommand.Type, _ path: String = "") -> [String] {
        let name = root.configuration.commandName ?? ""
        let subcommands = root.configuration.subcommands
        guard !subcommands.isEmpty else { return [path + name] }
        return subcommands.flatMap { leaves(of: $0, path + name + " ") }
    }

    /// The examples of every command are commands that the tool takes.
    @Test func examplesAreTaken() throws {
        var count = 0
        for command in Self.commands(from: MLOps.self) {
            let text = command.configuration.discussion.replacing(/\\\n\s*/, with: "")
            for line in text.split(separator: "\n") where line.hasPrefix("  ") {
                for call in Self.calls(in: String(line)) {
                    count += 1
                    #expect(throws: Never.self, "\(line)") { try MLOps.parseAsRoot(call) }
                }
            }
        }
        #expect(count > 60)
    }

    /// The arguments of each call of the tool in a line of a shell.
    private static func calls(in line: String) -> [[String]] {
        var commands: [[String]] = [[]]
        var word: String?
        var quote: Character?
        for character in line + " " {
            if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " {
                if let word { commands[commands.count - 1].append(word) }
                word = nil
            } else if "|&<>".contains(character) {
                commands.append([])
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return commands.compactMap { words in
            let call = words.drop { $0.contains("=") && !$0.contains(" ") }
            return call.first == "mlops" ? Array(call.dropFirst()) : nil
        }
    }

    /// A paragraph of a discussion has no line breaks of its own.
    ///
    /// The parser wraps at 80 columns. A paragraph with its own line breaks would be wrapped twice,
    /// and an example could not be copied.
    @Test func discussionsAreWrappedOnce() {
        let commands = Self.commands(from: MLOps.self)
        #expect(commands.count > 30)
        for command in commands {
            var previous: Substring = ""
            for line in command.configuration.discussion.split(
                separator: "\n", omittingEmptySubsequences: false)
            {
                let isParagraph = !line.isEmpty && !line.hasPrefix(" ")
                #expect(
                    !isParagraph || previous.isEmpty, "\(command): \(previous) | \(line)")
                #expect(isParagraph || line.count < 78, "\(command): \(line)")
                previous = line
            }
        }
    }

    @Test func theRootTellsVersionColumnsAndOnWhoseBehalf() async throws {
        let tool = try Tool()
        let version = try await tool("--version")
        #expect(version.status == 0 && version.output == "\(libraryVersion)\n")
        let help = try await tool("--help").output
        for text in ["COLUMNS", "owners", "EXIT STATUS", "deployments"] {
            #expect(help.contains(text))
        }
    }
}
