import ArgumentParser
import MLOpsOperations

/// The command `mlops drift`.
struct DriftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Profile reference data, compare later data with them, and report drift.",
        subcommands: [
            DriftProfileCommand.self, DriftCompareCommand.self, DriftReportCommand.self,
            ListDriftReportsCommand.self,
        ])
}

/// Which columns of a file are read, and how.
struct ColumnOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only this column; may be repeated (default: all).", valueName: "name"))
    var column: [String] = []

    @Option(
        help: ArgumentHelp(
            "A column of categories even if all its values are numbers; may be repeated.",
            valueName: "name"))
    var categorical: [String] = []

    func validate() throws {
        for name in categorical where !column.isEmpty && !column.contains(name) {
            throw ValidationError(
                "--categorical \(name) has no effect: --column leaves that column out.")
        }
    }

    /// - Throws: `Failure` for an option that names no column of a table.
    func check(in names: [String], of path: String) throws {
        for name in column + categorical where !names.contains(name) {
            throw Failure(.badData, "\(path): there is no column \(name)" + Failure.hint(names))
        }
    }

    /// - Throws: `Failure` for an option that names no column of a saved profile, or has no effect
    ///   on it.
    func check(in profile: ReferenceProfile, of path: String) throws {
        try check(in: profile.features.map(\.name), of: path)
        guard categorical.isEmpty else {
            throw Failure(
                .usage,
                "--categorical has no effect on a saved profile, whose columns are of a kind "
                    + "already; give it to mlops drift profile")
        }
    }
}
