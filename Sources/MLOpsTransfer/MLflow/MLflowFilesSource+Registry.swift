import Foundation
import MLOpsCore

extension MLflowFilesSource {
    /// The registered models, with their versions, also those that were deleted.
    public func models(_ notes: inout ImportNotes) throws -> [SourceModel] {
        let directory = root.appending(path: "models")
        var models: [SourceModel] = []
        for name in FileTree.names(in: directory) {
            let place = directory.appending(path: name)
            guard FileTree.isDirectory(place) else { continue }
            do {
                models.append(try model(in: place, &notes))
            } catch {
                notes.leave("model", "\(error)", name)
            }
        }
        return models
    }

    private func model(in directory: URL, _ notes: inout ImportNotes) throws -> SourceModel {
        let meta = try MetaFile(contentsOf: directory.appending(path: "meta.yaml"))
        var model = SourceModel(name: meta["name"] ?? directory.lastPathComponent)
        model.description = meta["description"]
        model.createdAt = meta.time("creation_timestamp")
        model.updatedAt = meta.time("last_updated_timestamp")
        model.tags = tags(in: directory, &notes)
        model.aliases = meta.mapping("aliases")
        for (alias, file) in FileTree.files(below: directory.appending(path: "aliases"), &notes) {
            if let version = try? FileTree.text(of: file, limit: 64) {
                model.aliases[alias] = version.trimmed
            }
        }
        for name in FileTree.names(in: directory) where name.hasPrefix("version-") {
            do {
                model.versions.append(try version(in: directory.appending(path: name), &notes))
            } catch {
                notes.leave("model version", "\(error)", "\(model.name) \(name)")
            }
        }
        model.versions.sort { ($0.number ?? 0) < ($1.number ?? 0) }
        return model
    }

    private func version(
        in directory: URL, _ notes: inout ImportNotes
    ) throws -> SourceModelVersion {
        let meta = try MetaFile(contentsOf: directory.appending(path: "meta.yaml"))
        let name = meta["version"] ?? String(directory.lastPathComponent.dropFirst(8))
        var version = SourceModelVersion(version: name)
        version.number = Int(name)
        let stage = MLflowStatus.stage(named: meta["current_stage"] ?? "")
        version.stage = stage ?? .development
        version.createdAt = meta.time("creation_timestamp")
        version.updatedAt = meta.time("last_updated_timestamp")
        if stage == nil { version.deletedAt = version.updatedAt ?? version.createdAt ?? .now }
        version.run = meta["run_id"]
        version.artifactURI = meta["source"]
        version.description = meta["description"]
        version.tags = tags(in: directory, &notes)
        return version
    }

    private func tags(in directory: URL, _ notes: inout ImportNotes) -> [String: String] {
        var tags: [String: String] = [:]
        for (name, file) in FileTree.files(below: directory.appending(path: "tags"), &notes) {
            do {
                tags[name] = try FileTree.text(of: file)
            } catch {
                notes.leave("tag", "\(error)", name)
            }
        }
        return tags
    }
}
