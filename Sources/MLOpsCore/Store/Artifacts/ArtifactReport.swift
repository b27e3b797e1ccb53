import Foundation

/// What was found of the artifacts of a database.
public struct ArtifactReport: Sendable, Hashable, Codable {
    /// The number of files that are there with their hash.
    public internal(set) var files = 0
    /// The total size of these files, in bytes.
    public internal(set) var bytes: Int64 = 0
    /// What is missing or damaged, a sentence each; empty when all is well.
    public internal(set) var problems: [String] = []
}

extension SystemAccess {
    /// Reads every artifact that a run records, and compares its bytes with the recorded hash.
    ///
    /// Artifacts of deleted runs count, because these can be restored. What a model version names
    /// is checked if it is in the artifact directory; it may be kept elsewhere.
    ///
    /// - Throws: `.inputOutput`; `CancellationError`.
    public func verifyArtifacts() async throws -> ArtifactReport {
        let artifacts = store.artifacts
        let recorded = try await read { try RecordedArtifacts(in: $0) }
        var (report, seen) = (ArtifactReport(), Set<String>())
        for (hash, record) in recorded.ofRuns.sorted(by: { $0.key < $1.key }) {
            try await report.check([hash], of: "of the run \(record.run)", in: artifacts, &seen)
            guard record.kind.hasList else { continue }
            try await report.check(
                list: hash, of: record.kind, "of the run \(record.run)", in: artifacts, &seen)
        }
        let kept = recorded.ofVersions.filter { artifacts.holds($0) }
        try await report.check(kept.sorted(), of: "of a model version", in: artifacts, &seen)
        for hash in kept.sorted() where try artifacts.holdsList(hash) {
            try await report.check(
                list: hash, of: .directory, "of a model version", in: artifacts, &seen)
        }
        return report
    }
}

extension ArtifactReport {
    /// Reads files that were not read yet.
    fileprivate mutating func check(
        _ hashes: [String], of owner: String, in artifacts: ArtifactStore, _ seen: inout Set<String>
    ) async throws {
        for hash in hashes where seen.insert(hash).inserted {
            try Task.checkCancellation()
            try await count("The artifact \(owner)") {
                var size: Int64 = 0
                try artifacts.read(hash) { size += Int64($0.count) }
                return size
            }
        }
    }

    /// Reads the files of a directory or record whose list was read before.
    fileprivate mutating func check(
        list hash: String, of kind: Artifact.Kind, _ owner: String, in artifacts: ArtifactStore,
        _ seen: inout Set<String>
    ) async throws {
        do {
            let files = try artifacts.filesListed(in: hash)
            let place = kind == .directory ? "in a directory" : "in a record"
            try await check(files, of: "\(place) \(owner)", in: artifacts, &seen)
        } catch let error as StoreError where error.isOfInvalidList {
            problems.append("The artifact \(owner): \(error.message)")
        } catch let error as StoreError where error.code == .notFound || error.code == .corrupt {
            // The list itself was reported.
        }
    }

    /// Counts a file whose size a body returns, or the problem that the body throws.
    mutating func count(
        _ subject: String, _ body: @escaping @Sendable () throws -> Int64
    ) async throws {
        do {
            bytes += try await offTheCooperativePool(body)
            files += 1
        } catch let error as StoreError where error.code == .notFound || error.code == .corrupt {
            problems.append("\(subject): \(error.message)")
        }
    }
}

extension ArtifactStore {
    /// Whether a file with a hash is there, whatever its bytes.
    fileprivate func holds(_ hash: String) -> Bool {
        guard let file = try? place(of: hash) else { return false }
        return FileIdentity(file.path) != nil
    }

    /// Copies every kept file to another store, and checks its bytes on the way.
    ///
    /// What the other store has undamaged is not copied again. A directory that this call made is
    /// removed if the call fails.
    ///
    /// - Returns: What the other store has now, and which files could not be copied.
    /// - Throws: `.inputOutput`, `.diskFull`; `CancellationError`.
    func copyAll(to other: ArtifactStore) async throws -> ArtifactReport {
        let isNew = FileIdentity(other.directory) == nil
        var report = ArtifactReport()
        do {
            // Made also without files, so that a restore finds that they were taken along.
            try other.access.makeDirectory(URL(filePath: other.directory))
            let hashes = try files(before: .distantFuture).keys.filter(\.isSHA256).sorted()
            for hash in hashes {
                try Task.checkCancellation()
                try await report.count("A kept file") { try copy(hash, to: other) }
            }
        } catch {
            if isNew { other.removeAll() }
            throw error
        }
        return report
    }

    /// Copies a kept file to another store; returns its size.
    private func copy(_ hash: String, to other: ArtifactStore) throws -> Int64 {
        var size: Int64 = 0
        if (try? other.read(hash) { size += Int64($0.count) }) != nil { return size }
        var touched: Set<URL> = []
        let kept = try other.keep(&touched) { write in try read(hash, write) }
        for directory in touched { FileManager.default.synchronize(directory: directory.path) }
        return kept.size
    }
}
