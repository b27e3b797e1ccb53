import Foundation
import MLOpsCore

/// A run with the names of its experiment and project, and whether its process is gone.
struct RunReport: Encodable, Sendable {
    let run: ExperimentRun
    let experimentName: String
    let projectSlug: String
    let isAbandoned: Bool

    private enum CodingKeys: String, CodingKey {
        case experimentName, projectSlug, isAbandoned
    }

    init(_ run: ExperimentRun, at now: Date, in tx: any Transaction) throws {
        self.run = run
        isAbandoned = run.isAbandoned(at: now)
        let experiment = try tx.experiments.find(run.experimentID)
        experimentName = experiment.name
        projectSlug = try tx.projects.find(experiment.projectID).slug
    }

    /// Encodes the members of the run and the others in one object.
    func encode(to encoder: any Encoder) throws {
        try run.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(experimentName, forKey: .experimentName)
        try container.encode(projectSlug, forKey: .projectSlug)
        try container.encode(isAbandoned, forKey: .isAbandoned)
    }
}

extension ExperimentRun {
    /// The seconds that the run has worked, as its program says, or else by its times.
    var duration: Double? {
        durationSeconds
            ?? startedAt.flatMap { start in completedAt.map { $0.timeIntervalSince(start) } }
    }
}
