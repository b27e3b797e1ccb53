import ArgumentParser
import Foundation
import MLOpsOperations

/// The command `mlops drift profile`.
struct DriftProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Write what later data are compared with: bins, counts, moments and a sample.",
        discussion: """
            The file is CSV with a header. A column whose values are all numbers is one of \
            numbers, any other one of categories. Empty fields, NA, NaN and null are missing \
            values. The size of a profile does not depend on the number of rows, and the same \
            data give the same profile.

            EXAMPLES:
              mlops drift profile train.csv --out profile.json
              mlops drift profile train.csv --out profile.json --categorical zip_code
            """)

    @Argument(help: ArgumentHelp("The reference data.", valueName: "file"))
    var columns: String

    @Option(help: ArgumentHelp("The new file for the profile.", valueName: "file"))
    var out: String

    @OptionGroup var selection: ColumnOptions

    @Option(help: "The seed of the samples.")
    var seed: UInt64 = 0

    func run() throws {
        let table = try CSVTable(try ReferenceFile.contents(columns), path: columns)
        let profile = try ReferenceFile.profile(
            table, selection, limits: ReferenceProfile.Limits(), seed: seed)
        let text = String(decoding: try profile.jsonData(), as: UTF8.self) + "\n"
        // A profile has a sample of the data.
        try AuditFiles.create(out, mode: 0o600, text)
        let count = Format.count(profile.features.count, "feature")
        Output.line("the profile of \(count) is in \(out)")
    }
}
