import Foundation
import MLOpsCore

/// Writes the rows of a project, as one transaction sees them, into files of lines.
struct ProjectRows {
    /// What was written.
    struct Outcome: Sendable {
        var project = ""
        var files: [ArchiveManifest.File] = []
        var counts = ImportReport.Counts()
        /// The artifacts of the runs, one for each hash.
        var artifacts: [String: Artifact] = [:]
        var notes = ImportNotes()
    }

    let tx: any Transaction
    let id: Identifier<Project>
    let directory: URL
    let progress: @Sendable (ImportProgress) -> Void

    private var outcome = Outcome()
    private var visible: [String: User] = [:]
    private var people: Set<String> = []
    private var models: [Identifier<Model>] = []
    private var experiments: [Identifier<Experiment>] = []
    private var runs: Set<Identifier<ExperimentRun>> = []
    private var versions: Set<Identifier<ModelVersion>> = []
    private var deployments: Set<Identifier<Deployment>> = []

    init(
        of id: Identifier<Project>, in tx: any Transaction, directory: URL,
        progress: @escaping @Sendable (ImportProgress) -> Void
    ) {
        self.tx = tx
        self.id = id
        self.directory = directory
        self.progress = progress
    }

    mutating func write() throws -> Outcome {
        let project = try tx.projects.find(id)
        outcome.project = project.name
        try tx.users.forEach(Query(deleted: .included)) { user in
            visible[user.id.description] = user
            return true
        }
        for file in ArchiveLayout.RowFile.allCases where file != .people {
            try write(file, of: project)
        }
        // All rows have named theirs by now.
        try write(.people, of: project)
        return outcome
    }

    private mutating func write(_ file: ArchiveLayout.RowFile, of project: Project) throws {
        let writer = try RowWriter(file, in: directory)
        switch file {
        case .project: try writer.add(.project, row(Historical(project)))
        case .people: try writePeople(to: writer)
        case .models: try writeModels(to: writer)
        case .experiments: try writeExperiments(to: writer)
        case .runs: try writeRuns(to: writer)
        case .versions: try writeVersions(to: writer)
        case .deployments: try writeDeployments(to: writer)
        case .alerts: try writeAlerts(to: writer)
        }
        outcome.files.append(try writer.finish())
    }
}

extension ProjectRows {
    /// The JSON of a row; the people that it names become part of the archive.
    private mutating func row<Record>(_ row: Historical<Record>) throws -> JSONValue {
        let json = try row.json()
        for column in ArchivePeople.columns {
            if let id = json[column]?.string { people.insert(id) }
        }
        ArchivePeople.forEachText(of: json) { if visible[$0] != nil { people.insert($0) } }
        return json
    }

    private mutating func writePeople(to file: RowWriter) throws {
        for id in people.sorted() {
            let user = visible[id]
            try file.add(
                .person,
                [
                    "id": .string(id), "email": user.map { .string($0.email) } ?? .null,
                    "name": user.map { .string("\($0.firstName) \($0.lastName)") } ?? .null,
                ])
        }
    }

    private mutating func writeModels(to file: RowWriter) throws {
        let id = id
        try tx.models.forEach(Query(where: { $0.projectID == id }, deleted: .included)) { model in
            models.append(model.id)
            outcome.counts.models += 1
            try file.add(.model, row(Historical(model)))
            return true
        }
    }

    private mutating func writeExperiments(to file: RowWriter) throws {
        let (id, models) = (id, Set(models))
        let query = Query<Experiment>(where: { $0.projectID == id }, deleted: .included)
        try tx.experiments.forEach(query) { experiment in
            experiments.append(experiment.id)
            outcome.counts.experiments += 1
            var historical = Historical(experiment)
            if let model = experiment.modelID, !models.contains(model) {
                try historical.set({ $0.modelID }, to: nil)
                outcome.notes.change(
                    "experiment", "its model is of another project", experiment.name)
            }
            try file.add(.experiment, row(historical))
            return true
        }
    }

    // MARK: Runs

    /// Writes the runs of each experiment so that parents precede their children.
    private mutating func writeRuns(to file: RowWriter) throws {
        let ordered = try experiments.flatMap(orderedRuns)
        let meter = ProgressMeter(totalRuns: ordered.count, report: progress)
        for start in stride(from: 0, to: ordered.count, by: Self.page) {
            let ids = Array(ordered[start..<min(start + Self.page, ordered.count)])
            let query = Query<ExperimentRun>(
                where: { $0.id.isIn(ids) && $0.kind.isIn(RunKind.allCases) },
                limit: Self.page, deleted: .included)
            let found = Dictionary(
                uniqueKeysWithValues: try tx.runs.page(query).map { ($0.id, $0) })
            for id in ids { if let run = found[id] { try write(run, to: file, meter) } }
        }
    }

    /// Few rows, which may be large, at once.
    private static let page = 50

