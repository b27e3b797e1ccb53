import MLOpsCore

/// The tags of a run as clients of MLflow see them: some of theirs are fields of ours.
enum MLflowTags {
    static let name = "mlflow.runName"
    static let note = "mlflow.note.content"
    static let parent = "mlflow.parentRunId"
    static let user = "mlflow.user"

    /// The tag under which we keep one of theirs.
    static func stored(_ key: String) -> String { key == note ? RunMark.note : key }

    /// Their tags of a run, sorted by key.
    static func of(_ run: ExperimentRun) -> [(key: String, value: String)] {
        var tags = run.tags
        tags[note] = tags.removeValue(forKey: RunMark.note) ?? tags[note]
        tags[name] = run.runName
        if let parent = run.parentRunID { tags[Self.parent] = MLflowSite.wire(parent) }
        return tags.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

extension ExperimentRun {
    /// Sets a tag of theirs.
    ///
    /// - Throws: `MLflowError` for a parent of another experiment.
    mutating func setMLflowTag(_ key: String, to value: String, at site: MLflowSite) throws {
        switch key {
        case MLflowTags.name: runName = value.isEmpty ? runName : value
        case MLflowTags.parent:
            // A parent that is not here stays a tag.
            guard let parent = try? site.run(value), parent.experimentID == experimentID,
                parent.deletedAt == nil
            else { return tags[key] = value }
            parentRunID = parent.id
        default: tags[MLflowTags.stored(key)] = value
        }
    }
}
