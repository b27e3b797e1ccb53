import Foundation
import MLOpsCore

/// Which experiments and runs a directory of MLflow's file store has.
struct MLflowFileTree: Sendable {
    private(set) var experiments: [SourceExperiment] = []
    /// The directories of runs, which references point to by position.
    private(set) var directories: [URL] = []
    private(set) var notes = ImportNotes()

    /// Directories of an experiment that are no runs.
    private static let others = ["tags", "datasets", "models", "traces", "assessments"]

    /// - Throws: ``ImportSourceError``.
    init(_ root: URL) throws {
        let root = root.resolvingSymlinksInPath()
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: root.path, isDirectory: &isDirectory) else {
            throw ImportSourceError(.missing, "\(root.path) does not exist.")
        }
        guard isDirectory.boolValue else {
            throw ImportSourceError(
                .anotherKind, "\(root.path) is a file; give the directory `mlruns`.")
        }
        for name in FileTree.names(in: root) where !name.hasPrefix(".") && name != "models" {
            add(root.appending(path: name))
        }
        let trash = root.appending(path: ".trash")
        for name in FileTree.names(in: trash) { add(trash.appending(path: name)) }
        let hasModels = FileTree.isDirectory(root.appending(path: "models"))
        guard !experiments.isEmpty || hasModels else {
            throw ImportSourceError(
                .anotherKind,
                "\(root.path) is not a file store of MLflow: no directory in it has a `meta.yaml`."
            )
        }
    }

    private mutating func add(_ directory: URL) {
        guard FileTree.isDirectory(directory) else { return }
        let id = directory.lastPathComponent
        var experiment = SourceExperiment(id: id, name: id)
        do {
            let meta = try MetaFile(contentsOf: directory.appending(path: "meta.yaml"))
            experiment.id = meta["experiment_id"] ?? id
            experiment.name = meta["name"] ?? id
            experiment.createdAt = meta.time("creation_time")
            experiment.updatedAt = meta.time("last_update_time")
            if meta["lifecycle_stage"] == "deleted" {
                experiment.deletedAt = experiment.updatedAt ?? experiment.createdAt ?? .now
            }
            if let place = meta["artifact_location"] {
                experiment.origin["artifact_location"] = .string(place)
            }
        } catch {
            // A directory without runs is no experiment at all.
            guard hasRuns(directory) else { return }
            notes.change(
                "experiment", "it is named after its directory: its meta.yaml cannot be read", id)
        }
        for (name, file) in FileTree.files(below: directory.appending(path: "tags"), &notes) {
            experiment.tags[name] = try? FileTree.text(of: file)
        }
        experiment.description = experiment.tags["mlflow.note.content"]
        addRuns(of: &experiment, in: directory)
        experiments.append(experiment)
    }

    private func hasRuns(_ directory: URL) -> Bool {
        FileTree.names(in: directory).contains {
            FileTree.isFile(directory.appending(path: "\($0)/meta.yaml"))
        }
    }

    private mutating func addRuns(of experiment: inout SourceExperiment, in directory: URL) {
        for name in FileTree.names(in: directory) where !Self.others.contains(name) {
            let run = directory.appending(path: name)
            guard FileTree.isDirectory(run) else { continue }
            guard FileTree.isFile(run.appending(path: "meta.yaml")) else {
                notes.leave("run", "it has no meta.yaml", name)
                continue
            }
            let parent = try? FileTree.text(
                of: run.appending(path: "tags/mlflow.parentRunId"), limit: 1024)
            add(
                run, SourceRunReference(id: name, parent: parent?.trimmed), to: &experiment)
        }
        let models = directory.appending(path: "models")
        for name in FileTree.names(in: models) {
            let model = models.appending(path: name)
            guard let meta = try? MetaFile(contentsOf: model.appending(path: "meta.yaml")) else {
                continue
            }
            add(
                model,
                SourceRunReference(id: name, parent: meta["source_run_id"], kind: .loggedModel),
                to: &experiment)
        }
    }

    private mutating func add(
        _ directory: URL, _ reference: SourceRunReference, to experiment: inout SourceExperiment
    ) {
        var reference = reference
        reference.position = Int64(directories.count)
        directories.append(directory)
        experiment.runs.append(reference)
    }
}
