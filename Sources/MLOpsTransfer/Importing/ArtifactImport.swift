import Crypto
import Foundation
import MLOpsCore

/// The artifacts of a run that are kept, before the run names them.
struct KeptArtifacts: Sendable {
    /// Those that are new, or have new items.
    var new: [String: Artifact] = [:]
    /// How many of the source's the run has already.
    var present = 0
}

/// Copies the files of a run before its transaction, which should not wait for them.
struct ArtifactImport: Sendable {
    let site: ImportTarget
    let options: ImportOptions
    let store: any Store
    let source: any ImportSource
    let reference: SourceRunReference

    /// Keeps the files, and the items of records, that the run does not have yet.
    ///
    /// One that cannot be read is noted, and the rest is taken. If the run is not stored after all,
    /// nothing names the files, and `artifacts prune` removes them.
    ///
    /// - Throws: `.diskFull`; the errors of reading the run.
    func keep(_ run: SourceRun, _ notes: inout ImportNotes) async throws -> KeptArtifacts {
        guard options.copiesArtifacts else {
            if !run.artifacts.isEmpty {
                notes.leave(
                    "artifact", "files are not to be copied", count: run.artifacts.count)
            }
            return KeptArtifacts()
        }
        let id = site.map.run(reference)
        let present = try await site.transact { tx in
            try tx?.runs.page(.any(id)).first?.artifacts ?? [:]
        }
        let (kept, more) = try await blocking { [self] in
            var notes = ImportNotes()
            let kept = try keep(run.artifacts, beside: present, &notes)
            return (kept, notes)
        }
        notes.add(more)
        return kept
    }

    private func keep(
        _ files: [String: SourceArtifact], beside present: [String: Artifact],
        _ notes: inout ImportNotes
    ) throws -> KeptArtifacts {
        var kept = KeptArtifacts()
        for (name, artifact) in files.sorted(by: { $0.key < $1.key }) {
            try keep(artifact, name, beside: present, in: &kept, &notes)
        }
        var records = RecordImport(store: store, isDryRun: site.isDryRun, present: present)
        var more = ImportNotes()
        do {
            try source.readRecords(of: reference, &notes) { record in
                switch record.content {
                case .file(let file):
                    try keep(file, record.name, beside: present, in: &kept, &more)
                case .item(let value):
                    guard kept.new[record.name] == nil else {
                        more.leave("record", "a file of the run has its name", record.name)
                        return
                    }
                    try records.add(value, record, &more)
                }
            }
        } catch let error as ImportSourceError {
            more.leave("run", "its further records: \(error.message)", reference.id)
        }
        notes.add(more)
        kept.present += records.known
        kept.new.merge(try records.finish(&notes)) { $1 }
        return kept
    }

    private func keep(
        _ artifact: SourceArtifact, _ name: String, beside present: [String: Artifact],
        in kept: inout KeptArtifacts, _ notes: inout ImportNotes
    ) throws {
        let name = TextRules(subject: "artifact", example: reference.id).text(name, &notes)
        if let known = present[name] {
            kept.present += 1
            // A file of the source is not read again; what an import makes of one may have grown.
            guard case .bytes(let data, _) = artifact, Self.hash(data) != known.sha256 else {
                return
            }
            notes.change("artifact", "it has grown since the last import", name)
        }
        do {
            kept.new[name] = try keep(artifact)
        } catch let error as StoreError where error.code != .diskFull {
            notes.leave("artifact", error.message, name)
        } catch let error as ImportSourceError {
            notes.leave("artifact", error.message, name)
        }
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
