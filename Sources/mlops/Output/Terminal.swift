import Foundation

/// What is known of the terminal.
enum Terminal {
    /// The width of tables when there is no terminal.
    static let defaultWidth = 80

    /// The columns that the output can take: `COLUMNS`, the terminal's own, or 80.
    static var width: Int {
        let environment = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
        if let environment, environment > 0 { return environment }
        var size = winsize()
        let request = UInt(TIOCGWINSZ)
        guard ioctl(STDOUT_FILENO, request, &size) == 0, size.ws_col > 0 else {
            return defaultWidth
        }
        return Int(size.ws_col)
    }

    /// Whether errors and progress are read by a person.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }
}
