import Foundation
import MLOpsCore

/// One database of Trackio.
struct TrackioProject: Sendable {
    let name: String
    let database: ForeignDatabase
    let files: TrackioFiles
    /// The column that tells runs apart: older databases have names alone.
    let key: String
    private let configKey: String?
    private let systemKey: String?
    let alertKey: String
    let hasAlerts: Bool
    let hasArtifacts: Bool

    /// - Throws: ``ImportSourceError`` for a database of another program.
    init(_ file: URL) throws {
        name = file.deletingPathExtension().lastPathComponent
        database = try ForeignDatabase(file)
        let columns = try database.columns(of: "metrics")
        guard columns.isSuperset(of: ["id", "timestamp", "run_name", "step", "metrics"]) else {
            throw ImportSourceError(
                .anotherKind,
                "\(file.path) is not a database of Trackio: its table `metrics` is "
                    + "missing, or has other columns.")
        }
        key = columns.contains("run_id") ? "run_id" : "run_name"
        configKey = try Self.key(of: "configs", "config", in: database)
        systemKey = try Self.key(of: "system_metrics", "metrics", in: database)
        let alerts = try database.columns(of: "alerts")
        hasAlerts = alerts.isSuperset(of: ["title", "run_name"])
        alertKey = alerts.contains("run_id") ? "run_id" : "run_name"
        hasArtifacts = try database.columns(of: "artifact_versions")
            .isSuperset(of: ["artifact_id", "version", "manifest", "producer_run_id"])
        files = TrackioFiles(beside: file)
    }

    private static func key(
        of table: String, _ column: String, in database: ForeignDatabase
    ) throws -> String? {
        let columns = try database.columns(of: table)
        guard columns.isSuperset(of: ["run_name", column]) else { return nil }
        return columns.contains("run_id") ? "run_id" : "run_name"
    }

    func experiment(at index: Int, _ notes: inout ImportNotes) throws -> SourceExperiment {
        var experiment = SourceExperiment(id: name, name: name)
        var seen: Set<String> = []
        func add(_ id: String) {
            if seen.insert(id).inserted {
                experiment.runs.append(
                    SourceRunReference(
                        // Only names repeat from project to project.
                        id: id, scope: key == "run_id" ? nil : name, position: Int64(index)))
            }
        }
        if database.isTruncated { notes.leave("file", "it ends too early", database.path) }
        do {
            try database.rows(
                "SELECT \(key), min(id) FROM metrics GROUP BY \(key) ORDER BY 2"
            ) { row in if let id = row.text(0) { add(id) } }
        } catch let error as ImportSourceError where error.kind == .damaged {
            // Row by row, those before the damage are found.
            try database.asFarAsReadable("run", &notes) {
                try database.rows("SELECT \(key) FROM metrics ORDER BY id") { row in
                    if let id = row.text(0) { add(id) }
                }
            }
        }
        if let configKey, configKey == key {
            try database.asFarAsReadable("configuration", &notes) {
                try database.rows("SELECT \(configKey) FROM configs ORDER BY id") { row in
                    if let id = row.text(0) { add(id) }
                }
            }
        }
        try database.asFarAsReadable("time", &notes) {
            try database.rows("SELECT min(timestamp) FROM metrics") { row in
                experiment.createdAt = row.text(0).flatMap { TimeText.date($0) }
            }
        }
        return experiment
    }

    func run(_ id: String, _ notes: inout ImportNotes) throws -> SourceRun {
        var run = SourceRun(name: id, status: .completed)
        try database.asFarAsReadable("time", &notes) {
            try database.rows(
                """
                SELECT max(run_name), min(timestamp), max(timestamp) FROM metrics WHERE \(key) = ?
                """, .text(id)
            ) { row in
                run.name = row.text(0)
                run.startedAt = row.text(1).flatMap { TimeText.date($0) }
                run.completedAt = row.text(2).flatMap { TimeText.date($0) }
            }
        }
        notes.change("run", "its end is not recorded; it is completed at its last point")
        run.origin["project"] = .string(name)
        try readFiles(of: id, into: &run, &notes)
        guard let configKey else { return run }
        var config: String?
        try database.asFarAsReadable("configuration", &notes) {
            try database.rows(
                "SELECT config, run_name FROM configs WHERE \(configKey) = ?", .text(id)
            ) { row in
                config = row.text(0)
                run.name = run.name ?? row.text(1)
            }
        }
        guard let config else { return run }
        guard let document = (try? JSONValue(parsing: config))?.object else {
            notes.leave("configuration", "it is not a JSON object that a store takes", id)
            return run
        }
        for (key, value) in document {
            switch key {
            case "_Username": if let text = value.string { run.origin["user"] = .string(text) }
            case "_Group": if let text = value.string { run.tags["group"] = text }
            case "_Created":
                if let date = value.string.flatMap({ TimeText.date($0) }) {
                    run.startedAt = min(run.startedAt ?? date, date)
                }
            default: run.parameters[key] = value
            }
        }
        return run
    }

    private static let pageSize: Int64 = 5000

    /// Hands over the numbers of the rows of a run, a page at a time.
    func readPoints(
        of id: String, isSystem: Bool, _ notes: inout ImportNotes,
        _ body: (SourcePoint) throws -> Void
    ) throws {
        guard let key = isSystem ? systemKey : key else { return }
        let table = isSystem ? "system_metrics" : "metrics"
        let step = isSystem ? "0" : "step"
        let sql = """
            SELECT id, \(step), timestamp, metrics FROM \(table)
            WHERE \(key) = ? AND (\(step) > ? OR (\(step) = ? AND id > ?))
            ORDER BY \(isSystem ? "" : "step, ")id LIMIT ?
            """
        var last: (step: Int64, id: Int64) = (.min, .min)
        var (names, number) = (NameCache(), Int64(0))
        while true {
            var page: [SourcePoint] = []
            var rows = 0
            let after = last
            try database.rows(
                sql, .text(id), .integer(after.step), .integer(after.step), .integer(after.id),
                .integer(Self.pageSize)
            ) { row in
                rows += 1
                last = (row.integer(1) ?? last.step, row.integer(0) ?? last.id)
                guard let time = row.text(2).flatMap({ TimeText.date($0) }) else {
                    notes.leave("row", "its time cannot be read", "\(table) \(last.id)")
                    return
                }
                let step = isSystem ? number : last.step
                number += 1
                Self.read(
                    row.bytes(3), isSystem ? "system/" : "", step, time, "\(table) \(last.id)",
                    &names, into: &page, &notes)
            }
            for point in page { try body(point) }
            // A step that is no integer would lead to the same page again.
            guard rows > 0, last > after else { return }
        }
    }

    private static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ prefix: String, _ step: Int64, _ time: Date,
        _ place: String, _ names: inout NameCache, into page: inout [SourcePoint],
        _ notes: inout ImportNotes
    ) {
        let isValid = JSONNumbers.read(bytes, names: &names) { name, value in
            page.append(
                SourcePoint(
                    prefix.isEmpty ? name : prefix + name, value, step: step, at: time))
        } other: { name, other in
            switch other {
            case .null: break
            case .text: notes.leave("value", "it is text and not a number", name)
            case .bool: notes.leave("value", "it is a truth value and not a number", name)
            case .array: notes.leave("value", "it is a list and not a number", name)
            case .typed(let type, _) where prefix.isEmpty && recordTypes.contains(type): break
            case .typed(let type, _):
                notes.leave("value", "it is an object of type \(type.prefix(40))", name)
            }
        }
        if !isValid { notes.leave("row", "its JSON is damaged", place) }
    }
}
