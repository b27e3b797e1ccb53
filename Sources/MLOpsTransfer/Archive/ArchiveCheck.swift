import Foundation
import MLOpsCore

/// Reads every row of an archive before one is stored, and refuses what no export writes.
///
/// A row may refer only to rows that precede it in the archive: no cycle, and nothing elsewhere.
struct ArchiveCheck {
    /// What is known of a whole archive.
    struct Index: Sendable {
        var project = Identifier<Project>.unassigned
        var people: [ArchivePerson] = []
        var models: Set<Identifier<Model>> = []
        var experiments: Set<Identifier<Experiment>> = []
        var runs: Set<Identifier<ExperimentRun>> = []
        var versions: Set<Identifier<ModelVersion>> = []
        var deployments: Set<Identifier<Deployment>> = []
        var alerts: Set<Identifier<Alert>> = []
        /// The ids of rows that other rows, or documents, may name.
        var names: Set<UUID> = []
        /// The ids of deletions, which rows share.
        var deletions: Set<UUID> = []
        /// Where the groups of each file begin: a row with what hangs below it.
        var groups: [ArchiveLayout.RowFile: [UInt64]] = [:]
    }

    private(set) var index = Index()
    private var people: Set<String> = []
    private var place = ""
    private var deployment: Identifier<Deployment>?
    private var hasRun = false

    /// Reads the files of rows in a directory.
    ///
    /// - Throws: ``ImportSourceError``.
    mutating func read(_ directory: URL) throws {
        for file in ArchiveLayout.RowFile.allCases {
            var lines = LineReader(
                try ByteReader(directory.appending(path: file.rawValue)),
                longest: ArchiveLayout.maximumBytes)
            var number = 0
            while true {
                let position = lines.position
                guard let line = try lines.line() else { break }
                number += 1
                place = "line \(number) of \(file.rawValue)"
                let isHead = try take(ArchiveLine(line, place), in: file)
                if isHead { index.groups[file, default: []].append(position) }
            }
        }
        guard !index.project.isUnassigned else {
            throw ImportSourceError.damaged(ArchiveLayout.RowFile.project.rawValue, "is empty")
        }
    }

    /// - Returns: Whether the line begins a group.
    private mutating func take(
        _ line: ArchiveLine, in file: ArchiveLayout.RowFile
    ) throws -> Bool {
        switch (line.kind, file) {
        case (.project, .project): try take(project: line)
        case (.person, .people): try take(person: line)
        case (.model, .models): try take(model: line)
        case (.experiment, .experiments): try take(experiment: line)
        case (.run, .runs): try take(run: line)
        case (.points, .runs):
            _ = try ArchivePoints(json: line.row, of: place)
            try require(hasRun)
            return false
        case (.version, .versions): try take(version: line)
        case (.deployment, .deployments): try take(deployment: line)
        case (.change, .deployments):
            let entry = try row(line, DeploymentHistoryEntry.self)
            try require(
                entry.deploymentID == deployment && index.versions.contains(entry.modelVersionID)
                    && entry.previousModelVersionID.map(index.versions.contains) ?? true)
            try name(entry.id)
            return false
        case (.measurement, .deployments):
            try require(try row(line, ModelMonitoring.self).deploymentID == deployment)
            return false
        case (.driftReport, .deployments):
            let report = try row(line, DataDriftReport.self)
            try require(report.deploymentID == deployment)
            try name(report.id)
            return false
        case (.alert, .alerts): try take(alert: line)
        default: throw ImportSourceError.damaged(place, "is of a kind that belongs elsewhere")
        }
        return true
    }

    private mutating func take(project line: ArchiveLine) throws {
        let project = try row(line, Project.self)
        guard index.project.isUnassigned, project.deletedAt == nil else {
            throw ImportSourceError.damaged(place, "is a second project, or a deleted one")
        }
        index.project = project.id
    }

    private mutating func take(person line: ArchiveLine) throws {
        guard let person = ArchivePerson(line.row), people.insert(person.id.description).inserted
        else { throw ImportSourceError.damaged(place, "is no person, or one for the second time") }
        index.people.append(person)
    }

