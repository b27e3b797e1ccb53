import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops db backup`.
struct BackupCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the database to a new file while others use it.",
        discussion: """
            Artifacts are files beside the database; --artifacts copies them to a directory \
            beside the copy. `mlops db restore` puts a backup back.

            EXAMPLES:
              mlops db backup copy.db --database mlops.db
              mlops db backup copy.db --artifacts --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The new file; it must not exist.")
    var destination: String

    @Flag(help: "Copy the artifacts too, to a directory named after the new file.")
    var artifacts = false

    private struct Result: Encodable {
        let database: String
        let backup: String
        let sizeBytes: Int
        let artifacts: ArtifactReport?
    }

    func run() async throws {
        let database = try Database(options)
        let destination = destination
        let progress = Progress("backup")
        let report = try await database.openFile(for: .inspect, instead: "pg_dump") { store in
            defer { progress.finish() }
            return try await StoreError.namingDestination {
                try await store.backup(to: destination, artifacts: artifacts) {
                    progress.update($0, of: $1)
                }
            }
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: destination)
        let size = attributes[.size] as? Int ?? 0
        if options.json {
            try Output.json(
                Result(
                    database: database.name, backup: destination, sizeBytes: size,
                    artifacts: artifacts ? report : nil))
        } else {
            Output.line("\(destination), \(Format.bytes(size))")
            if artifacts { report.write() }
        }
        try report.check()
    }
}

extension StoreError {
    /// Runs a body that writes a copy under a temporary name; its errors name the destination.
    static func namingDestination<Value>(
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let error as StoreError {
            let message = error.message.replacing(#/\.partial-[-0-9a-f]{36}/#, with: "")
            throw StoreError(error.code, message, entity: error.entity, field: error.field)
        }
    }
}
