import ArgumentParser
import MLOpsCore

/// The command `mlops db vacuum`.
struct VacuumCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "vacuum",
        abstract: "Give free pages back to the file system.",
        discussion: "EXAMPLE:\n  mlops db vacuum --database mlops.db")

    @OptionGroup var options: GlobalOptions

    private struct Result: Encodable {
        let database: String
        let freedBytes: Int
        let sizeBytes: Int
    }

    func run() async throws {
        let database = try Database(options)
        let freed = try await database.openFile(
            for: .inspect, instead: "its autovacuum, or VACUUM FULL in psql"
        ) { try await $0.vacuum() }
        let size = database.size ?? 0
        if options.json {
            return try Output.json(
                Result(database: database.name, freedBytes: freed, sizeBytes: size))
        }
        Output.line("freed \(Format.bytes(freed)); the file has \(Format.bytes(size))")
    }
}
