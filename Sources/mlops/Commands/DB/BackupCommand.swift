import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops db backup`.
struct BackupCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the database to a new file while others use it.",
        discussion: """
            Artifacts are files beside the database and are not part of the copy.

            EXAMPLE:
              mlops db backup copy.db --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The new file; it must not exist.")
    var destination: String

    private struct Result: Encodable {
        let database: String
        let backup: String
        let sizeBytes: Int
    }

    func run() async throws {
        let database = try Database(options)
        let destination = destination
        let progress = Progress("backup")
        try await Interrupt.cancelling {
            try await database.openFile(for: .inspect, instead: "pg_dump") { store in
                defer { progress.finish() }
                try await Self.namingDestination {
                    try await store.backup(to: destination) { progress.update($0, of: $1) }
                }
            }
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: destination)
        let size = attributes[.size] as? Int ?? 0
        if options.json {
            return try Output.json(
                Result(database: database.name, backup: destination, sizeBytes: size))
        }
        Output.line("\(destination), \(Format.bytes(size))".singleLine)
    }

    /// Makes errors name the requested file, not the partial file that is written first.
    private static func namingDestination(_ backup: () async throws -> Void) async throws {
        do {
            try await backup()
        } catch let error as StoreError {
            let message = error.message.replacing(#/\.partial-[-0-9a-f]{36}/#, with: "")
            throw StoreError(error.code, message, entity: error.entity, field: error.field)
        }
    }
}
