import Foundation
import MLOpsCore

/// A tracking server of MLflow, read over HTTP.
///
/// Experiments, runs with parameters, tags, points and data sets, and the registry are read. Files
/// stay at the server, and their places are kept.
public struct MLflowServerSource: ImportSource {
    /// `mlflow`, so that runs that were read from the database are known.
    public var program: String { "mlflow" }

    private let client: HTTPClient
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

    // MARK: Documents

    private struct Pair: Decodable {
        let key: String
        let value: String?
    }

    private struct Experiments: Decodable {
        struct Experiment: Decodable {
            let experimentId: String
            let name: String
            let artifactLocation: String?
            let lifecycleStage: String?
            let creationTime: Int64?
            let lastUpdateTime: Int64?
            let tags: [Pair]?
        }
        let experiments: [Experiment]?
        let nextPageToken: String?
    }

    private struct Runs: Decodable {
        let runs: [Run]?
        let nextPageToken: String?
    }

    private struct Run: Decodable {
        struct Info: Decodable {
            let runId: String
            let runName: String?
            let experimentId: String?
            let userId: String?
            let status: String?
            let startTime: Int64?
            let endTime: Int64?
            let artifactUri: String?
            let lifecycleStage: String?
        }
        struct Metric: Decodable { let key: String }
        struct Content: Decodable {
            let params: [Pair]?
            let tags: [Pair]?
            let metrics: [Metric]?
        }
        struct Inputs: Decodable { let datasetInputs: [DatasetInput]? }
        struct DatasetInput: Decodable {
            let dataset: [String: String]?
            let tags: [Pair]?
        }
        let info: Info
        let data: Content?
        let inputs: Inputs?
    }

    private struct OneRun: Decodable { let run: Run }

    private struct History: Decodable {
        struct Point: Decodable {
            let value: Double?
            let timestamp: Int64?
            let step: Int64?
        }
        let metrics: [Point]?
        let nextPageToken: String?
    }

    private struct Search: Encodable {
        var experimentIds: [String]?
        var viewType: String?
        var runViewType: String?
        var maxResults = 1000
        var pageToken: String?
    }

    private static let api = "/api/2.0/mlflow"

    private static func pairs(_ pairs: [Pair]?) -> [String: String] {
        Dictionary((pairs ?? []).map { ($0.key, $0.value ?? "") }) { $1 }
    }

    private static func date(_ milliseconds: Int64?) -> Date? {
        milliseconds.flatMap { TimeText.date(milliseconds: $0) }
    }

    // MARK: Reading

    /// The experiments, with those that were deleted.
    public func outline(_ notes: inout ImportNotes) throws -> [SourceExperiment] {
        var found: [SourceExperiment] = []
        var search = Search(viewType: "ALL")
        repeat {
            let page = try client.json(
                Experiments.self, Self.api + "/experiments/search",
                body: client.encoded(search))
            for experiment in page.experiments ?? [] {
                found.append(Self.experiment(experiment))
            }
            search.pageToken = page.nextPageToken
        } while search.pageToken?.isEmpty == false
        for index in found.indices { found[index].runs = try references(of: found[index].id) }
        return found
    }

    private static func experiment(_ found: Experiments.Experiment) -> SourceExperiment {
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
        var search = Search(experimentIds: [experiment], runViewType: "ALL")
        repeat {
            let page = try client.json(
                Runs.self, Self.api + "/runs/search", body: client.encoded(search))
            for run in page.runs ?? [] {
                let parent = run.data?.tags?.first { $0.key == "mlflow.parentRunId" }?.value
                found.append(SourceRunReference(id: run.info.runId, parent: parent))
            }
            search.pageToken = page.nextPageToken
        } while search.pageToken?.isEmpty == false
        return found
    }

    private func find(_ id: String) throws -> Run {
        try client.json(OneRun.self, Self.api + "/runs/get", [("run_id", id)]).run
    }

    /// A run.
    public func run(
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
        if found.info.artifactUri != nil {
            notes.leave("artifact URI", "files stay at the server; the URI is kept")
        }
        let dataSets = (found.inputs?.datasetInputs ?? []).map { input in
            var document = (input.dataset ?? [:]).mapValues(JSONValue.string)
            document["tags"] = .object(Self.pairs(input.tags).mapValues(JSONValue.string))
            return JSONValue.object(document)
        }
        if !dataSets.isEmpty { run.origin["datasets"] = .array(dataSets) }
        return run
    }

