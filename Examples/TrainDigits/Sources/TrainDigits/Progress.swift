import Foundation

/// Shows how far the sweep has come, on standard error: a bar on a terminal, otherwise a line for
/// each run that ends.
struct Progress: Sendable {
    /// The number of epochs of all runs.
    let total: Int
    private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    private static let width = 30

    func show(_ done: Int, _ text: String) {
        guard isTerminal else { return }
        let filled = total == 0 ? Self.width : Self.width * done / total
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: ".", count: Self.width - filled)
        // The escape sequence clears what a longer text has left on the line.
        write("\r[\(bar)] \(100 * done / max(1, total))% \(text)\u{1B}[K")
        if done == total { write("\n") }
    }

    /// Reports the end of a run, where there is no bar that has shown it.
    func log(_ text: String) {
        if !isTerminal { write(text + "\n") }
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
