import Foundation
import MLOpsCore

extension MLflowServerSource {
    /// The registered models; a server does not tell of deleted versions.
    public func models(_ notes: inout ImportNotes) throws -> [SourceModel] {
        var models: [SourceModel] = []
        var token: String?
        repeat {
            let page = try client.json(
                MLflowDocument.Models.self, Self.api + "/registered-models/search",
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
            token = try Self.next(page.nextPageToken, after: token)
        } while token?.isEmpty == false
        return models
    }

    private func versions(of model: String) throws -> [SourceModelVersion] {
        var versions: [SourceModelVersion] = []
        var token: String?
        let name = model.replacing("'", with: "''")
        repeat {
            let page = try client.json(
                MLflowDocument.Versions.self, Self.api + "/model-versions/search",
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
            token = try Self.next(page.nextPageToken, after: token)
        } while token?.isEmpty == false
        return versions.sorted { ($0.number ?? 0) < ($1.number ?? 0) }
    }
}
