import Digits
import Foundation
import MLOpsCore

/// What the program prints about the sweep and what is live.
struct Report {
    let workspace: Workspace

    func leaderboard(_ runs: [ExperimentRun]) throws {
        let rows = try runs.enumerated().map { place, run in
            let parameters = try run.parameters.decode(as: Hyperparameters.self)
            return [
                "\(place + 1)", run.runName, "\(parameters.learningRate)",
                parameters.hiddenWidth.map { "\($0)" } ?? "-", "\(parameters.seed)",
                run.heldOutAccuracy.formatted(digits: 4),
            ]
        }
        print("\nLeaderboard")
        table([["", "run", "learning rate", "width", "seed", "held-out accuracy"]] + rows)
    }

    func history(of deployment: Deployment) async throws {
        let rows = try await workspace.read { tx in
            try tx.deploymentHistory.of(deployment: deployment.id).reversed().map { entry in
                let version = try tx.modelVersions.find(entry.modelVersionID).version
                let before = try entry.previousModelVersionID.map {
                    try tx.modelVersions.find($0).version
                }
                return [
                    entry.startedAt.formatted(.iso8601), entry.action.rawValue,
                    (before.map { "\($0) -> " } ?? "") + version, entry.reason ?? "",
                ]
            }
        }
        print("\nHistory of the deployment \(deployment.name) (\(deployment.environment.rawValue))")
        table([["time", "action", "version", "reason"]] + rows)
    }

    func lineage(of deployment: Deployment) async throws {
        let lineage = try await workspace.read { tx in
            try tx.deployments.liveVersion(of: deployment.id, at: .now).map {
                try tx.modelVersions.lineage(of: $0.id)
            }
        }
        guard let lineage else { return print("\nNothing is live.") }
        let metrics = (lineage.run?.metrics ?? [:]).sorted { $0.key < $1.key }
        print("\nLive on \(deployment.name)")
        table([
            ["version", "\(lineage.model.name) \(lineage.version.version)"],
            ["stage", lineage.version.stage.rawValue],
            ["artifact", lineage.version.artifactSHA256 ?? "none"],
            ["project", lineage.project.name],
            ["experiment", lineage.experiment?.name ?? "unknown"],
            ["run", lineage.run?.runName ?? "unknown"],
            ["parameters", try lineage.run?.parameters.canonicalText() ?? "unknown"],
            [
                "metrics",
                metrics.map { "\($0.key) \($0.value.last.formatted(digits: 4))" }
                    .joined(separator: ", "),
            ],
            [
                "commit",
                lineage.run?.environment["git_commit"]?.string ?? "not in a git repository",
            ],
        ])
    }

    /// Prints rows of equal length, in columns as wide as their widest text.
    private func table(_ rows: [[String]]) {
        let columns = (rows.first ?? []).indices
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            // The last column is left as it is: no line ends in spaces.
            let cells = columns.dropLast().map { column in
                row[column].padding(toLength: widths[column], withPad: " ", startingAt: 0)
            }
            print("  " + (cells + row.suffix(1)).joined(separator: "  "))
        }
    }
}

extension Double {
    func formatted(digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
