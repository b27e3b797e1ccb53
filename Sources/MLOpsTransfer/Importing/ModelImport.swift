import Foundation
import MLOpsCore

/// Takes one registered model with its versions, in one transaction.
struct ModelImport: Sendable {
    let model: SourceModel
    let site: ImportTarget

    private var rules: TextRules { TextRules(subject: "model", example: model.name) }

    /// - Parameter tx: `nil` if nothing exists and nothing is to be made.
    func perform(in tx: (any Transaction)?) throws -> ImportOutcome {
        var outcome = ImportOutcome()
        let name = TextRules.name(model.name, or: "model", of: "model", &outcome.notes)
        let id = site.map.model(model.name)
        let found = try find(id, name, in: tx)
        guard let found else {
            outcome.taken.models = 1
            let versions = try versions(of: id, in: tx, &outcome)
            try insert(id, name, aliases(versions, &outcome.notes), in: tx, &outcome.notes)
            if !site.isDryRun, let tx {
                try tx.modelVersions.insert(history: versions.map(\.row))
            }
            return outcome
        }
        outcome.present.models = 1
        guard found.deletedAt == nil else {
            outcome.notes.leave("model", "it is deleted here; restore it first", model.name)
            return outcome
        }
        let versions = try versions(of: found.id, in: tx, &outcome)
        if !site.isDryRun, let tx, !versions.isEmpty {
            try tx.modelVersions.insert(history: versions.map(\.row))
        }
        try setAliases(of: found, versions, in: tx, &outcome.notes)
        return outcome
    }

    /// Sets aliases of new versions that are not set here.
    ///
    /// One of a version that was there before may have been removed here on purpose.
    private func setAliases(
        of found: Model, _ new: [Version], in tx: (any Transaction)?, _ notes: inout ImportNotes
    ) throws {
        for (alias, name) in model.aliases.sorted(by: { $0.key < $1.key }) {
            let version = new.first { $0.source.version == name && $0.source.deletedAt == nil }
            if let own = found.aliases[alias] {
                if own != version?.id, own != site.map.version(name, of: model.name) {
                    notes.leave(
                        "alias", "it names another version here, which stays",
                        "\(alias) of \(model.name)")
                }
            } else if let version {
                guard !site.isDryRun, let tx else { continue }
                do {
                    try tx.models.setAlias(alias, to: version.id, of: found.id)
                } catch let error as StoreError where error.code == .invalidValue {
                    notes.leave("alias", error.message, "\(alias) of \(model.name)")
                }
            } else {
                notes.leave(
                    "alias", "its version was there before it; set it here",
                    "\(alias) of \(model.name)")
            }
        }
    }

    private func find(
        _ id: Identifier<Model>, _ name: String, in tx: (any Transaction)?
    ) throws -> Model? {
        guard let tx, !site.project.isUnassigned else { return nil }
        let query = Query<Model>(where: { $0.id == id }, limit: 1, deleted: .included)
        if let found = try tx.models.page(query).first { return found }
        return try tx.models.named(name, in: site.project)
    }

    private func insert(
        _ id: Identifier<Model>, _ name: String, _ aliases: [String: JSONValue],
        in tx: (any Transaction)?, _ notes: inout ImportNotes
    ) throws {
        let made = rules.time(model.createdAt, "created", &notes) ?? .now
        var metadata: [String: JSONValue] = [
            "imported": ["source": .string(site.map.program), "name": .string(model.name)]
        ]
        if !model.tags.isEmpty {
            metadata["tags"] = .object(model.tags.mapValues { .string(rules.text($0, &notes)) })
        }
        var row = Historical(
            Model(
                id: id, project: site.project, name: name,
                description: model.description.map { rules.text($0, &notes) },
                metadata: .object(metadata), createdAt: made))
        let updated = rules.time(model.updatedAt, "updated", &notes) ?? made
        try row.set({ $0.updatedAt }, to: max(updated, made))
        row.set({ $0.aliases }, to: .object(aliases))
        if !site.isDryRun, let tx { try tx.models.insert(history: [row]) }
    }

