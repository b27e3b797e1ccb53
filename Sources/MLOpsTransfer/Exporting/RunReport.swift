public import Foundation
public import MLOpsCore

/// A run with the names of its experiment and project, and whether its process is gone.
public struct RunReport: Encodable, Sendable {
    /// The run.
    public let run: ExperimentRun
    /// The name of its experiment.
    public let experimentName: String
    /// The slug of its project.
    public let projectSlug: String
    /// Whether it is under way, and its process has exited.
    public let isAbandoned: Bool

    private enum CodingKeys: String, CodingKey {
        case experimentName, projectSlug, isAbandoned
    }

    private init(_ run: ExperimentRun, at now: Date, in places: inout RunPlaces) throws {
        self.run = run
        isAbandoned = run.isAbandoned(at: now)
        (experimentName, projectSlug) = try places.place(of: run)
    }

    /// The report of a run.
    ///
    /// - Throws: What reading the experiment and the project throws.
    public init(_ run: ExperimentRun, at now: Date, in tx: any Transaction) throws {
        var places = RunPlaces(in: tx)
        try self.init(run, at: now, in: &places)
    }

    /// The reports of several runs; each experiment and project is read once.
    ///
    /// - Throws: As ``init(_:at:in:)``.
    public static func all(
        _ runs: some Sequence<ExperimentRun>, at now: Date, in tx: any Transaction
    ) throws -> [RunReport] {
        var places = RunPlaces(in: tx)
        return try runs.map { try RunReport($0, at: now, in: &places) }
    }

    /// Encodes the members of the run and the others in one object.
    public func encode(to encoder: any Encoder) throws {
        try run.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(experimentName, forKey: .experimentName)
        try container.encode(projectSlug, forKey: .projectSlug)
        try container.encode(isAbandoned, forKey: .isAbandoned)
    }
}

/// The names of the experiments and projects of runs, deleted ones too.
public struct RunPlaces {
    /// The name of an experiment and the slug of its project.
    public typealias Place = (experiment: String, project: String)

    private let tx: any Transaction
    private var places: [Identifier<Experiment>: Place] = [:]
    private var slugs: [Identifier<Project>: String] = [:]

    /// The names as a transaction reads them; each experiment and project is read once.
    public init(in tx: any Transaction) { self.tx = tx }

    /// The name of the run's experiment and the slug of its project.
    ///
    /// - Throws: What reading them throws.
    public mutating func place(of run: ExperimentRun) throws -> Place {
        if let known = places[run.experimentID] { return known }
        let experiment = try row(run.experimentID)
        let slug = try slugs[experiment.projectID] ?? row(experiment.projectID).slug
        slugs[experiment.projectID] = slug
        let place = (experiment.name, slug)
        places[run.experimentID] = place
        return place
    }

    private func row<Record: Entity>(_ id: Identifier<Record>) throws -> Record {
        let rows = try tx.repository(of: Record.self)
        let query = Query<Record>(where: { $0.id == id }, limit: 1, deleted: .included)
        return try rows.page(query).first ?? rows.find(id)
    }
}

extension ExperimentRun {
    /// The seconds that the run has worked, as its program says, or else by its times.
    public var duration: Double? {
        durationSeconds
            ?? startedAt.flatMap { start in completedAt.map { $0.timeIntervalSince(start) } }
    }
}
