import Foundation

/// The properties of the terminal.
enum Terminal {
    /// The width assumed for a terminal that does not report one.
    private static let usualWidth = 80

    /// The width of the output in columns, from `COLUMNS` or the terminal; `nil` for no limit.
    ///
    /// A program that reads a list wants all of it, so a pipe or a file has no limit.
    static var width: Int? {
        let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
        if let columns, columns > 0 { return columns }
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        let request = UInt(TIOCGWINSZ)
        guard ioctl(STDOUT_FILENO, request, &size) == 0, size.ws_col > 0 else {
            return usualWidth
        }
        return Int(size.ws_col)
    }

    /// Whether standard error is a terminal, where a person reads errors and progress.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }
}
