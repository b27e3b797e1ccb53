import Foundation
import MLOpsCore

extension MLflowSource {
    /// The registered models, with their versions, also those that were deleted.
    public func models(_ notes: inout ImportNotes) throws -> [SourceModel] {
        guard schema.has("registered_models"), schema.has("model_versions") else { return [] }
        var models: [SourceModel] = []
        var positions: [String: Int] = [:]
        let workspace = schema.column(
            "workspace", of: "registered_models", or: "'default'")
        try database.rows(
            """
            SELECT \(workspace), name,
                \(schema.column("description", of: "registered_models")),
                \(schema.column("creation_time", of: "registered_models")),
                \(schema.column("last_updated_time", of: "registered_models"))
            FROM registered_models ORDER BY rowid
            """
        ) { row in
            let name = Self.name(row.text(0), row.text(1))
            var model = SourceModel(name: name)
            model.description = row.text(2)
            model.createdAt = row.milliseconds(3)
            model.updatedAt = row.milliseconds(4)
            positions[name] = models.count
            models.append(model)
        }
        try forEachPair("registered_model_tags", "key", "value") { name, key, value in
            if let position = positions[name] { models[position].tags[key] = value }
        }
        try forEachPair("registered_model_aliases", "alias", "version") { name, alias, version in
            if let position = positions[name] { models[position].aliases[alias] = version }
        }
        var versions = try readVersions()
        if schema.has("model_version_tags") {
            let workspace = schema.column(
                "workspace", of: "model_version_tags", or: "'default'")
            try database.rows(
                "SELECT \(workspace), name, version, key, value FROM model_version_tags"
            ) { row in
                let name = Self.name(row.text(0), row.text(1))
                if let version = row.text(2), let key = row.text(3),
                    let position = versions[name]?.firstIndex(where: { $0.version == version })
                {
                    versions[name]?[position].tags[key] = row.text(4) ?? ""
                }
            }
        }
        for (name, found) in versions {
            guard let position = positions[name] else {
                notes.leave(
                    "model version", "its model is missing", name, count: found.count)
                continue
            }
            models[position].versions = found
        }
        return models
    }

    private static func name(_ workspace: String?, _ name: String?) -> String {
        guard let workspace, workspace != "default" else { return name ?? "" }
        return "\(workspace)/\(name ?? "")"
    }

    private func forEachPair(
        _ table: String, _ key: String, _ value: String,
        _ body: (_ name: String, _ key: String, _ value: String) -> Void
    ) throws {
        guard schema.has(table) else { return }
        let workspace = schema.column("workspace", of: table, or: "'default'")
        try database.rows("SELECT \(workspace), name, \(key), \(value) FROM \(table)") { row in
            if let key = row.text(2) {
                body(Self.name(row.text(0), row.text(1)), key, row.text(3) ?? "")
            }
        }
    }

    private func readVersions() throws -> [String: [SourceModelVersion]] {
        var versions: [String: [SourceModelVersion]] = [:]
        let columns = [
            "current_stage", "source", "run_id", "description", "creation_time",
            "last_updated_time", "user_id", "storage_location", "run_link",
        ].map { schema.column($0, of: "model_versions") }.joined(separator: ", ")
        let workspace = schema.column("workspace", of: "model_versions", or: "'default'")
        try database.rows(
            "SELECT \(workspace), name, version, \(columns) FROM model_versions ORDER BY version"
        ) { row in
            guard let number = row.text(2) else { return }
            var version = SourceModelVersion(version: number)
            version.number = Int(number)
            let stage = MLflowStatus.stage(named: row.text(3) ?? "")
            version.stage = stage ?? .development
            version.createdAt = row.milliseconds(7)
            version.updatedAt = row.milliseconds(8)
            if stage == nil {
                version.deletedAt = version.updatedAt ?? version.createdAt ?? .now
            }
            version.artifactURI = row.text(4)
            version.run = row.text(5).flatMap { $0.isEmpty ? nil : $0 }
            version.description = row.text(6)
            versions[Self.name(row.text(0), row.text(1)), default: []].append(version)
        }
        return versions
    }
}
