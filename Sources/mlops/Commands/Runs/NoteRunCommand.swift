import ArgumentParser
import Foundation
import MLOpsCore

/// Reads the note of a run: what a person has to say about it.
enum RunNote {
    /// The largest note that is read from standard input, in bytes.
    private static let maximum = 65_536

    /// The note on standard input, without the line break at its end.
    static func standardInput() throws -> String {
        let data = try FileHandle.standardInput.read(upToCount: maximum + 1) ?? Data()
        guard data.count <= maximum else {
            throw Failure(.usage, "a note has at most \(Format.bytes(maximum))")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}

/// The command `mlops runs note`.
struct NoteRunCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: "Show the note of a run, or write it.",
        discussion: """
            The note is the tag `mlops.note`. A new one replaces the old one; an empty text \
            removes it.

            EXAMPLES:
              mlops runs note 'eta=0.3 max_depth=6'
              mlops runs note 'eta=0.3 max_depth=6' 'the best depth so far'
              git log -1 --format=%B | mlops runs note 'eta=0.3 max_depth=6' -
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var chosen: ChosenRun

    @Argument(help: "The text, or - for standard input; without it the note is shown.")
    var text: String?

    func run() async throws {
        let text = text == "-" ? try RunNote.standardInput() : self.text
        let run = try await chosen.change(options) { tags in
            guard let text else { return }
            tags[RunMark.note] = text.isEmpty ? nil : text
        }
        let note = run.note
        if options.json { return try Output.json(note) }
        guard let note else { return Output.line("\(run.runName) has no note") }
        for line in note.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            Output.line(String(line))
        }
    }
}