    private func orderedRuns(
        of experiment: Identifier<Experiment>
    ) throws -> [Identifier<ExperimentRun>] {
        var parents: [Identifier<ExperimentRun>: Identifier<ExperimentRun>?] = [:]
        let query = Query<ExperimentRun>(
            where: { $0.experimentID == experiment && $0.kind.isIn(RunKind.allCases) },
            deleted: .included)
        try tx.runs.forEach(query) { run in
            parents[run.id] = .some(run.parentRunID)
            return true
        }
        var depths: [Identifier<ExperimentRun>: Int] = [:]
        for run in parents.keys {
            var path = [run]
            while depths[path[path.count - 1]] == nil,
                let parent = parents[path[path.count - 1]] ?? nil, path.count <= parents.count
            { path.append(parent) }
            let depth = depths[path[path.count - 1]] ?? 0
            for (distance, ancestor) in path.reversed().enumerated() {
                depths[ancestor] = depth + distance
            }
        }
        return parents.keys.sorted { (depths[$0] ?? 0, $0) < (depths[$1] ?? 0, $1) }
    }

    private mutating func write(
        _ run: ExperimentRun, to file: RowWriter, _ meter: ProgressMeter
    ) throws {
        try Task.checkCancellation()
        runs.insert(run.id)
        outcome.counts.runs += 1
        for artifact in run.artifacts.values { outcome.artifacts[artifact.sha256] = artifact }
        try file.add(.run, row(Historical(run)))
        var points = ArchivePoints(metric: "")
        var count = 0
        func flush() throws {
            guard !points.points.isEmpty else { return }
            try file.add(.points, points.json())
            count += points.points.count
        }
        try tx.metrics.forEach(Query(where: { $0.runID == run.id }, deleted: .included)) { point in
            if point.metricName != points.metric || points.points.count == ArchiveLayout.batch {
                try flush()
                points = ArchivePoints(metric: point.metricName)
            }
            points.add(point)
            return true
        }
        try flush()
        outcome.counts.points += count
        meter.add(points: count)
        meter.endRun()
    }

    // MARK: Versions, deployments, alerts

    private mutating func writeVersions(to file: RowWriter) throws {
        for model in models {
            let query = Query<ModelVersion>(where: { $0.modelID == model }, deleted: .included)
            try tx.modelVersions.forEach(query) { version in
                versions.insert(version.id)
                outcome.counts.modelVersions += 1
                var historical = Historical(version)
                if let run = version.sourceRunID, !runs.contains(run) {
                    try historical.set({ $0.sourceRunID }, to: nil)
                    outcome.notes.change(
                        "model version", "its run is of another project", version.version)
                }
                try file.add(.version, row(historical))
                return true
            }
        }
    }

    private mutating func writeDeployments(to file: RowWriter) throws {
        let id = id
        var found: [Deployment] = []
        let query = Query<Deployment>(where: { $0.projectID == id }, deleted: .included)
        try tx.deployments.forEach(query) { deployment in
            found.append(deployment)
            return true
        }
        for deployment in found {
            guard versions.contains(deployment.modelVersionID) else {
                outcome.notes.leave(
                    "deployment", "its model is of another project", deployment.name)
                continue
            }
            deployments.insert(deployment.id)
            outcome.counts.deployments += 1
            try file.add(.deployment, row(Historical(deployment)))
            try writeWhatFollows(deployment, to: file)
        }
    }

    private mutating func writeWhatFollows(
        _ deployment: Deployment, to file: RowWriter
    ) throws {
        let id = deployment.id
        try tx.deploymentHistory.forEach(
            Query(where: { $0.deploymentID == id }, deleted: .included)
        ) { entry in
            guard versions.contains(entry.modelVersionID) else {
                outcome.notes.leave(
                    "change", "it is to a version of another project", deployment.name)
                return true
            }
            outcome.counts.changes += 1
            var historical = Historical(entry)
            if let previous = entry.previousModelVersionID, !versions.contains(previous) {
                try historical.set({ $0.previousModelVersionID }, to: nil)
                outcome.notes.change(
                    "change", "it is from a version of another project", deployment.name)
            }
            try file.add(.change, row(historical))
            return true
        }
        try tx.monitoring.forEach(
            Query(where: { $0.deploymentID == id }, deleted: .included)
        ) { measurement in
            outcome.counts.measurements += 1
            try file.add(.measurement, row(Historical(measurement)))
            return true
        }
        try tx.driftReports.forEach(
            Query(where: { $0.deploymentID == id }, deleted: .included)
        ) { report in
            outcome.counts.driftReports += 1
            try file.add(.driftReport, row(Historical(report)))
            return true
        }
    }

    private mutating func writeAlerts(to file: RowWriter) throws {
        let id = id
        try tx.alerts.forEach(Query(where: { $0.projectID == id }, deleted: .included)) { alert in
            outcome.counts.alerts += 1
            var historical = Historical(alert)
            // They name channels and rules, and a due one would be sent from elsewhere.
            historical.set({ $0.deliveries }, to: [])
            try historical.set({ $0.nextDeliveryAt }, to: nil)
            if let deployment = alert.deploymentID, !deployments.contains(deployment) {
                try historical.set({ $0.deploymentID }, to: nil)
                outcome.notes.change("alert", "its deployment is not in the archive", alert.title)
            }
            try file.add(.alert, row(historical))
            return true
        }
    }
}