    private mutating func take(model line: ArchiveLine) throws {
        let model = try row(line, Model.self)
        try require(model.projectID == index.project)
        try name(model.id, model.deletionID)
        index.models.insert(model.id)
    }

    private mutating func take(experiment line: ArchiveLine) throws {
        let experiment = try row(line, Experiment.self)
        try require(
            experiment.projectID == index.project
                && experiment.modelID.map(index.models.contains) ?? true)
        try name(experiment.id, experiment.deletionID)
        index.experiments.insert(experiment.id)
    }

    private mutating func take(run line: ArchiveLine) throws {
        let run = try row(line, ExperimentRun.self)
        try require(
            index.experiments.contains(run.experimentID)
                && run.parentRunID.map(index.runs.contains) ?? true)
        try name(run.id, run.deletionID)
        index.runs.insert(run.id)
        hasRun = true
    }

    private mutating func take(version line: ArchiveLine) throws {
        let version = try row(line, ModelVersion.self)
        try require(
            index.models.contains(version.modelID)
                && version.sourceRunID.map(index.runs.contains) ?? true)
        try name(version.id, version.deletionID)
        index.versions.insert(version.id)
    }

    private mutating func take(deployment line: ArchiveLine) throws {
        let row = try row(line, Deployment.self)
        try require(
            row.projectID == index.project && index.versions.contains(row.modelVersionID))
        try name(row.id, row.deletionID)
        index.deployments.insert(row.id)
        deployment = row.id
    }

    private mutating func take(alert line: ArchiveLine) throws {
        let alert = try row(line, Alert.self)
        try require(
            alert.projectID == index.project
                && alert.deploymentID.map(index.deployments.contains) ?? true
                && alert.deliveries.isEmpty && alert.nextDeliveryAt == nil)
        try name(alert.id)
        index.alerts.insert(alert.id)
    }

    // MARK: Checks of every row

    private func row<Record: Entity>(
        _ line: ArchiveLine, _ type: Record.Type
    ) throws -> Record {
        for column in ArchivePeople.columns {
            switch line.row[column] {
            case nil, .null: continue
            case .string(let id) where people.contains(id): continue
            default: throw ImportSourceError.damaged(place, "names a person who is not in it")
            }
        }
        do {
            return try Historical<Record>(json: line.row).record
        } catch let error as StoreError {
            throw ImportSourceError.damaged(place, "is no row of a store (\(error.message))")
        }
    }

    private func require(_ isInside: Bool) throws {
        guard isInside else {
            throw ImportSourceError.damaged(
                place, "refers to a row that does not precede it in the archive")
        }
    }

    private mutating func name<Record>(
        _ id: Identifier<Record>, _ deletion: Identifier<Deletion>? = nil
    ) throws {
        guard index.names.insert(id.uuid).inserted, id.uuid != index.project.uuid else {
            throw ImportSourceError.damaged(place, "has an id that occurred before")
        }
        if let deletion { index.deletions.insert(deletion.uuid) }
    }
}

/// One line of a file of rows.
struct ArchiveLine {
    let kind: ArchiveLayout.Kind
    let row: JSONValue

    /// Reads a line.
    ///
    /// - Throws: ``ImportSourceError``.
    init(_ line: ArraySlice<UInt8>, _ place: String) throws {
        let json = try? JSONValue(
            parsing: Data(line), maximumBytes: ArchiveLayout.maximumBytes,
            maximumDepth: ArchiveLayout.maximumDepth)
        guard let members = json?.object, members.count == 1, let member = members.first,
            let kind = ArchiveLayout.Kind(rawValue: member.key)
        else { throw ImportSourceError.damaged(place, "is no line that an export writes") }
        self.kind = kind
        row = member.value
    }
}

/// Somebody whom rows name.
struct ArchivePerson: Sendable {
    let id: Identifier<User>
    let email: String?

    init?(_ json: JSONValue) {
        guard let text = json["id"]?.string, let id = Identifier<User>(text),
            id.description == text
        else { return nil }
        self.id = id
        email = json["email"]?.string
    }
}
