import Foundation
import MLOpsCore

/// A tracking server of MLflow, read over HTTP.
///
/// Experiments, runs with parameters, tags, points and data sets, logged models, files and the
/// registry are read. A server does not tell of deleted logged models and deleted versions.
public struct MLflowServerSource: ImportSource {
    /// `mlflow`, so that runs that were read from the database are known.
    public var program: String { "mlflow" }

    let client: HTTPClient
    private let readsInfinities: Bool

    /// A server.
    ///
    /// - Parameters:
    ///   - url: Its URL, as `MLFLOW_TRACKING_URI` has it.
    ///   - authorization: The value of the header `Authorization`, if the server asks for it.
    ///   - readsInfinities: As in ``MLflowSource``.
    /// - Throws: ``ImportSourceError`` for what is no such URL.
    public init(
        _ url: String, authorization: String? = nil, readsInfinities: Bool = false
    ) throws {
        client = try HTTPClient(url, headers: authorization.map { ["Authorization: \($0)"] } ?? [])
        self.readsInfinities = readsInfinities
    }

    // MARK: Reading

    /// The experiments, with those that were deleted.
    public func outline(_ notes: inout ImportNotes) throws -> [SourceExperiment] {
        var found: [SourceExperiment] = []
        var search = MLflowDocument.Search(viewType: "ALL")
        repeat {
            let page = try client.json(
                MLflowDocument.Experiments.self, Self.api + "/experiments/search",
                body: client.encoded(search))
            for experiment in page.experiments ?? [] {
                found.append(Self.experiment(experiment))
            }
            search.pageToken = try Self.next(page.nextPageToken, after: search.pageToken)
        } while search.pageToken?.isEmpty == false
        for index in found.indices {
            found[index].runs =
                try references(of: found[index].id) + loggedModels(of: found[index].id, &notes)
        }
        return found
    }

    private static func experiment(_ found: MLflowDocument.Experiments.Experiment)
        -> SourceExperiment
    {
        var experiment = SourceExperiment(id: found.experimentId, name: found.name)
        experiment.createdAt = date(found.creationTime)
        experiment.updatedAt = date(found.lastUpdateTime)
        if found.lifecycleStage == "deleted" {
            experiment.deletedAt = experiment.updatedAt ?? experiment.createdAt ?? .now
        }
        experiment.tags = pairs(found.tags)
        experiment.description = experiment.tags["mlflow.note.content"]
        if let place = found.artifactLocation {
            experiment.origin["artifact_location"] = .string(place)
        }
        return experiment
    }

    private func references(of experiment: String) throws -> [SourceRunReference] {
        var found: [SourceRunReference] = []
        var search = MLflowDocument.Search(experimentIds: [experiment], runViewType: "ALL")
        repeat {
            let page = try client.json(
                MLflowDocument.Runs.self, Self.api + "/runs/search", body: client.encoded(search))
            for run in page.runs ?? [] {
                let parent = run.data?.tags?.first { $0.key == "mlflow.parentRunId" }?.value
                found.append(SourceRunReference(id: run.info.runId, parent: parent))
            }
            search.pageToken = try Self.next(page.nextPageToken, after: search.pageToken)
        } while search.pageToken?.isEmpty == false
        return found
    }

    private func find(_ id: String) throws -> MLflowDocument.Run {
        try client.json(MLflowDocument.OneRun.self, Self.api + "/runs/get", [("run_id", id)]).run
    }

    /// A run or a logged model.
    public func run(
        _ reference: SourceRunReference, _ notes: inout ImportNotes
    ) throws -> SourceRun {
        try reference.kind == .loggedModel
            ? loggedModel(reference, &notes) : trackedRun(reference, &notes)
    }

    private func trackedRun(
        _ reference: SourceRunReference, _ notes: inout ImportNotes
    ) throws -> SourceRun {
        let found = try find(reference.id)
        var run = SourceRun(
            name: found.info.runName,
            status: MLflowStatus.status(named: found.info.status ?? ""))
        run.startedAt = Self.date(found.info.startTime)
        run.completedAt = Self.date(found.info.endTime)
        if found.info.lifecycleStage == "deleted" {
            run.deletedAt = run.completedAt ?? run.startedAt ?? .now
            notes.change("run", "the server does not say when it was deleted: at its end")
        }
        run.parameters = Self.pairs(found.data?.params).mapValues(JSONValue.string)
        run.tags = Self.pairs(found.data?.tags)
        for (name, text) in [
            ("artifact_uri", found.info.artifactUri), ("user", found.info.userId),
            ("experiment_id", found.info.experimentId),
        ] {
            if let text, !text.isEmpty { run.origin[name] = .string(text) }
        }
        if let place = found.info.artifactUri {
            let files = MLflowServerFiles(client, at: place, of: .run, reference.id)
            run.artifacts = files.all(&notes)
        }
        let dataSets = (found.inputs?.datasetInputs ?? []).map { input in
            var document = (input.dataset ?? [:]).mapValues(JSONValue.string)
            document["tags"] = .object(Self.pairs(input.tags).mapValues(JSONValue.string))
            return JSONValue.object(document)
        }
        if !dataSets.isEmpty { run.origin["datasets"] = .array(dataSets) }
        return run
    }

    /// The history of each metric of a run, or the points of a logged model.
    public func readPoints(
        of reference: SourceRunReference, _ notes: inout ImportNotes,
        _ body: (SourcePoint) throws -> Void
    ) throws {
        guard reference.kind == .run else {
            return try readPoints(ofModel: reference.id, &notes, body)
        }
        let names = Set(try find(reference.id).data?.metrics?.map(\.key) ?? []).sorted()
        for metric in names {
            var token: String?
            repeat {
                let page = try client.json(
                    MLflowDocument.History.self, Self.api + "/metrics/get-history",
                    [("run_id", reference.id), ("metric_key", metric), ("max_results", "25000")]
                        + (token.map { [("page_token", $0)] } ?? []))
                for found in page.metrics ?? [] {
                    if let point = point(
                        metric, found.value, found.timestamp, found.step, &notes)
                    {
                        try body(point)
                    }
                }
                token = try Self.next(page.nextPageToken, after: token)
            } while token?.isEmpty == false
        }
    }

    func point(
        _ metric: String, _ value: Double?, _ milliseconds: Int64?, _ step: Int64?,
        _ notes: inout ImportNotes
    ) -> SourcePoint? {
        guard let value, let date = Self.date(milliseconds) else {
            notes.leave("point", "its value or its time cannot be read", metric)
            return nil
        }
        return SourcePoint(metric, infinity(value), step: step ?? 0, at: date)
    }

    private func infinity(_ value: Double) -> Double {
        guard readsInfinities, value.magnitude == .greatestFiniteMagnitude else { return value }
        return value > 0 ? .infinity : -.infinity
    }

    // MARK: Helpers

    static let api = "/api/2.0/mlflow"

    static func pairs(_ pairs: [MLflowDocument.Pair]?) -> [String: String] {
        Dictionary((pairs ?? []).map { ($0.key, $0.value ?? "") }) { $1 }
    }

    static func date(_ milliseconds: Int64?) -> Date? {
        milliseconds.flatMap { TimeText.date(milliseconds: $0) }
    }
}

extension MLflowServerSource {
    /// The token of the next page.
    ///
    /// - Throws: ``ImportSourceError`` where a server leads in a circle.
    static func next(_ token: String?, after current: String?) throws -> String? {
        guard let token, !token.isEmpty, token == current else { return token }
        throw ImportSourceError(
            .damaged, "The server answers with the same page again and again.")
    }
}
