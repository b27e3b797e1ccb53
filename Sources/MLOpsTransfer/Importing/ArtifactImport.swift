import Crypto
import Foundation
import MLOpsCore

/// Copies the files of a run before its transaction, which should not wait for them.
struct ArtifactImport: Sendable {
    let site: ImportTarget
    let options: ImportOptions
    let store: any Store

    /// Keeps the files that the run does not have yet.
    ///
    /// A file that cannot be read is noted, and the rest is taken. If the run is not stored after
    /// all, nothing names the files, and `artifacts prune` removes them.
    ///
    /// - Throws: `.diskFull`; the errors of reading the run.
    func keep(
        _ run: inout SourceRun, id: Identifier<ExperimentRun>, _ notes: inout ImportNotes
    ) async throws -> [String: Artifact] {
        guard !run.artifacts.isEmpty else { return [:] }
        guard options.copiesArtifacts else {
            notes.leave(
                "artifact", "files are not to be copied", count: run.artifacts.count)
            run.artifacts = [:]
            return [:]
        }
        let present = try await site.transact { tx in
            try tx?.runs.page(.any(id)).first.map { $0.artifacts.mapValues(\.sha256) } ?? [:]
        }
        let wanted = run.artifacts.filter { name, artifact in
            guard let hash = present[name] else { return true }
            // A file of the source is not read again; what an import makes of one may have grown.
            guard case .bytes(let data, _) = artifact, Self.hash(data) != hash else { return false }
            notes.change("artifact", "it has grown since the last import", name)
            return true
        }
        let (kept, more) = try await blocking { [self] in
            var (kept, notes) = ([String: Artifact](), ImportNotes())
            for (name, artifact) in wanted.sorted(by: { $0.key < $1.key }) {
                do {
                    kept[name] = try keep(artifact)
                } catch let error as StoreError where error.code != .diskFull {
                    notes.leave("artifact", error.message, name)
                } catch let error as ImportSourceError {
                    notes.leave("artifact", error.message, name)
                }
            }
            return (kept, notes)
        }
        notes.add(more)
        return kept
    }

    private static func hash(_ data: Data) -> String {
        SHA256.hash(data: data).map {
            ($0 < 16 ? "0" : "") + String($0, radix: 16)
        }.joined()
    }

    private func keep(_ artifact: SourceArtifact) throws -> Artifact {
        switch artifact {
        case _ where site.isDryRun:
            // Nothing is written; what would be recorded does not matter.
            Artifact(sha256: "", sizeBytes: 0)
        case .file(let file): try store.artifacts.add(contentsOf: file)
        case .bytes(let data, let fileExtension):
            try store.artifacts.add(data, fileExtension: fileExtension)
        case .remote(let fileExtension, let fetch): try keep(fileExtension, fetch)
        }
    }

    private func keep(_ fileExtension: String, _ fetch: (URL) throws -> Void) throws -> Artifact {
        let place = FileManager.default.temporaryDirectory
            .appending(path: "mlops-import-\(Identifier<Artifact>())")
            .appendingPathExtension(fileExtension)
        defer { try? FileManager.default.removeItem(at: place) }
        try fetch(place)
        return try store.artifacts.add(contentsOf: place)
    }
}
