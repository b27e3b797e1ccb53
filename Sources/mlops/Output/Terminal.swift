import Foundation

/// What is known of the terminal.
enum Terminal {
    /// The width of a terminal that does not tell its own.
    private static let usualWidth = 80

    /// The columns that the output can take, by `COLUMNS` or by the terminal; `nil` when neither
    /// sets a limit: a program that reads a list wants all of it.
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

    /// Whether errors and progress are read by a person.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }
}
