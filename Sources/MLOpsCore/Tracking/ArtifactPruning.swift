public import Foundation

/// The artifact files that were removed, or would be removed.
public struct ArtifactPruning: Sendable, Hashable, Codable {
    /// The number of files.
    public internal(set) var files = 0
    /// The total size of the files, in bytes.
    public internal(set) var bytes: Int64 = 0
}

extension SystemAccess {
    /// Removes artifact files that no run or model version names, and interrupted copies.
    ///
    /// A file that a deleted run or version names is kept.
    ///
    /// A purge removes rows and keeps files, because rows of several organizations may name the
    /// same file. A file is kept for `grace` after it was last logged, because a run names it only
    /// after the copy.
    ///
    /// - Parameters:
    ///   - grace: How long a file is kept after it was last logged, in seconds.
    ///   - isDryRun: Whether files are only counted, not removed.
    /// - Throws: `.inputOutput` when the directory cannot be read or a file cannot be removed;
    ///   `.corrupt`, before anything is removed, when the list of a directory's files is damaged.
    @discardableResult
    public func pruneArtifacts(
        grace: TimeInterval = 86_400, isDryRun: Bool = false
    ) async throws -> ArtifactPruning {
        let artifacts = store.artifacts
        let cutoff = Date.now.addingTimeInterval(-grace)
        // Listed before the rows are read: a file logged from now on is younger than these.
        var candidates = try artifacts.files(before: cutoff)
        let recorded = try await read { try RecordedArtifacts(in: $0) }
        for hash in try artifacts.files(of: recorded) { candidates[hash] = nil }
        var pruning = ArtifactPruning()
        for (_, file) in candidates {
            guard try isDryRun || artifacts.remove(file.url, before: cutoff) else { continue }
            pruning.files += 1
            pruning.bytes += file.size
        }
        return pruning
    }
}

extension ArtifactStore {
    struct File: Sendable {
        let url: URL
        let size: Int64
    }

    /// The files that were last logged before a time, by file name.
    func files(before cutoff: Date) throws -> [String: File] {
        guard FileManager.default.fileExists(atPath: directory) else { return [:] }
        // The enumerator follows no link, not even the one that it begins with.
        let root = URL(filePath: directory).resolvingSymlinksInPath()
        let keys: Set<URLResourceKey> = [
            .isRegularFileKey, .fileSizeKey, .contentModificationDateKey,
        ]
        var failed: URL?
        let files = FileManager.default.enumerator(
            at: root, includingPropertiesForKeys: Array(keys)
        ) { url, _ in
            // What others have removed meanwhile is no failure.
            if FileIdentity(url.path) != nil || errno == EACCES { failed = failed ?? url }
            return true
        }
        guard let files, FileManager.default.isReadableFile(atPath: root.path) else {
            throw Self.unreadable(directory)
        }
        var found: [String: File] = [:]
        for case let url as URL in files {
            guard let values = try? url.resourceValues(forKeys: keys), values.isRegularFile == true,
                let changed = values.contentModificationDate, changed < cutoff, isOurs(url)
            else { continue }
            found[url.lastPathComponent] = File(url: url, size: Int64(values.fileSize ?? 0))
        }
        if let failed { throw Self.unreadable(failed.path) }
        return found
    }

    private static func unreadable(_ directory: String) -> StoreError {
        StoreError(.inputOutput, "The directory of artifacts cannot be read: \(directory)")
    }

    /// Whether this store made the file: `ab/abcdef...`, or a copy in progress.
    private func isOurs(_ file: URL) -> Bool {
        let (folder, name) = (file.deletingLastPathComponent(), file.lastPathComponent)
        if folder.lastPathComponent == scratch.lastPathComponent { return true }
        return name.count == 64 && name.allSatisfy(\.isHexDigit)
            && folder.lastPathComponent == name.prefix(2)
    }

    /// Removes a file unless it was logged again meanwhile.
    ///
    /// The file is moved aside before its time is checked. If the same bytes are logged at that
    /// moment, the writer finds no file and keeps its own copy.
    func remove(_ file: URL, before cutoff: Date) throws -> Bool {
        let aside = scratch.appending(path: Identifier<Artifact>().description)
        do {
            try access.makeDirectory(scratch)
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
