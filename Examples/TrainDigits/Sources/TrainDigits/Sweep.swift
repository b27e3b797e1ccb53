import Digits
import Foundation
import MLOpsCore
import MLOpsOperations

/// Trains every combination of a grid, each as a child run of one run.
struct Sweep {
    static let project = "Handwritten Digits"
    static let experiment = "classifier-sweep"
    /// The metric that runs are ranked by.
    static let accuracy = "heldout_accuracy"
    static let weightsFile = "weights.json"

    let workspace: Workspace
    let train: DigitImages
    let heldOut: DigitImages
    let epochs: Int

    /// Four softmax regressions and eight perceptrons.
    var grid: [Hyperparameters] {
        var grid: [Hyperparameters] = []
        for seed in 1...2 {
            for rate in [0.1, 0.5] {
                grid.append(
                    Hyperparameters(
                        kind: .softmaxRegression, learningRate: rate, epochs: epochs, seed: seed))
            }
            for width in [16, 64] {
                for rate in [0.05, 0.2] {
                    grid.append(
                        Hyperparameters(
                            kind: .perceptron, hiddenWidth: width, learningRate: rate,
                            epochs: epochs, seed: seed))
                }
            }
        }
        return grid
    }

    /// Trains all and returns the runs, the most accurate on the held-out images first.
    func run() async throws -> [ExperimentRun] {
        let grid = grid
        let profile = try Features.profile(of: train)
        let progress = Progress(total: grid.count * epochs)
        var options = TrackingOptions()
        options.endsOnSignals = true
        let sweep = try await workspace.withRun(
            project: Self.project, experiment: Self.experiment, name: "sweep",
            parameters: ["runs": grid.count, "train": train.count, "heldout": heldOut.count],
            options: options
        ) { sweep in
            var best = 0.0
            for (index, hyperparameters) in grid.enumerated() {
                let accuracy = try await run(
                    hyperparameters, number: index, in: sweep, profile, progress)
                best = max(best, accuracy)
                sweep.log("best_heldout_accuracy", best, step: index + 1)
            }
            return (run: sweep.id, experiment: sweep.experimentID)
        }
        return try await workspace.read { tx in
            try tx.runs.ranked(
                by: Self.accuracy, figure: .last, in: sweep.experiment, ascending: false,
                limit: 10_000
            ).filter { $0.parentRunID == sweep.run }
        }
    }

    /// One run: returns the held-out accuracy.
    private func run(
        _ hyperparameters: Hyperparameters, number index: Int, in sweep: RunLogger,
        _ profile: ReferenceProfile, _ progress: Progress
    ) async throws -> Double {
        let name = hyperparameters.name
        return try await sweep.withChild(
            name: name, parameters: hyperparameters, tags: ["kind": hyperparameters.kind.rawValue]
        ) { run in
            var classifier = hyperparameters.makeClassifier()
            var last = Score(loss: .nan, accuracy: 0)
            classifier.fit(
                train: train, heldOut: heldOut, hyperparameters,
                onStep: { step, loss in run.log("loss", loss, step: step) },
                onEpoch: { epoch in
                    last = epoch.heldOut
                    log(epoch, to: run)
                    progress.show(
                        index * epochs + epoch.number,
                        "\(name), held-out accuracy \(last.accuracy.formatted(digits: 4))")
                })
            try await logWeights(of: classifier, to: run)
            // What the data of a deployment will be compared with.
            try await run.logReferenceProfile(profile)
            progress.log("\(name): held-out accuracy \(last.accuracy.formatted(digits: 4))")
            return last.accuracy
        }
    }

    private func log(_ epoch: Epoch, to run: RunLogger) {
        run.log(
            [
                "learning_rate": epoch.learningRate,
                "train_loss": epoch.train.loss,
                "train_accuracy": epoch.train.accuracy,
                "heldout_loss": epoch.heldOut.loss,
                Self.accuracy: epoch.heldOut.accuracy,
            ], step: epoch.step)
    }

    private func logWeights(of classifier: any Classifier, to run: RunLogger) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(run.id).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let encoder = JSONEncoder()
        // Equal weights give equal bytes, and so one file among the artifacts.
        encoder.outputFormatting = .sortedKeys
        try encoder.encode(classifier).write(to: file)
        try await run.logArtifact(file, named: Self.weightsFile)
    }
}
