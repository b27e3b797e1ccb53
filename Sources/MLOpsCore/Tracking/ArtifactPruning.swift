public import Foundation

/// The files of artifacts that were removed, or would be.
public struct ArtifactPruning: Sendable, Hashable, Codable {
    /// How many.
    public internal(set) var files = 0
    /// Their size together.
    public internal(set) var bytes: Int64 = 0
}

extension SystemAccess {
    /// Removes the artifact files that no run and no model version names, and the remains of
    /// interrupted copies.
    ///
    /// Files that deleted runs or versions name are kept.
    ///
    /// A purge removes rows and keeps files, because rows of several organizations may name the
    /// same file. A file is kept for `grace` after it was last logged, because a run names it only
    /// after the copy.
    ///
    /// - Parameters:
    ///   - grace: Seconds since a file was last logged.
    ///   - isDryRun: Whether files are counted and not removed.
    /// - Throws: `.inputOutput` when the directory cannot be read or a file not removed.
    @discardableResult
    public func pruneArtifacts(
        grace: TimeInterval = 86_400, isDryRun: Bool = false
    ) async throws -> ArtifactPruning {
        let artifacts = store.artifacts
        let cutoff = Date.now.addingTimeInterval(-grace)
        // Looked at first: what is logged from now on is younger than any of these.
        var candidates = try artifacts.files(before: cutoff)
        for hash in try await namedHashes() { candidates[hash] = nil }
        var pruning = ArtifactPruning()
        for (_, file) in candidates {
            guard try isDryRun || artifacts.remove(file.url, before: cutoff) else { continue }
            pruning.files += 1
            pruning.bytes += file.size
        }
        return pruning
    }

    /// The hashes of every artifact that a row names.
    private func namedHashes() async throws -> Set<String> {
        try await read { tx in
            var hashes: Set<String> = []
            try tx.runs.forEach(Query(deleted: .included)) { run in
                hashes.formUnion(run.artifacts.values.map(\.sha256))
                return true
            }
            try tx.modelVersions.forEach(Query(deleted: .included)) { version in
                // A URI may be the path of a kept file.
                for text in [version.artifactSHA256, version.artifactURI] {
                    if let text { hashes.insert(String(text.suffix(64))) }
                }
                return true
            }
            return hashes
        }
    }
}

extension ArtifactStore {
    struct File: Sendable {
        let url: URL
        let size: Int64
    }

    /// The files that were last logged before a time, by name.
    func files(before cutoff: Date) throws -> [String: File] {
        guard FileManager.default.fileExists(atPath: directory) else { return [:] }
        let keys: Set<URLResourceKey> = [
            .isRegularFileKey, .fileSizeKey, .contentModificationDateKey,
        ]
        let files = FileManager.default.enumerator(
            at: URL(filePath: directory), includingPropertiesForKeys: Array(keys))
        guard let files else {
            throw StoreError(
                .inputOutput, "The directory of artifacts cannot be read: \(directory)")
        }
        var found: [String: File] = [:]
        for case let url as URL in files {
            guard let values = try? url.resourceValues(forKeys: keys), values.isRegularFile == true,
                let changed = values.contentModificationDate, changed < cutoff, isOurs(url)
            else { continue }
            found[url.lastPathComponent] = File(url: url, size: Int64(values.fileSize ?? 0))
        }
        return found
    }

    /// Whether this store has made the file: `ab/abcdef...`, or one that is not yet kept.
    private func isOurs(_ file: URL) -> Bool {
        let (folder, name) = (file.deletingLastPathComponent(), file.lastPathComponent)
        if folder.lastPathComponent == scratch.lastPathComponent { return true }
        return name.count == 64 && name.allSatisfy(\.isHexDigit)
            && folder.lastPathComponent == name.prefix(2)
    }

    /// Removes a file unless it was logged again meanwhile.
    ///
    /// It is moved aside before it is looked at: who logs the same bytes in that moment finds no
    /// file, and keeps their own copy.
    func remove(_ file: URL, before cutoff: Date) throws -> Bool {
        let aside = scratch.appending(path: Identifier<Artifact>().description)
        do {
            try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
            guard rename(file.path, aside.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
            let values = try aside.resourceValues(forKeys: [.contentModificationDateKey])
            guard let changed = values.contentModificationDate, changed < cutoff else {
                guard rename(aside.path, file.path) == 0 else {
                    throw CocoaError(.fileWriteUnknown)
                }
                return false
            }
            try FileManager.default.removeItem(at: aside)
            return true
        } catch {
            throw StoreError(
                .inputOutput,
                "The artifact \(file.lastPathComponent) cannot be removed: "
                    + "\(error.localizedDescription)")
        }
    }
}
