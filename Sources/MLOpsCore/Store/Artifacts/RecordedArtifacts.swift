/// The artifacts that rows name, those of deleted rows included.
package struct RecordedArtifacts: Sendable {
    /// What the run that records a hash says of it, by hash.
    private(set) var ofRuns: [String: (kind: Artifact.Kind, run: Identifier<ExperimentRun>)] = [:]
    /// What model versions name; it may be kept elsewhere.
    private(set) var ofVersions: Set<String> = []

    package init(in tx: any Transaction) throws {
        try tx.runs.forEach(Query(deleted: .included)) { run in
            for artifact in run.artifacts.values {
                // The same bytes may be a file of one run and a list of another.
                for root in artifact.roots where ofRuns[root]?.kind.hasList != true {
                    ofRuns[root] = (artifact.kind, run.id)
                }
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
    /// - Throws: `.corrupt` when the bytes of a list of files or items are damaged; `.inputOutput`.
    func files(of recorded: RecordedArtifacts) throws -> Set<String> {
        var hashes = recorded.ofVersions.union(recorded.ofRuns.keys)
        let lists = try hashes.filter { hash in
            try hash.isSHA256 && (recorded.ofRuns[hash]?.kind.hasList == true || holdsList(hash))
        }
        for hash in lists {
            do {
                hashes.formUnion(try filesListed(in: hash))
            } catch let error as StoreError where error.code == .notFound || error.isOfInvalidList {
                // Without its list, nothing can be restored of the directory or record. A file that
                // only looks like a list names nothing.
            }
        }
        return hashes
    }

    /// Whether a file begins as a list of files or items; a model version does not say.
    func holdsList(_ hash: String) throws -> Bool {
        struct Enough: Error {}
        var isList = false
        do {
            try read(hash) { chunk in
                isList =
                    chunk.starts(with: ArtifactManifest.beginning)
                    || chunk.starts(with: RecordSegment.beginning)
                throw Enough()
            }
        } catch is Enough {
        } catch let error as StoreError where error.code == .notFound || error.code == .corrupt {
            // It is kept elsewhere, or is no file.
        }
        return isList
    }
}

extension Artifact.Kind {
    /// Whether a hash of such an artifact is that of a list of further files.
    var hasList: Bool { self == .directory || isRecord }
}
