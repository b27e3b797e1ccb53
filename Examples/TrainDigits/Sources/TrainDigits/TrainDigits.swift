import ArgumentParser
import Digits
import Foundation
import MLOpsCore
import MLOpsPostgres

/// Trains classifiers of handwritten digits and puts the best one to work, with all of it in a
/// store that can be asked afterwards.
@main
struct TrainDigits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "TrainDigits",
        abstract: "Trains digit classifiers, registers the best, deploys it and rolls back.")

    /// What the best run has to reach to be deployed.
    private static let requiredAccuracy = 0.95
    private static let quickEpochs = 5

    @Option(help: "The database file, made when it does not exist; or a PostgreSQL URL.")
    var store = "mlops.db"

    @Option(help: "The PostgreSQL URL of the system role, which makes the local organization.")
    var systemStore: String?

    @Option(help: "The data; Data/digits.csv of the example when left out.")
    var data: String?

    @Option(help: "How often each run sees the training images.")
    var epochs = 15

    @Flag(help: "Train for \(quickEpochs) epochs only.")
    var quick = false

    func validate() throws {
        guard epochs > 0 else { throw ValidationError("--epochs has to be 1 or more.") }
    }

    func run() async throws {
        let file = try data.map { URL(filePath: $0) } ?? DigitImages.defaultFile()
        let (train, heldOut) = try DigitImages(contentsOf: file).split()
        let store = try await openStore()
        let workspace = try await store.localWorkspace()
        for run in try await workspace.recoverAbandonedRuns() {
            print("The run \(run.runName) was cut off earlier; it is marked as failed.")
        }

        let sweep = Sweep(
            workspace: workspace, train: train, heldOut: heldOut,
            epochs: quick ? Self.quickEpochs : epochs)
        let ranked = try await sweep.run()
        let report = Report(workspace: workspace)
        try report.leaderboard(ranked)
        guard ranked.count > 1, ranked[0].heldOutAccuracy >= Self.requiredAccuracy else {
            throw AccuracyTooLow(
                required: Self.requiredAccuracy, best: ranked.first?.heldOutAccuracy)
        }

        let deployment = try await putToWork(
            ranked[0], trial: ranked[1], in: Registry(workspace: workspace, heldOut: heldOut))
        try await report.history(of: deployment)
        try await report.lineage(of: deployment)
        print("\nDatabase: \(place)")
        try await store.close()
    }

    /// The line that differs between one file and a server.
    private func openStore() async throws -> any Store {
        guard store.contains("://") else { return try await SQLiteStore.open(store) }
        var configuration = PostgresConfiguration()
        configuration.systemURL = systemStore
        return try await PostgresStore.open(store, configuration: configuration)
    }

    /// The database, for people: a URL may hold a password.
    private var place: String {
        store.contains("://") ? "the PostgreSQL server" : URL(filePath: store).path
    }

    /// Deploys the best run, then the next best as a trial, and rolls back.
    private func putToWork(
        _ best: ExperimentRun, trial: ExperimentRun, in registry: Registry
    ) async throws -> Deployment {
        let accuracies = [best, trial].map { $0.heldOutAccuracy.formatted(digits: 4) }
        try await registry.deploy(
            registry.register(best), reason: "Best of the sweep, accuracy \(accuracies[0])")
        let deployment = try await registry.deploy(
            registry.register(trial), reason: "Trial of the runner-up, accuracy \(accuracies[1])")
        try await registry.rollBack(deployment, reason: "The trial is over")
        return deployment
    }
}

/// No run is good enough to be deployed.
struct AccuracyTooLow: Error, CustomStringConvertible {
    let required: Double
    let best: Double?

    var description: String {
        let best = best.map { "reached \($0.formatted(digits: 4))" } ?? "was logged"
        return "No held-out accuracy of \(required) or more: \(best); nothing is deployed."
    }
}
