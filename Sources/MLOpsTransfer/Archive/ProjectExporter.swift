public import Foundation
public import MLOpsCore

/// Writes a project as one archive, which ``ProjectImporter`` takes into any store.
///
/// The archive is a tar of JSON lines and artifacts with a manifest of their SHA-256. It holds what
/// the workspace may read: experiments, runs with all points, models with versions, deployments
/// with their history, measurements and drift reports, and alerts; also what is deleted. The same
/// project gives the same bytes.
///
/// ```swift
/// let exporter = ProjectExporter(of: project.id, in: workspace, artifacts: store.artifacts)
/// print(try await exporter.run(to: URL(filePath: "digits.tar.gz")))
/// ```
public struct ProjectExporter: Sendable {
    private let project: Identifier<Project>
    private let workspace: Workspace
    private let artifacts: ArtifactStore

    /// An export of what a workspace may read of a project.
    ///
    /// - Parameters:
    ///   - project: The project.
    ///   - workspace: Who exports; what they may not read is not in the archive.
    ///   - artifacts: Where the files of the runs are kept.
    public init(
        of project: Identifier<Project>, in workspace: Workspace, artifacts: ArtifactStore
    ) {
        self.project = project
        self.workspace = workspace
        self.artifacts = artifacts
    }

    /// Makes the archive; it appears under its name whole or not at all.
    ///
    /// All rows are read on one snapshot and written to files beside the archive first, which takes
    /// as much space again. Only the user may read the archive. It is compressed if its name ends
    /// with `.tgz` or `.gz`.
    ///
    /// - Parameters:
    ///   - file: The archive to make.
    ///   - progress: Called after each run, on any thread.
    /// - Throws: `.alreadyExists` when something has the name; `.notFound` for a project that the
    ///   workspace does not see; `.diskFull`, `.inputOutput`; `.snapshotExpired` when the snapshot
    ///   was held for too long; `CancellationError`.
    public func run(
        to file: URL, progress: @escaping @Sendable (ImportProgress) -> Void = { _ in }
    ) async throws -> ProjectExportReport {
        try Self.checkIsFree(file)
        let directory = file.deletingLastPathComponent()
            .appending(path: ".\(file.lastPathComponent).\(Identifier<Project>())")
        try ScratchFile.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(at: directory) }
        let project = project
        let rows = try await workspace.read { tx in
            var rows = ProjectRows(
                of: project, in: tx, directory: directory, progress: progress)
            return try rows.write()
        }
        return try await blocking { try pack(rows, in: directory, as: file) }
    }

    private static func checkIsFree(_ file: URL) throws {
        var status = stat()
        guard lstat(file.path, &status) != 0 else {
            throw StoreError(
                .alreadyExists, "\(file.path) exists already; choose another name.")
        }
    }

    private func pack(
        _ rows: ProjectRows.Outcome, in directory: URL, as file: URL
    ) throws -> ProjectExportReport {
        var (notes, counts) = (rows.notes, rows.counts)
        let files = artifactFiles(of: rows.artifacts, &notes)
        counts.artifacts = files.count
        let manifest = ArchiveManifest(
            library: libraryVersion, project: rows.project, counts: counts,
            files: rows.files.sorted { $0.name < $1.name } + files)
        let packed = directory.appending(path: "archive")
        let isCompressed = ["tgz", "gz"].contains(file.pathExtension.lowercased())
        let tar = try TarWriter(packed, isCompressed: isCompressed)
        let data = try manifest.data()
        try tar.add(ArchiveLayout.manifest, size: Int64(data.count)) { try $0(data) }
        for name in ArchiveLayout.RowFile.allCases.map(\.rawValue) {
            guard let entry = rows.files.first(where: { $0.name == name }) else { continue }
            let reader = try ByteReader(directory.appending(path: name))
            try tar.add(name, size: entry.sizeBytes) { take in
                var offset: UInt64 = 0
                while true {
                    let piece = try reader.read(at: offset, count: 1 << 18)
                    guard !piece.isEmpty else { break }
                    offset += UInt64(piece.count)
                    try take(piece)
                }
            }
        }
        for entry in files {
            try tar.add(entry.name, size: entry.sizeBytes) {
                try artifacts.read(entry.sha256, $0)
            }
        }
        try tar.finish()
        let size = try FileManager.default.attributesOfItem(atPath: packed.path)[.size] as? Int64
        try take(file, for: packed)
        return ProjectExportReport(
            project: rows.project, counts: counts, notes: notes, files: manifest.files.count,
            sizeBytes: size ?? 0)
    }

    /// The files of artifacts, by hash; one that is gone or damaged is noted.
    private func artifactFiles(
        of recorded: [String: Artifact], _ notes: inout ImportNotes
    ) -> [ArchiveManifest.File] {
        var hashes: Set<String> = []
        for artifact in recorded.values {
            do {
                hashes.formUnion(try artifacts.files(of: artifact))
            } catch {
                notes.leave("artifact", "\(error)", artifact.sha256)
            }
        }
        return hashes.sorted().compactMap { hash in
            var size: Int64 = 0
            do {
                try artifacts.read(hash) { size += Int64($0.count) }
            } catch {
                notes.leave("artifact", "\(error)", hash)
                return nil
            }
            return ArchiveManifest.File(
                name: ArchiveLayout.files + hash, sha256: hash, sizeBytes: size)
        }
    }

    /// Gives the finished archive its name, unless something has taken it meanwhile.
    private func take(_ file: URL, for packed: URL) throws {
        if link(packed.path, file.path) != 0 {
            // Some file systems have no second names.
            try Self.checkIsFree(file)
            guard rename(packed.path, file.path) == 0 else {
                throw StoreError(
                    .inputOutput,
                    "\(file.path) cannot be made: \(String(cString: strerror(errno))).")
            }
        }
        let directory = open(
            file.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        // Some file systems cannot flush a directory.
        fsync(directory)
        close(directory)
    }
}

/// What an archive holds, what was left out, and why.
public struct ProjectExportReport: Sendable, Hashable, Codable {
    /// The name of the project.
    public let project: String
    /// What it holds.
    public let counts: ImportReport.Counts
    /// What stands in it otherwise than in the store, and what was left.
    public let notes: ImportNotes
    /// The number of its files, without the manifest.
    public let files: Int
    /// Its size, in bytes.
    public let sizeBytes: Int64
}

extension ProjectExportReport: CustomStringConvertible {
    /// The report as text, in lines of at most 80 columns.
    public var description: String {
        let words = counts.words.isEmpty ? "nothing" : counts.words.joined(separator: ", ")
        return
            (ImportReport.wrapped("exported from the project \(project.prefix(30)): \(words)")
            + notes.lines).joined(separator: "\n")
    }
}
