public import Foundation
import MLOpsCore

/// The database of an MLflow tracking server, `mlflow.db`.
///
/// Experiments, runs with parameters, tags, points and data sets, logged models, and the registry
/// are read, also where MLflow has deleted them. Files of runs are copied if they are on this
/// machine, below a directory that the caller names.
public struct MLflowSource: ImportSource {
    /// `mlflow`.
    public var program: String { "mlflow" }

    let database: ForeignDatabase
    let schema: MLflowSchema
    let artifacts: MLflowArtifacts
    /// Whether the largest double stands for infinity, as MLflow's server stores it.
    let readsInfinities: Bool

    /// Opens a database.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - artifactRoots: The directories below which files of runs are copied; by default that of
    ///     the database. Others are not read, whatever a run says.
    ///   - readsInfinities: Whether the largest double is read as infinity. MLflow's database holds
    ///     both alike; by default the number is kept.
    /// - Throws: ``ImportSourceError``.
    public init(
        _ file: URL, artifactRoots: [URL]? = nil, readsInfinities: Bool = false
    ) throws {
        database = try ForeignDatabase(file)
        schema = try MLflowSchema(database)
        artifacts = MLflowArtifacts(
            roots: artifactRoots ?? [file.deletingLastPathComponent()],
            base: file.deletingLastPathComponent())
        self.readsInfinities = readsInfinities
    }

    /// The experiments, with those that were deleted.
    public func outline(_ notes: inout ImportNotes) throws -> [SourceExperiment] {
        if let head = schema.unknownHead {
            notes.change(
                "file", "its schema is of a version that is not known; the known tables are read",
                head)
        }
        if database.isTruncated { notes.leave("file", "it ends too early", database.path) }
        var (experiments, references) = ([SourceExperiment](), [(String, SourceRunReference)]())
        let isWhole = try database.asFarAsReadable("experiment", &notes) {
            try readExperiments(&experiments)
        }
        try database.asFarAsReadable("run", &notes) { try readReferences(&references) }
        var positions: [String: Int] = [:]
        for (position, experiment) in experiments.enumerated() {
            positions[experiment.id] = position
        }
        for (owner, reference) in references {
            if positions[owner] == nil {
                guard isWhole else {
                    notes.leave("run", "its experiment cannot be read", reference.id)
                    continue
                }
                notes.change(
                    "run", "its experiment is missing; it goes into one named after it",
                    reference.id)
                positions[owner] = experiments.count
                experiments.append(
                    SourceExperiment(
                        id: owner, name: owner.isEmpty ? "without experiment" : owner))
            }
            if let position = positions[owner] { experiments[position].runs.append(reference) }
        }
        return experiments
    }

    private func readExperiments(_ experiments: inout [SourceExperiment]) throws {
        try database.rows(
            """
            SELECT experiment_id, name, artifact_location, lifecycle_stage,
                \(schema.column("creation_time", of: "experiments")),
                \(schema.column("last_update_time", of: "experiments")),
                \(schema.column("workspace", of: "experiments"))
            FROM experiments ORDER BY rowid
            """
        ) { row in
            let id = row.text(0) ?? ""
            var experiment = SourceExperiment(id: id, name: row.text(1) ?? "")
            if let place = row.text(2) { experiment.origin["artifact_location"] = .string(place) }
            experiment.createdAt = row.milliseconds(4)
            experiment.updatedAt = row.milliseconds(5)
            if row.text(3) == "deleted" {
                experiment.deletedAt = experiment.updatedAt ?? experiment.createdAt ?? .now
            }
            if let workspace = row.text(6), workspace != "default" {
                experiment.origin["workspace"] = .string(workspace)
                experiment.name = "\(workspace)/\(experiment.name)"
            }
            experiments.append(experiment)
        }
        guard schema.has("experiment_tags") else { return }
        var tags: [String: [String: String]] = [:]
        try database.rows("SELECT experiment_id, key, value FROM experiment_tags") { row in
            if let id = row.text(0), let key = row.text(1) {
                tags[id, default: [:]][key] = row.text(2) ?? ""
            }
        }
        for index in experiments.indices {
            experiments[index].tags = tags[experiments[index].id] ?? [:]
            experiments[index].description = experiments[index].tags["mlflow.note.content"]
        }
    }

    /// Runs, then logged models, each with the id of its experiment.
    private func readReferences(_ found: inout [(String, SourceRunReference)]) throws {
        try database.rows(
            """
            SELECT r.run_uuid, r.experiment_id, t.value, r.rowid FROM runs r
            LEFT JOIN tags t ON t.run_uuid = r.run_uuid AND t.key = 'mlflow.parentRunId'
            ORDER BY r.rowid
            """
        ) { row in
            guard let id = row.text(0) else { return }
            let parent = row.text(2)
            found.append(
                (
                    row.text(1) ?? "",
                    SourceRunReference(
                        id: id, parent: parent?.isEmpty == true ? nil : parent,
                        position: row.integer(3) ?? 0)
                ))
        }
        guard schema.has("logged_models") else { return }
        try database.rows(
            "SELECT model_id, experiment_id, source_run_id, rowid FROM logged_models ORDER BY rowid"
        ) { row in
            guard let id = row.text(0) else { return }
            found.append(
                (
                    row.text(1) ?? "",
                    SourceRunReference(
                        id: id, parent: row.text(2), kind: .loggedModel,
                        position: row.integer(3) ?? 0)
                ))
        }
    }

    /// A run or a logged model.
    public func run(
        _ reference: SourceRunReference, _ notes: inout ImportNotes
    ) throws -> SourceRun {
        try reference.kind == .loggedModel
            ? loggedModel(reference, &notes) : trackedRun(reference, &notes)
    }

    /// The points of a run or of a logged model.
    public func readPoints(
        of reference: SourceRunReference, _ notes: inout ImportNotes,
        _ body: (SourcePoint) throws -> Void
    ) throws {
        let sql = schema.pointQuery(of: reference.kind)
        if reference.kind == .loggedModel, sql.isEmpty { return }
        var reader = MLflowPointReader(readsInfinities: readsInfinities)
        while try reader.readPage(sql, of: reference.id, in: database, &notes) {
            for point in reader.page { try body(point) }
        }
    }
}
