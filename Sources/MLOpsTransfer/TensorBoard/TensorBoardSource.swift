public import Foundation
import MLOpsCore
import Synchronization

/// A directory of TensorBoard's event files.
///
/// Each directory below it that has event files is a run. Scalars are points, also where they are
/// tensors; hyperparameters are parameters; histograms, texts and pictures are artifacts.
public struct TensorBoardSource: ImportSource {
    /// `tensorboard`.
    public var program: String { "tensorboard" }

    private let root: URL
    private let experiment: String
    private let purgesRestarts: Bool
    private let runs: [(name: String, files: [URL])]
    private let notes: ImportNotes
    private let last = LastRun()

    /// The run that was read last: its points are asked for next.
    private final class LastRun: Sendable {
        private let state = Mutex<(position: Int64, run: TensorBoardRun)?>(nil)

        func run(at position: Int64, _ make: () throws -> TensorBoardRun) throws -> TensorBoardRun {
            if let known = state.withLock({ $0?.position == position ? $0?.run : nil }) {
                return known
            }
            let made = try make()
            state.withLock { $0 = (position, made) }
            return made
        }
    }

    /// Lists the event files below a directory.
    ///
    /// - Parameters:
    ///   - directory: The directory that TensorBoard would be given.
    ///   - experiment: The name of the experiment; by default that of the directory.
    ///   - purgesRestarts: Whether points are left that a restarted program logged again, as
    ///     TensorBoard does.
    /// - Throws: ``ImportSourceError``.
    public init(_ directory: URL, experiment: String? = nil, purgesRestarts: Bool = true) throws {
        root = directory
        self.purgesRestarts = purgesRestarts
        self.experiment = experiment ?? directory.standardizedFileURL.lastPathComponent
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory.path, isDirectory: &isDirectory)
        else { throw ImportSourceError(.missing, "\(directory.path) does not exist.") }
        guard isDirectory.boolValue else {
            throw ImportSourceError(
                .anotherKind, "\(directory.path) is a file; give the directory of the event files.")
        }
        var notes = ImportNotes()
        var runs: [String: [URL]] = [:]
        for (name, file) in FileTree.files(
            below: directory.resolvingSymlinksInPath(), &notes)
        where file.lastPathComponent.contains("tfevents") {
            let folder = name.split(separator: "/").dropLast().joined(separator: "/")
            runs[folder, default: []].append(file)
        }
        guard !runs.isEmpty else {
            throw ImportSourceError(
                .anotherKind,
                "\(directory.path) has no event files (`*tfevents*`), nor has a directory below it."
            )
        }
        self.runs = runs.sorted { $0.key < $1.key }.map { name, files in
            (name, files.sorted { $0.lastPathComponent < $1.lastPathComponent })
        }
        self.notes = notes
    }

    /// One experiment, with a run for each directory.
    public func outline(_ notes: inout ImportNotes) throws -> [SourceExperiment] {
        notes.add(self.notes)
        var found = SourceExperiment(id: experiment, name: experiment)
        found.runs = runs.enumerated().map { index, run in
            SourceRunReference(
                id: "\(experiment)/\(run.name)", scope: experiment, position: Int64(index))
        }
        return [found]
    }

    private func scanned(_ reference: SourceRunReference) throws -> TensorBoardRun {
        try last.run(at: reference.position) {
            try TensorBoardRun(runs[Int(reference.position)].files)
        }
    }

    /// A run with its hyperparameters and its files.
    public func run(
        _ reference: SourceRunReference, _ notes: inout ImportNotes
    ) throws -> SourceRun {
        let scan = try scanned(reference)
        notes.add(scan.notes)
        let name = runs[Int(reference.position)].name
        var run = SourceRun(
            name: name.isEmpty ? experiment : name,
            status: scan.parameters.status ?? .completed)
        run.parameters = scan.parameters.values
        run.startedAt = scan.parameters.startedAt ?? scan.firstTime
        if !run.status.isUnderWay { run.completedAt = scan.parameters.endedAt ?? scan.lastTime }
        if let group = scan.parameters.group, !group.isEmpty { run.tags["group"] = group }
        run.origin["directory"] = .string(name)
        run.artifacts = scan.artifacts
        return run
    }

    /// The scalars of the run's files, in their order.
    public func readPoints(
        of reference: SourceRunReference, _ notes: inout ImportNotes,
        _ body: (SourcePoint) throws -> Void
    ) throws {
        let scan = try scanned(reference)
        var names = NameCache()
        var (event, purged) = (0, 0)
        for file in runs[Int(reference.position)].files {
            _ = try EventFile.read(file) { record, _ in
                defer { event += 1 }
                let found = TensorBoardEvent(record)
                let limit = purgesRestarts ? scan.limit(ofEvent: event) : nil
                try found.forEachValue { value in
                    let number: Double
                    switch value.content {
                    case .scalar(let scalar): number = Double(scalar)
                    case .tensor(let tensor):
                        guard let scalar = tensor.scalar, scan.isScalar(value.tag) else { return }
                        number = scalar
                    default: return
                    }
                    if let limit, found.step >= limit {
                        purged += 1
                        return
                    }
                    let name = names.text(value.tag) { String(decoding: value.tag, as: UTF8.self) }
                    guard let date = found.date else {
                        notes.leave("point", "its time is outside of the years 1 to 9999", name)
                        return
                    }
                    try body(SourcePoint(name, number, step: found.step, at: date))
                }
            }
        }
        if purged > 0 {
            notes.leave(
                "point", "the program began again before its step and logged it anew",
                reference.id, count: purged)
        }
    }
}

extension TensorBoardRun {
    /// Whether the tensors of a tag are scalars, by their plugin.
    fileprivate func isScalar(_ tag: UnsafeRawBufferPointer) -> Bool {
        guard let plugin = plugins[String(decoding: tag, as: UTF8.self)] else { return true }
        return plugin == "scalars"
    }
}
