import Foundation
import MLOpsCore

extension MLflowServerSource {
    /// The logged models of an experiment; none on a server that is older than they are.
    func loggedModels(
        of experiment: String, _ notes: inout ImportNotes
    ) throws -> [SourceRunReference] {
        var found: [SourceRunReference] = []
        // A server may refuse more.
        var search = MLflowDocument.Search(experimentIds: [experiment], maxResults: 100)
        do {
            repeat {
                let page = try client.json(
                    MLflowDocument.LoggedModels.self, Self.api + "/logged-models/search",
                    body: client.encoded(search))
                for model in page.models ?? [] {
                    found.append(
                        SourceRunReference(
                            id: model.info.modelId, parent: model.info.sourceRunId,
                            kind: .loggedModel))
                }
                search.pageToken = try Self.next(page.nextPageToken, after: search.pageToken)
            } while search.pageToken?.isEmpty == false
        } catch let error as ImportSourceError where error.kind == .missing {
            notes.leave("logged models", "the server does not know of them")
        }
        return found
    }

    private func find(model id: String) throws -> MLflowDocument.LoggedModel {
        try client.json(
            MLflowDocument.OneLoggedModel.self,
            Self.api + "/logged-models/" + HTTPClient.escaped(id)
        ).model
    }

    func loggedModel(
        _ reference: SourceRunReference, _ notes: inout ImportNotes
    ) throws -> SourceRun {
        let found = try find(model: reference.id)
        let info = found.info
        var run = SourceRun(name: info.name, status: MLflowStatus.status(ofModel: info.status))
        run.startedAt = Self.date(info.creationTimestampMs)
        if !run.status.isUnderWay { run.completedAt = Self.date(info.lastUpdatedTimestampMs) }
        if run.status == .failed { run.errorMessage = info.statusMessage }
        run.parameters = Self.pairs(found.data?.params).mapValues(JSONValue.string)
        run.tags = Self.pairs(info.tags)
        for (name, text) in [
            ("artifact_uri", info.artifactUri), ("model_type", info.modelType),
            ("status_message", info.statusMessage), ("experiment_id", info.experimentId),
            ("source_run_id", info.sourceRunId),
        ] {
            if let text, !text.isEmpty { run.origin[name] = .string(text) }
        }
        if let place = info.artifactUri {
            let files = MLflowServerFiles(client, at: place, of: .loggedModel, reference.id)
            run.artifacts = files.all(&notes)
        }
        return run
    }

    func readPoints(
        ofModel id: String, _ notes: inout ImportNotes, _ body: (SourcePoint) throws -> Void
    ) throws {
        for found in try find(model: id).data?.metrics ?? [] {
            if let point = point(found.key, found.value, found.timestamp, found.step, &notes) {
                try body(point)
            }
        }
    }
}
