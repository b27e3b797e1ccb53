public import Foundation
public import MLOpsCore

/// Writes runs as TensorBoard's event files, one directory for each run.
///
/// A directory has the name of its run, in which characters other than letters, digits and `-_.=+`
/// are `_`, and the last eight digits of the run's id. Points are scalars of 64 bits with their
/// steps and times; parameters, times and the end of a run are hyperparameters; recorded images,
/// texts and histograms are those of their steps. Tags, notes, files and tables have no place
/// there, nor have the values of a histogram that lie outside of its edges.
///
/// ```swift
/// try await TensorBoardExport(workspace).runs(to: URL(filePath: "logs"))
/// ```
public struct TensorBoardExport: Sendable {
    private let workspace: Workspace

    /// An export of what the workspace's principal sees.
    public init(_ workspace: Workspace) { self.workspace = workspace }

    /// Writes runs into a new directory, which appears when it is whole.
    ///
    /// Memory holds a page of runs, or one recorded item. Runs and points are read page by page,
    /// each page in a transaction of its own.
    ///
    /// - Parameters:
    ///   - query: The runs; limit and cursor do not apply.
    ///   - directory: A path where nothing is, or an empty directory.
    ///   - withRecords: Whether images, texts and histograms are written; those of deleted runs
    ///     are not.
    ///   - progress: Is told of progress, on any thread.
    /// - Throws: `.alreadyExists`; `.cannotOpen`, `.diskFull`, `.inputOutput`; `.notFound` and
    ///   `.corrupt` when a recorded file is gone or has changed; what reading throws.
    @discardableResult
    public func runs(
        _ query: Query<ExperimentRun> = Query(), to directory: URL, withRecords: Bool = true,
        progress: TableExport.Report? = nil
    ) async throws -> ExportSummary {
        let target = directory.standardizedFileURL
        let partial = target.deletingLastPathComponent()
            .appending(path: ".partial-\(Identifier<Artifact>())")
        try await blocking {
            try Self.checkIsFree(target)
            try Self.make(partial, for: target)
        }
        do {
            var meter = try await ExportMeter(query, in: workspace, progress)
            var names = RunDirectoryNames()
            try await workspace.forEachPage(of: query) { reports in
                for report in reports {
                    let place = partial.appending(path: names.name(of: report.run))
                    try Self.make(place, for: target)
                    try await write(report, into: place, withRecords: withRecords, &meter)
                    meter.tell()
                }
            }
            try await blocking {
                guard rename(partial.path, target.path) == 0 else {
                    try Self.checkIsFree(target)
                    throw Self.failure(.inputOutput, target)
                }
            }
            return meter.summary
        } catch {
            try? FileManager.default.removeItem(at: partial)
            throw error
        }
    }

    private func write(
        _ report: RunReport, into directory: URL, withRecords: Bool, _ meter: inout ExportMeter
    ) async throws {
        let run = report.run
        let start = run.startedAt ?? run.createdAt
        let seconds = Int(start.timeIntervalSince1970.rounded(.down))
        let path = directory.appending(path: "events.out.tfevents.\(max(0, seconds)).mlops")
        try await ExportFile.writing(to: .file(path)) { file in
            var writer = EventWriter()
            var bytes = ExportBytes()
            EventWriter.version(at: start, to: &bytes)
            writer.writeParameters(of: run, to: &bytes)
            try await file.write(bytes)
            meter.summary.bytes += bytes.count
            let pages = PointPages(workspace: workspace, metrics: [])
            try await pages.write([report], with: writer) { bytes, points in
                try await file.write(bytes)
                meter.summary.bytes += bytes.count
                meter.summary.points += points
                meter.tell()
            }
            guard withRecords, run.deletedAt == nil else { return }
            for (name, artifact) in run.artifacts.sorted(by: { $0.key < $1.key }) {
                guard [.image, .text, .histogram].contains(artifact.kind) else { continue }
                // A tag has one plugin.
                var tag = name
                while run.metrics[tag] != nil { tag += "/\(artifact.kind.rawValue)" }
                for item in try await workspace.recordedItems(named: name, of: run.id) {
                    var bytes = ExportBytes()
                    let data = try await workspace.data(of: item, named: name, of: run.id)
                    try writer.write(data, artifact.kind, tag, item, to: &bytes)
                    try await file.write(bytes)
                    meter.summary.bytes += bytes.count
                    meter.summary.rows += 1
                }
            }
        }
        meter.summary.runs += 1
    }

    private static func make(_ directory: URL, for target: URL) throws {
        guard mkdir(directory.path, 0o700) == 0 else { throw failure(.cannotOpen, target) }
    }

    private static func checkIsFree(_ target: URL) throws {
        var status = stat()
        guard lstat(target.path, &status) == 0 else { return }
        let isEmpty = try? FileManager.default.contentsOfDirectory(atPath: target.path).isEmpty
        guard status.st_mode & S_IFMT == S_IFDIR, isEmpty == true else {
            throw StoreError(
                .alreadyExists, "\(target.path) exists already; choose another name.")
        }
    }

    private static func failure(_ code: StoreError.Code, _ target: URL) -> StoreError {
        let reason = String(cString: strerror(errno))
        return StoreError(code, "\(target.path) cannot be written: \(reason).")
    }
}

/// Names of directories that differ, also where upper and lower case are the same.
private struct RunDirectoryNames {
    private var used: Set<String> = []
    /// The longest part that a run's name has, in UTF-8 bytes.
    private static let longest = 150

    mutating func name(of run: ExperimentRun) -> String {
        var name = ""
        for character in run.runName {
            let isPlain = character.isLetter || character.isNumber || "-_.=+".contains(character)
            let next = isPlain ? String(character) : "_"
            guard name.utf8.count + next.utf8.count <= Self.longest else { break }
            name += next
        }
        if name.isEmpty || name.hasPrefix(".") { name = "_" + name }
        let id = run.id.description
        let short = "\(name)-\(id.suffix(8))"
        let chosen = used.contains(short.lowercased()) ? "\(name)-\(id)" : short
        used.insert(chosen.lowercased())
        return chosen
    }
}

extension EventWriter {
    /// Writes an item of a record.
    ///
    /// - Throws: `.corrupt` for bytes that are no such record.
    fileprivate mutating func write(
        _ data: Data, _ kind: Artifact.Kind, _ tag: String, _ item: RecordedItem,
        to bytes: inout ExportBytes
    ) throws {
        switch kind {
        case .image: write(try RunImage(data), tag, item, to: &bytes)
        case .histogram: write(try Self.histogram(data), tag, item, to: &bytes)
        default: write(text: data, tag, item, to: &bytes)
        }
    }

    private static func histogram(_ data: Data) throws -> RunHistogram {
        let document = try JSONValue(parsing: data)
        func numbers(_ name: String) -> [JSONValue] { document[name]?.array ?? [] }
        return try RunHistogram(
            edges: numbers("edges").map { $0.double ?? .nan },
            counts: numbers("counts").map { $0.int.flatMap(Int.init(exactly:)) ?? -1 })
    }
}