    /// The history of each of the run's metrics.
    public func readPoints(
        of reference: SourceRunReference, _ notes: inout ImportNotes,
        _ body: (SourcePoint) throws -> Void
    ) throws {
        let names = Set(try find(reference.id).data?.metrics?.map(\.key) ?? []).sorted()
        for metric in names {
            var token: String?
            repeat {
                let page = try client.json(
                    History.self, Self.api + "/metrics/get-history",
                    [("run_id", reference.id), ("metric_key", metric), ("max_results", "25000")]
                        + (token.map { [("page_token", $0)] } ?? []))
                for point in page.metrics ?? [] {
                    guard let value = point.value, let date = Self.date(point.timestamp) else {
                        notes.leave("point", "its value or its time cannot be read", metric)
                        continue
                    }
                    try body(
                        SourcePoint(metric, infinity(value), step: point.step ?? 0, at: date))
                }
                token = page.nextPageToken
            } while token?.isEmpty == false
        }
    }

    private func infinity(_ value: Double) -> Double {
        guard readsInfinities, value.magnitude == .greatestFiniteMagnitude else { return value }
        return value > 0 ? .infinity : -.infinity
    }

    // MARK: Registry

    private struct Models: Decodable {
        struct Alias: Decodable {
            let alias: String
            let version: String
        }
        struct Model: Decodable {
            let name: String
            let description: String?
            let creationTimestamp: Int64?
            let lastUpdatedTimestamp: Int64?
            let tags: [Pair]?
            let aliases: [Alias]?
        }
        let registeredModels: [Model]?
        let nextPageToken: String?
    }

    private struct Versions: Decodable {
        struct Version: Decodable {
            let version: String
            let currentStage: String?
            let source: String?
            let runId: String?
            let description: String?
            let creationTimestamp: Int64?
            let lastUpdatedTimestamp: Int64?
            let tags: [Pair]?
        }
        let modelVersions: [Version]?
        let nextPageToken: String?
    }

    /// The registered models; a server does not tell of deleted versions.
    public func models(_ notes: inout ImportNotes) throws -> [SourceModel] {
        var models: [SourceModel] = []
        var token: String?
        repeat {
            let page = try client.json(
                Models.self, Self.api + "/registered-models/search",
                [("max_results", "1000")] + (token.map { [("page_token", $0)] } ?? []))
            for found in page.registeredModels ?? [] {
                var model = SourceModel(name: found.name)
                model.description = found.description
                model.createdAt = Self.date(found.creationTimestamp)
                model.updatedAt = Self.date(found.lastUpdatedTimestamp)
                model.tags = Self.pairs(found.tags)
                for alias in found.aliases ?? [] { model.aliases[alias.alias] = alias.version }
                model.versions = try versions(of: found.name)
                models.append(model)
            }
            token = page.nextPageToken
        } while token?.isEmpty == false
        return models
    }

    private func versions(of model: String) throws -> [SourceModelVersion] {
        var versions: [SourceModelVersion] = []
        var token: String?
        let name = model.replacing("'", with: "''")
        repeat {
            let page = try client.json(
                Versions.self, Self.api + "/model-versions/search",
                [("filter", "name='\(name)'"), ("max_results", "1000")]
                    + (token.map { [("page_token", $0)] } ?? []))
            for found in page.modelVersions ?? [] {
                var version = SourceModelVersion(version: found.version)
                version.number = Int(found.version)
                version.stage = MLflowStatus.stage(named: found.currentStage ?? "") ?? .development
                version.run = found.runId.flatMap { $0.isEmpty ? nil : $0 }
                version.artifactURI = found.source
                version.description = found.description
                version.createdAt = Self.date(found.creationTimestamp)
                version.updatedAt = Self.date(found.lastUpdatedTimestamp)
                version.tags = Self.pairs(found.tags)
                versions.append(version)
            }
            token = page.nextPageToken
        } while token?.isEmpty == false
        return versions.sorted { ($0.number ?? 0) < ($1.number ?? 0) }
    }
}
