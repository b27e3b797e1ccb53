import Foundation
import MLOpsCore

/// A run with the names of its experiment and project.
struct RunReport: Encodable, Sendable {
    let run: ExperimentRun
    let experimentName: String
    let projectSlug: String

    private enum CodingKeys: String, CodingKey {
        case experimentName, projectSlug
    }

    init(_ run: ExperimentRun, in tx: any Transaction) throws {
        self.run = run
        let experiment = try tx.experiments.find(run.experimentID)
        experimentName = experiment.name
        projectSlug = try tx.projects.find(experiment.projectID).slug
    }

    /// Encodes the members of the run and the two names in one object.
    func encode(to encoder: any Encoder) throws {
        try run.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(experimentName, forKey: .experimentName)
        try container.encode(projectSlug, forKey: .projectSlug)
    }
}

extension ExperimentRun {
    /// The duration of the run in seconds; without an end, up to its last heartbeat.
    var duration: Double? {
        durationSeconds
            ?? startedAt.flatMap { start in
                (completedAt ?? heartbeatAt).map { $0.timeIntervalSince(start) }
            }
    }
}
