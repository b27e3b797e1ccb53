import Synchronization

/// Shows the progress of long work on standard error.
///
/// On a terminal it is a bar, otherwise a plain line at every 10 %.
final class Progress: Sendable {
    private static let barWidth = 30
    private let title: String
    private let isTerminal: Bool
    private let shown = Mutex(-1)

    init(_ title: String, isTerminal: Bool = Terminal.showsProgress) {
        self.title = title.singleLine
        self.isTerminal = isTerminal
    }

    /// Reports that `done` of `total` units are complete; it may be called from any thread.
    func update(_ done: Int, of total: Int) {
        guard total > 0 else { return }
        let percent = min(100, max(0, done * 100 / total))
        let step = isTerminal ? percent : percent / 10 * 10
        shown.withLock { shown in
            guard step > shown else { return }
            shown = step
            write(step)
        }
    }

    /// Ends the bar's line.
    func finish() {
        guard isTerminal, shown.withLock({ $0 >= 0 }) else { return }
        Output.progress("\n")
    }

    private func write(_ percent: Int) {
        guard isTerminal else {
            Output.error("\(title): \(percent) %")
            return
        }
        let full = Self.barWidth * percent / 100
        let bar =
            String(repeating: "█", count: full)
            + String(repeating: "░", count: Self.barWidth - full)
        Output.progress("\r\(title) \(bar) \(percent) %")
    }
}