    /// The ids of versions by alias; one that names no live version is left.
    private func aliases(
        _ versions: [Version], _ notes: inout ImportNotes
    ) -> [String: JSONValue] {
        var aliases: [String: JSONValue] = [:]
        for (alias, version) in model.aliases {
            guard
                let found = versions.first(where: { $0.source.version == version }),
                found.source.deletedAt == nil
            else {
                notes.leave("alias", "it names a version that is not there", alias)
                continue
            }
            do {
                aliases[try ModelAliases.checked(alias)] = .string(found.id.description)
            } catch {
                notes.leave("alias", error.message, "\(alias) of \(model.name)")
            }
        }
        return aliases
    }

    // MARK: Versions

    private struct Version {
        let id: Identifier<ModelVersion>
        let source: SourceModelVersion
        let row: Historical<ModelVersion>
    }

    /// The versions that the model does not have yet.
    private func versions(
        of owner: Identifier<Model>, in tx: (any Transaction)?, _ outcome: inout ImportOutcome
    ) throws -> [Version] {
        var present: (ids: Set<Identifier<ModelVersion>>, names: Set<String>, numbers: Set<Int>) =
            ([], [], [])
        try tx?.modelVersions.forEach(
            Query(where: { $0.modelID == owner }, deleted: .included)
        ) { version in
            present.ids.insert(version.id)
            if version.deletedAt == nil { present.names.insert(version.version) }
            present.numbers.insert(version.number)
            return true
        }
        var versions: [Version] = []
        for source in model.versions {
            let id = site.map.version(source.version, of: model.name)
            if present.ids.contains(id) {
                outcome.present.modelVersions += 1
                continue
            }
            guard source.deletedAt != nil || !present.names.contains(source.version) else {
                outcome.present.modelVersions += 1
                outcome.notes.leave(
                    "model version", "the model has another version of this name",
                    "\(model.name) \(source.version)")
                continue
            }
            let number = source.number.flatMap { present.numbers.insert($0).inserted ? $0 : nil }
            let row = try row(source, id, of: owner, number, in: tx, &outcome.notes)
            versions.append(Version(id: id, source: source, row: row))
        }
        outcome.taken.modelVersions = versions.count
        return versions
    }

    private func row(
        _ source: SourceModelVersion, _ id: Identifier<ModelVersion>, of owner: Identifier<Model>,
        _ number: Int?, in tx: (any Transaction)?, _ notes: inout ImportNotes
    ) throws -> Historical<ModelVersion> {
        let made = rules.time(source.createdAt, "created", &notes) ?? .now
        let run = try sourceRun(source, in: tx, &notes)
        var row = Historical(
            ModelVersion(
                id: id, model: owner, version: source.version, sourceRun: run,
                artifactURI: source.artifactURI.map { rules.text($0, &notes) },
                description: source.description.map { rules.text($0, &notes) },
                tags: source.tags.mapValues { rules.text($0, &notes) }, createdAt: made))
        if let number, number > 0 { try row.set({ $0.number }, to: number) }
        try row.set({ $0.stage }, to: try stage(of: source, owner, in: tx, &notes))
        let updated = rules.time(source.updatedAt, "updated", &notes) ?? made
        try row.set({ $0.updatedAt }, to: max(updated, made))
        if let deleted = rules.time(source.deletedAt, "deleted", &notes) {
            try row.set({ $0.deletedAt }, to: deleted)
            try row.set({ $0.deletionID }, to: site.map.deletion(of: id))
        }
        return row
    }

    /// The stage of a version; a stage whose gates the model has here is not entered past them.
    private func stage(
        of source: SourceModelVersion, _ owner: Identifier<Model>, in tx: (any Transaction)?,
        _ notes: inout ImportNotes
    ) throws -> ModelStage {
        guard ![.development, .archived].contains(source.stage), let tx,
            try tx.models.findIfExists(owner) != nil,
            try tx.models.promotionPolicy(for: source.stage, of: owner) != nil
        else { return source.stage }
        notes.change(
            "model version",
            "it is in \(source.stage.rawValue) there, which has gates here: it is "
                + "in development until it is promoted", "\(model.name) \(source.version)")
        return .development
    }

    /// The run that produced a version, if it is there.
    private func sourceRun(
        _ source: SourceModelVersion, in tx: (any Transaction)?, _ notes: inout ImportNotes
    ) throws -> Identifier<ExperimentRun>? {
        guard let name = source.run, !site.isDryRun, let tx else { return nil }
        let id = site.map.run(name)
        if try tx.runs.page(.any(id)).first != nil { return id }
        notes.change(
            "model version", "the run that it came from is not there",
            "\(model.name) \(source.version): \(name)")
        return nil
    }
}
