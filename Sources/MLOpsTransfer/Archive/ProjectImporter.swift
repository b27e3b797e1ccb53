public import Foundation
public import MLOpsCore

/// Takes the archive of a project, which ``ProjectExporter`` has made, into a store.
///
/// Every byte is verified, and every row read, before anything is stored. Then each row is stored
/// with what hangs below it, as a run with its points, whole or not at all; another import goes on
/// where one was interrupted, and adds what is new.
///
/// ```swift
/// let report = try await ProjectImporter(from: URL(filePath: "digits.tar.gz")).run(into: store)
/// ```
public struct ProjectImporter: Sendable {
    private let file: URL
    private let project: String?
    private let isDryRun: Bool

    /// An import of an archive.
    ///
    /// - Parameters:
    ///   - file: A tar, plain or compressed by gzip.
    ///   - project: The name or slug of the project to add to, or the name of a new one; that of
    ///     the archive by default.
    ///   - isDryRun: Whether nothing is written: the report says what would be.
    public init(from file: URL, project: String? = nil, isDryRun: Bool = false) {
        self.file = file
        self.project = project
        self.isDryRun = isDryRun
    }

    /// Imports what is new.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - workspace: Whose rows they become, and whose work what nobody there has done; the local
    ///     workspace by default.
    ///   - progress: Called after each batch, on any thread.
    /// - Throws: ``ImportSourceError`` for what is no archive, is damaged or of a later version;
    ///   ``ImportInterruption`` when the store refuses more (`.diskFull`, `.busy`) or the task was
    ///   cancelled; `.diskFull` when the temporary directory has no room for the rows.
    public func run(
        into store: any Store, as workspace: Workspace? = nil,
        progress: @escaping @Sendable (ImportProgress) -> Void = { _ in }
    ) async throws -> ImportReport {
        let file = file
        let archive = try await blocking { try VerifiedArchive(file) }
        var report = ImportReport(
            source: "an archive", project: project ?? archive.manifest.project,
            isDryRun: isDryRun)
        let meter = ProgressMeter(totalRuns: archive.index.runs.count, report: progress)
        do {
            try await store.withSystemAccess(reason: "a project is imported") { access in
                var place = try await ArchivePlace.find(
                    for: archive, named: project, access, store, workspace, isDryRun: isDryRun)
                report = ImportReport(
                    source: report.source, project: place.name, isDryRun: isDryRun)
                report.notes = place.notes
                try await makeProject(of: archive, at: place)
                try await takeFiles(of: archive, into: store, &report)
                for file in ArchiveLayout.RowFile.allCases {
                    try await take(file, of: archive, at: &place, meter, &report)
                }
            }
        } catch let error as ImportSourceError {
            throw error
        } catch {
            throw ImportInterruption(report: report, cause: error)
        }
        return report
    }

    private func makeProject(of archive: VerifiedArchive, at place: ArchivePlace) async throws {
        guard place.isNew, !isDryRun, let group = archive.groups(of: .project).first else { return }
        let name = project
        try await place.site.transact { tx in
            try archive.forEachLine(of: .project, in: group) { line in
                var members = place.map.row(line.row).object ?? [:]
                if let name {
                    members["name"] = .string(name)
                    let slug = Slug.normalized(name)
                    members["slug"] = .string(
                        slug.isEmpty ? "project-\(place.site.project.description.suffix(8))" : slug)
                }
                let row = try Historical<Project>(json: .object(members))
                try tx?.projects.insert(history: [row])
            }
        }
    }

    /// Keeps the artifacts, before rows name them.
    ///
    /// One that is there is read, and written again if it is damaged.
    private func takeFiles(
        of archive: VerifiedArchive, into store: any Store, _ report: inout ImportReport
    ) async throws {
        let (artifacts, isDryRun) = (store.artifacts, isDryRun)
        let (taken, present) = try await blocking {
            var (taken, present) = (0, 0)
            try archive.forEachArtifact { hash, pieces in
                if (try? artifacts.read(hash, { _ in })) != nil {
                    present += 1
                    return
                }
                taken += 1
                if isDryRun { return }
                let kept = try artifacts.add(pieces: pieces)
                guard kept.sha256 == hash else {
                    throw ImportSourceError.damaged(hash, "has changed since it was verified")
                }
            }
            return (taken, present)
        }
        report.taken.artifacts = taken
        report.present.artifacts = present
    }

    private func take(
        _ file: ArchiveLayout.RowFile, of archive: VerifiedArchive, at place: inout ArchivePlace,
        _ meter: ProgressMeter, _ report: inout ImportReport
    ) async throws {
        for lines in archive.groups(of: file) {
            try Task.checkCancellation()
            let task = ArchiveGroupImport(
                archive: archive, file: file, lines: lines, map: place.map, site: place.site,
                meter: meter)
            do {
                let outcome = try await place.site.transact { try task.perform(in: $0) }
                report.taken += outcome.result.taken
                report.present += outcome.result.present
                report.notes.add(outcome.result.notes)
                if let joined = outcome.joined { place.map.replaced[joined.from] = joined.to }
            } catch let error as StoreError where error.concernsOneRow {
                report.notes.leave(file.noun, error.message)
            }
            if file == .runs { meter.endRun() }
        }
    }
}

extension ArchiveLayout.RowFile {
    /// What the head of a group is, in the report.
    fileprivate var noun: String {
        switch self {
        case .project: "project"
        case .people: "person"
        case .models: "model"
        case .experiments: "experiment"
        case .runs: "run"
        case .versions: "model version"
        case .deployments: "deployment"
        case .alerts: "alert"
        }
    }
}
