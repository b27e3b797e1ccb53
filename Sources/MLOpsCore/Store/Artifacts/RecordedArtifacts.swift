/// The artifacts that rows name, those of deleted rows included.
package struct RecordedArtifacts: Sendable {
    /// What the run that records a hash says of it, by hash.
    private(set) var ofRuns: [String: (kind: Artifact.Kind, run: Identifier<ExperimentRun>)] = [:]
    /// What model versions name; it may be kept elsewhere.
    private(set) var ofVersions: Set<String> = []

    package init(in tx: any Transaction) throws {
        let runs = Query<ExperimentRun>(
            where: { $0.kind.isIn(RunKind.allCases) }, deleted: .included)
        try tx.runs.forEach(runs) { run in
            for artifact in run.artifacts.values where ofRuns[artifact.sha256]?.kind != .directory {
                ofRuns[artifact.sha256] = (artifact.kind, run.id)
            }
            return true
        }
        try tx.modelVersions.forEach(Query(deleted: .included)) { version in
            // A URI may end with the hash of an artifact.
            for text in [version.artifactSHA256, version.artifactURI] {
                if let hash = text.map({ $0.suffix(64).lowercased() }), hash.isSHA256 {
                    ofVersions.insert(hash)
                }
            }
            return true
        }
    }
}

extension ArtifactStore {
    /// The hashes of all files that recorded artifacts consist of.
    ///
    /// - Throws: `.corrupt` when the bytes of a list of a directory's files are damaged;
    ///   `.inputOutput`.
    func files(of recorded: RecordedArtifacts) throws -> Set<String> {
        var hashes = recorded.ofVersions.union(recorded.ofRuns.keys)
        let directories = try hashes.filter { hash in
            try hash.isSHA256
                && (recorded.ofRuns[hash]?.kind == .directory || holdsManifest(hash))
        }
        for hash in directories {
            do {
                hashes.formUnion(try manifest(hash).files.map(\.sha256))
            } catch let error as StoreError
                where error.code == .notFound || error == ArtifactManifest.invalid
            {
                // Without its list, nothing can be restored of the directory. A file that only
                // looks like a list names nothing.
            }
        }
        return hashes
    }

    /// Whether a file begins as the list of a directory's files; a model version does not say.
    func holdsManifest(_ hash: String) throws -> Bool {
        struct Enough: Error {}
        var isManifest = false
        do {
            try read(hash) { chunk in
                isManifest = chunk.starts(with: ArtifactManifest.beginning)
                throw Enough()
            }
        } catch is Enough {
        } catch let error as StoreError where error.code == .notFound || error.code == .corrupt {
            // It is kept elsewhere, or is no file.
        }
        return isManifest
    }
}
