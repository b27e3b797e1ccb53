import Foundation
public import MLOpsCore

extension TableExport {
    private static let pageOfModels = 100

    /// Writes a row for each registered model.
    ///
    /// The columns are `model_id`, `model`, `project`, `description`, `model_type`, `task_type`,
    /// `framework`, `aliases` (an object of aliases and versions), `versions` (how many),
    /// `tags`, `metadata`, `created_at` and `updated_at`. In CSV, objects and lists are JSON.
    ///
    /// - Parameters:
    ///   - query: The models; limit and cursor do not apply.
    ///   - format: CSV or JSON Lines.
    ///   - destination: Where the table goes.
    @discardableResult
    public func models(
        _ query: Query<Model> = Query(), as format: TableFormat,
        to destination: ExportDestination
    ) async throws -> ExportSummary {
        let columns = [
            "model_id", "model", "project", "description", "model_type", "task_type", "framework",
            "aliases", "versions", "tags", "metadata", "created_at", "updated_at",
        ]
        return try await write(query, columns, as: format, to: destination) { found in
            let model = found.model
            let names = Dictionary(found.versions.map { ($0.id, $0.version) }) { $1 }
            let aliases = model.aliases.versions.mapValues { names[$0].map(JSONValue.string) }
            return [
                [
                    TableCell(model.id), .text(model.name), .text(found.project),
                    TableCell(model.description), .text(model.modelType), .text(model.taskType),
                    .text(model.framework), .json(.object(aliases.mapValues { $0 ?? .null })),
                    .integer(Int64(found.versions.count)), .json(model.tags.json),
                    .json(model.metadata), .time(model.createdAt), .time(model.updatedAt),
                ]
            ]
        }
    }

    /// Writes a row for each version of the registered models.
    ///
    /// The columns are `version_id`, `model_id`, `model`, `project`, `version`, `number`, `stage`,
    /// `aliases` (a list), `tags`, `description`, `source_run_id`, `artifact_uri`,
    /// `artifact_sha256`, `size_bytes`, `signature`, `performance_metrics`, `training_metrics`,
    /// `created_at` and `updated_at`. In CSV, objects and lists are JSON.
    ///
    /// - Parameters:
    ///   - query: The models; limit and cursor do not apply.
    ///   - format: CSV or JSON Lines.
    ///   - destination: Where the table goes.
    @discardableResult
    public func modelVersions(
        of query: Query<Model> = Query(), as format: TableFormat,
        to destination: ExportDestination
    ) async throws -> ExportSummary {
        let columns = [
            "version_id", "model_id", "model", "project", "version", "number", "stage", "aliases",
            "tags", "description", "source_run_id", "artifact_uri", "artifact_sha256",
            "size_bytes", "signature", "performance_metrics", "training_metrics", "created_at",
            "updated_at",
        ]
        return try await write(query, columns, as: format, to: destination) { found in
            found.versions.map { version in
                [
                    TableCell(version.id), TableCell(found.model.id), .text(found.model.name),
                    .text(found.project), .text(version.version),
                    .integer(Int64(version.number)), .text(version.stage.rawValue),
                    .json(found.model.aliases(of: version.id).json), .json(version.tags.json),
                    TableCell(version.description), TableCell(version.sourceRunID),
                    TableCell(version.artifactURI), TableCell(version.artifactSHA256),
                    TableCell(version.modelSizeBytes), .json(version.modelSchema),
                    .json(version.performanceMetrics), .json(version.trainingMetrics),
                    .time(version.createdAt), .time(version.updatedAt),
                ]
            }
        }
    }

    private func write(
        _ query: Query<Model>, _ columns: [String], as format: TableFormat,
        to destination: ExportDestination, _ rows: (FoundModel) -> [[TableCell]]
    ) async throws -> ExportSummary {
        let writer = try TableWriter(format, columns: columns)
        return try await ExportFile.writing(to: destination) { file in
            var query = query
            query.limit = Self.pageOfModels
            query.cursor = nil
            var (summary, bytes) = (ExportSummary(), ExportBytes())
            writer.header(to: &bytes)
            repeat {
                let part = query
                let (models, next) = try await workspace.read { tx in
                    let page = try tx.models.page(part)
                    return (try page.map { try FoundModel($0, in: tx) }, page.next)
                }
                for row in models.flatMap(rows) {
                    try writer.row(row, to: &bytes)
                    summary.rows += 1
                }
                try await file.write(bytes)
                summary.bytes += bytes.count
                bytes = ExportBytes()
                query.cursor = next
            } while query.cursor != nil
            return summary
        }
    }
}

/// A model with the slug of its project, and its versions by number.
private struct FoundModel: Sendable {
    let model: Model
    let project: String
    let versions: [ModelVersion]

    init(_ model: Model, in tx: any Transaction) throws {
        self.model = model
        let place = Query<Project>(
            where: { $0.id == model.projectID }, limit: 1, deleted: .included)
        project = try tx.projects.page(place).first?.slug ?? ""
        versions = try tx.modelVersions.of(model: model.id).sorted { $0.number < $1.number }
    }
}
