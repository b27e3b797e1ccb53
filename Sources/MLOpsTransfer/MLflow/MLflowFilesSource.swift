public import Foundation
import MLOpsCore

/// A directory of MLflow's file store, `mlruns`.
///
/// Experiments, runs, logged models and the registry are read, also what is in the trash. No link
/// below the directory is followed.
public struct MLflowFilesSource: ImportSource {
    /// `mlflow`, so that runs that were moved to a database are known.
    public var program: String { "mlflow" }

    let root: URL
    let artifacts: MLflowArtifacts
    private let tree: MLflowFileTree

    /// Lists a directory.
    ///
    /// - Parameters:
    ///   - directory: The directory.
    ///   - artifactRoots: The directories below which files of runs are copied; by default the
    ///     directory itself.
    /// - Throws: ``ImportSourceError``.
    public init(_ directory: URL, artifactRoots: [URL]? = nil) throws {
        root = directory
        artifacts = MLflowArtifacts(
            roots: artifactRoots ?? [directory], base: directory.deletingLastPathComponent())
        tree = try MLflowFileTree(directory)
    }

    /// The experiments, with those in the trash.
    public func outline(_ notes: inout ImportNotes) throws -> [SourceExperiment] {
        notes.add(tree.notes)
        return tree.experiments
    }

    /// A run or a logged model.
    public func run(
        _ reference: SourceRunReference, _ notes: inout ImportNotes
    ) throws -> SourceRun {
        let directory = tree.directories[Int(reference.position)]
        let meta = try MetaFile(contentsOf: directory.appending(path: "meta.yaml"))
        var run =
            reference.kind == .loggedModel ? Self.loggedModel(meta) : Self.trackedRun(meta)
        run.parameters = texts(in: directory.appending(path: "params"), "parameter", &notes)
            .mapValues(JSONValue.string)
        run.tags = texts(in: directory.appending(path: "tags"), "tag", &notes)
        run.name = run.name ?? run.tags["mlflow.runName"]
        let own = directory.appending(path: "artifacts")
        let place =
            FileTree.isDirectory(own)
            ? own.path : meta["artifact_uri"] ?? meta["artifact_location"]
        if let place {
            run.artifacts = artifacts.files(
                at: place, experiment: meta["experiment_id"], run: reference.id, &notes)
        }
        if run.artifacts.isEmpty, let uri = meta["artifact_uri"], uri != place {
            run.artifacts = artifacts.files(
                at: uri, experiment: meta["experiment_id"], run: reference.id, &notes)
        }
        return run
    }

    private static func trackedRun(_ meta: MetaFile) -> SourceRun {
        var run = SourceRun(status: .completed)
        run.name = meta["run_name"].flatMap { $0.isEmpty ? nil : $0 }
        run.status =
            meta.integer("status").map(MLflowStatus.status(numbered:))
            ?? MLflowStatus.status(named: meta["status"] ?? "")
        run.startedAt = meta.time("start_time")
        run.completedAt = meta.time("end_time")
        if meta["lifecycle_stage"] == "deleted" {
            run.deletedAt = meta.time("deleted_time") ?? run.completedAt ?? run.startedAt ?? .now
        }
        for (key, name) in [
            ("artifact_uri", "artifact_uri"), ("user_id", "user"), ("source_name", "source_name"),
            ("source_type", "source_type"), ("source_version", "source_version"),
            ("entry_point_name", "entry_point"), ("experiment_id", "experiment_id"),
        ] {
            if let text = meta[key], !text.isEmpty { run.origin[name] = .string(text) }
        }
        return run
    }

    private static func loggedModel(_ meta: MetaFile) -> SourceRun {
        var run = SourceRun(status: .completed)
        run.name = meta["name"]
        run.status = MLflowStatus.status(ofModel: meta.integer("status") ?? 2)
        run.startedAt = meta.time("creation_timestamp")
        let updated = meta.time("last_updated_timestamp")
        if !run.status.isUnderWay { run.completedAt = updated }
        if meta["lifecycle_stage"] == "deleted" { run.deletedAt = updated ?? .now }
        for key in ["artifact_location", "model_type", "status_message", "source_run_id"] {
            if let text = meta[key], !text.isEmpty { run.origin[key] = .string(text) }
        }
        return run
    }

    /// The files of a directory as texts, by their path below it.
    private func texts(
        in directory: URL, _ subject: String, _ notes: inout ImportNotes
    ) -> [String: String] {
        var found: [String: String] = [:]
        for (name, file) in FileTree.files(below: directory, &notes) {
            do {
                found[name] = try FileTree.text(of: file)
            } catch {
                notes.leave(subject, "\(error)", name)
            }
        }
        return found
    }

    /// The lines of the metrics' files, in their order.
    public func readPoints(
        of reference: SourceRunReference, _ notes: inout ImportNotes,
        _ body: (SourcePoint) throws -> Void
    ) throws {
        let directory = tree.directories[Int(reference.position)].appending(path: "metrics")
        for (metric, file) in FileTree.files(below: directory, &notes) {
            var reader = LineReader(try ByteReader(file))
            var number = 0
            while let line = try reader.line() {
                number += 1
                let place = "\(metric), line \(number)"
                guard reader.isTerminated else {
                    notes.leave(
                        "line of a metric", "it has no line break and may be torn", place)
                    break
                }
                guard let point = Self.point(of: metric, line) else {
                    notes.leave("line of a metric", "it cannot be read", place)
                    continue
                }
                try body(point)
            }
        }
    }

    /// Reads `timestamp value`, `timestamp value step`, or more fields after these.
    private static func point(of metric: String, _ line: ArraySlice<UInt8>) -> SourcePoint? {
        let fields = line.split(separator: 0x20)
        guard fields.count >= 2, let time = Int64(String(decoding: fields[0], as: UTF8.self)),
            let date = TimeText.date(milliseconds: time),
            case .number(let value) = CSVNumber.value(fields[1])
        else { return nil }
        var step: Int64 = 0
        if fields.count > 2 {
            guard let found = Int64(String(decoding: fields[2], as: UTF8.self)) else { return nil }
            step = found
        }
        return SourcePoint(metric, value, step: step, at: date)
    }
}
