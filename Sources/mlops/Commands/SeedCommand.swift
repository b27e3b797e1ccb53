import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsSampleData

/// The command `mlops seed`.
struct SeedCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Insert a sample organization with rows in every table.",
        discussion: "EXAMPLE:\n  mlops seed --database sample.db --seed 1")

    @OptionGroup var options: GlobalOptions

    @Option(help: "The seed for the random values of the sample.")
    var seed: UInt64 = 1

    @Flag(help: "Do nothing if the sample already exists, instead of failing.")
    var ifMissing = false

    private struct Result: Encodable {
        let database: String
        let organizationID: Identifier<Organization>
        let organization: String
        let counts: [String: Int]
    }

    func run() async throws {
        let database = try Database(options)
        let (seed, whenPresent) = (seed, ifMissing ? SampleData.WhenPresent.skip : .refuse)
        let (summary, slug) = try await database.open(for: .create) { store in
            let summary = try await SampleData.insert(
                into: store, seed: seed, whenPresent: whenPresent)
            let organization = try await summary.workspace.organizations.find(
                summary.organizationID)
            return (summary, organization.slug)
        }
        if options.json {
            return try Output.json(
                Result(
                    database: database.name, organizationID: summary.organizationID,
                    organization: slug, counts: summary.counts))
        }
        var table = TextTable([
            TextTable.Column("TABLE", minimum: 8), TextTable.Column("ROWS", isRight: true),
        ])
        for (name, count) in summary.counts.sorted(by: { $0.key < $1.key }) {
            table.add([name, String(count)])
        }
        table.write()
        Output.line("organization \(slug)")
    }
}
