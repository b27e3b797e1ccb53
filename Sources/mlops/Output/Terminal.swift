import Foundation

/// The properties of the terminal.
enum Terminal {
    /// The width assumed for a terminal that does not report one.
    private static let usualWidth = 80
    private static let usualHeight = 24

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

    /// The height of the terminal in lines; `nil` when the output is no terminal.
    static var height: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else {
            return usualHeight
        }
        return Int(size.ws_row)
    }

    /// Whether the output is a terminal that may show colours (`NO_COLOR`, see no-color.org).
    static let showsColours: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
            && environment["TERM"] != "dumb"
    }()

    /// Whether the output is a terminal in which lines can be written anew.
    static let canRedraw =
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    /// Whether standard error is a terminal, where a person reads errors and progress.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }
}
