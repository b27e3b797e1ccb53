import Foundation
import MLOpsTransfer

/// Writes to the standard streams.
enum Output {
    /// Writes a line to standard output, without characters that control a terminal.
    ///
    /// Names, titles and comments are what other people wrote: none of them may clear a screen,
    /// or look like a second line.
    static func line(_ text: String = "") { write(text.singleLine + "\n") }

    /// Writes a text in lines that fit the terminal; in a pipe it is one line.
    ///
    /// All but the first are indented, so that none looks like a text of its own.
    static func paragraph(_ text: String) {
        guard let width = Terminal.width else { return line(text) }
        for (index, part) in text.wrapped(to: max(width - 2, 12)).enumerated() {
            line((index == 0 ? "" : "  ") + part)
        }
    }

    /// Writes a line to standard error, without characters that control a terminal.
    static func error(_ text: String) { progress(text.singleLine + "\n") }

    /// Writes to standard error as it is; a failure cannot be reported and is ignored.
    static func progress(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// Writes where what a command has erased may still be.
    ///
    /// With `json` it goes to standard error, so that the output stays one document.
    static func remains(_ places: [String], json: Bool) {
        for place in places {
            let text = "may still be there: \(place)"
            if json { error("mlops: \(text)") } else { line(text) }
        }
    }

    /// Writes a value as JSON, with escapes for what controls a terminal.
    static func json(_ value: some Encodable) throws {
        write(try ExportText.json(value, inOneLine: false) + "\n")
    }

    /// Writes to standard output as it is; exits when that fails.
    ///
    /// A script must not take half a list for all of it. The store is already closed by then.
    static func write(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            Self.error("mlops: the output cannot be written")
            exit(ExitStatus.cannotCreate.rawValue)
        }
    }
}
