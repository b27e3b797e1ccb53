import Foundation
import MLOpsCore

extension MLflowSource {
    func trackedRun(
        _ reference: SourceRunReference, _ notes: inout ImportNotes
    ) throws -> SourceRun {
        var run = SourceRun(status: .completed)
        var place: String?
        let columns = [
            "name", "status", "start_time", "end_time", "lifecycle_stage", "deleted_time",
            "artifact_uri", "user_id", "source_type", "source_name", "source_version",
            "entry_point_name", "experiment_id",
        ].map { schema.column($0, of: "runs") }.joined(separator: ", ")
        try database.rows(
            "SELECT \(columns) FROM runs WHERE rowid = ?", .integer(reference.position)
        ) { row in
            run.name = row.text(0).flatMap { $0.isEmpty ? nil : $0 }
            run.status = MLflowStatus.status(named: row.text(1) ?? "")
            run.startedAt = row.milliseconds(2)
            run.completedAt = row.milliseconds(3)
            if row.text(4) == "deleted" {
                run.deletedAt = row.milliseconds(5) ?? run.completedAt ?? run.startedAt ?? .now
            }
            place = row.text(6)
            for (column, name) in [
                (6, "artifact_uri"), (7, "user"), (8, "source_type"), (9, "source_name"),
                (10, "source_version"), (11, "entry_point"), (12, "experiment_id"),
            ] {
                if let text = row.text(Int32(column)), !text.isEmpty {
                    run.origin[name] = .string(text)
                }
            }
        }
        run.parameters = try pairs("params", of: reference.id).mapValues(JSONValue.string)
        run.tags = try pairs("tags", of: reference.id)
        run.name = run.name ?? run.tags["mlflow.runName"]
        let dataSets = try dataSets(of: reference.id, &notes)
        if !dataSets.isEmpty { run.origin["datasets"] = .array(dataSets) }
        if let place {
            run.artifacts = artifacts.files(
                at: place, experiment: run.origin["experiment_id"]?.string, run: reference.id,
                &notes)
        }
        return run
    }

    private func pairs(_ table: String, of run: String) throws -> [String: String] {
        var pairs: [String: String] = [:]
        try database.rows(
            "SELECT key, value FROM \(table) WHERE run_uuid = ?", .text(run)
        ) { row in
            if let key = row.text(0) { pairs[key] = row.text(1) ?? "" }
        }
        return pairs
    }

    func loggedModel(
        _ reference: SourceRunReference, _ notes: inout ImportNotes
    ) throws -> SourceRun {
        var run = SourceRun(status: .completed)
        var (place, experiment): (String?, String?)
        try database.rows(
            """
            SELECT name, status, creation_timestamp_ms, last_updated_timestamp_ms,
                lifecycle_stage, artifact_location, model_type, status_message, experiment_id,
                source_run_id
            FROM logged_models WHERE rowid = ?
            """, .integer(reference.position)
        ) { row in
            run.name = row.text(0)
            run.status = MLflowStatus.status(ofModel: row.integer(1) ?? 0)
            run.startedAt = row.milliseconds(2)
            let updated = row.milliseconds(3)
            if !run.status.isUnderWay { run.completedAt = updated }
            if row.text(4) == "deleted" { run.deletedAt = updated ?? .now }
            (place, experiment) = (row.text(5), row.text(8))
            if run.status == .failed { run.errorMessage = row.text(7) }
            for (column, name) in [
                (5, "artifact_uri"), (6, "model_type"), (7, "status_message"),
                (8, "experiment_id"), (9, "source_run_id"),
            ] {
                if let text = row.text(Int32(column)), !text.isEmpty {
                    run.origin[name] = .string(text)
                }
            }
        }
        for (table, prefix) in [("logged_model_params", "param"), ("logged_model_tags", "tag")]
        where schema.has(table) {
            var pairs: [String: String] = [:]
            try database.rows(
                "SELECT \(prefix)_key, \(prefix)_value FROM \(table) WHERE model_id = ?",
                .text(reference.id)
            ) { row in
                if let key = row.text(0) { pairs[key] = row.text(1) ?? "" }
            }
            if prefix == "tag" {
                run.tags = pairs
            } else {
                run.parameters = pairs.mapValues(JSONValue.string)
            }
        }
        if let place {
            run.artifacts = artifacts.files(
                at: place, experiment: experiment, run: reference.id, &notes)
        }
        return run
    }

    // MARK: Data sets

    /// The data sets of a run, each as a document.
    private func dataSets(
        of run: String, _ notes: inout ImportNotes
    ) throws -> [JSONValue] {
        guard schema.has("inputs"), schema.has("datasets") else { return [] }
        var found: [(input: String, document: [String: JSONValue])] = []
        var cut = 0
        try database.rows(
            """
            SELECT i.input_uuid, d.name, d.digest, d.dataset_source_type, d.dataset_source,
                d.dataset_schema, d.dataset_profile
            FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
            WHERE i.destination_type = 'RUN' AND i.destination_id = ?
                AND i.source_type = 'DATASET'
            ORDER BY i.rowid
            """, .text(run)
        ) { row in
            var document: [String: JSONValue] = [:]
            for (column, name) in [
                (1, "name"), (2, "digest"), (3, "source_type"), (4, "source"), (5, "schema"),
                (6, "profile"),
            ] {
                guard let text = row.text(Int32(column)) else { continue }
                if text.utf8.count > Self.largestText {
                    cut += 1
                } else {
                    document[name] = .string(text)
                }
            }
            found.append((row.text(0) ?? "", document))
        }
        if cut > 0 {
            notes.leave(
                "text of a data set", "it is larger than 64 KiB", run, count: cut)
        }
        guard schema.has("input_tags") else { return found.map { .object($0.document) } }
        return try found.map { input, document in
            var tags: [String: JSONValue] = [:]
            try database.rows(
                "SELECT name, value FROM input_tags WHERE input_uuid = ?", .text(input)
            ) { row in
                if let name = row.text(0) { tags[name] = .string(row.text(1) ?? "") }
            }
            return .object(
                tags.isEmpty ? document : document.merging(["tags": .object(tags)]) { $1 })
        }
    }

    private static var largestText: Int { 64 << 10 }
}

/// The states of MLflow.
enum MLflowStatus {
    /// The state of a run by its name.
    static func status(named name: String) -> RunStatus {
        switch name {
        case "RUNNING": .running
        case "SCHEDULED": .queued
        case "FAILED": .failed
        case "KILLED": .cancelled
        default: .completed
        }
    }

    /// The state of a run by its number, as directories of runs have it.
    static func status(numbered number: Int64) -> RunStatus {
        switch number {
        case 1: .running
        case 2: .queued
        case 4: .failed
        case 5: .cancelled
        default: .completed
        }
    }

    /// The state of a logged model by its number.
    static func status(ofModel number: Int64) -> RunStatus {
        switch number {
        case 1: .running
        case 3: .failed
        default: .completed
        }
    }

    /// The state of a logged model by its name, as a server has it.
    static func status(ofModel name: String?) -> RunStatus {
        switch name {
        case "LOGGED_MODEL_PENDING": .running
        case "LOGGED_MODEL_UPLOAD_FAILED": .failed
        default: .completed
        }
    }

    /// The stage of a version; `nil` for one that MLflow has deleted.
    static func stage(named name: String) -> ModelStage? {
        switch name.lowercased() {
        case "staging": .staging
        case "production": .production
        case "archived": .archived
        case "deleted_internal": nil
        default: .development
        }
    }
}
