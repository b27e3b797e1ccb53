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
