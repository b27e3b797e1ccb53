import ArgumentParser
import Digits
import Foundation
import MLOpsCore
import MLOpsPostgres

/// Operates what `TrainDigits` has deployed: watches it, is told of an alert, and rolls back.
@main
struct OperateDigits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "OperateDigits",
        abstract: "Watches the deployed digit classifier until a bad version is rolled back.")

    @Option(help: "The database file that TrainDigits made; or a PostgreSQL URL.")
    var store = "mlops.db"

    @Option(help: "The PostgreSQL URL of the system role, which delivers messages.")
    var systemStore: String?

    @Option(help: "The data; TrainDigits' Data/digits.csv when left out.")
    var data: String?

    func run() async throws {
        let file = try data.map { URL(filePath: $0) } ?? DigitImages.defaultFile()
        let (train, heldOut) = try DigitImages(contentsOf: file).split()
        let store = try await openStore()
        try await Story(store: store, train: train, heldOut: heldOut).tell()
        try await store.close()
    }

    /// Opens the store with a key for the secret of the webhook, made for this run.
    ///
    /// A program that runs for longer reads its keys from the environment.
    private func openStore() async throws -> any Store {
        let keys = StoreKeys(encryption: .generate(id: "demo"))
        guard store.contains("://") else {
            guard FileManager.default.fileExists(atPath: store) else {
                throw ValidationError("There is no \(store): run TrainDigits first.")
            }
            var configuration = SQLiteConfiguration()
            configuration.keys = keys
            return try await SQLiteStore.open(store, configuration: configuration)
        }
        var configuration = PostgresConfiguration()
        configuration.systemURL = systemStore
        configuration.keys = keys
        return try await PostgresStore.open(store, configuration: configuration)
    }
}
