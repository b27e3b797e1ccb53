import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsOperations

/// The command `mlops drift report`.
struct DriftReportCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Compare a deployment's data with a reference, and store the report.",
        discussion: """
            The files and methods are those of `mlops drift compare`, and so is exit status 1 \
            when a column has drifted. The report is stored with the deployment, whose policy \
            may then raise an alert: `mlops deployments watch`. Of several methods, each column \
            takes the first that fits it, or psi.

            EXAMPLES:
              mlops drift report api --reference profile.json --current today.csv
              mlops drift report api --reference train.csv --current today.csv \\
                --from 2026-01-05 --to 2026-01-06 --method ks --method chi2
            """)

    @OptionGroup var target: ChangeOptions

    @Option(help: ArgumentHelp("The reference data, or their profile.", valueName: "file"))
    var reference: String

    @Option(help: ArgumentHelp("The data to compare.", valueName: "file"))
    var current: String

    @Option(
        help: ArgumentHelp("When the data begin (default: --to).", valueName: "time"),
        transform: { try Moment($0) })
    var from: Moment?

    @Option(
        help: ArgumentHelp("When the data end (default: now).", valueName: "time"),
        transform: { try Moment($0) })
    var to: Moment?

    @Option(help: ArgumentHelp("A method; may be repeated (default: psi).", valueName: "method"))
    var method: [Choice<DriftMethod>] = []

    @Option(help: ArgumentHelp("The threshold of all methods.", valueName: "number"))
    var threshold: Double?

    @Option(
        help: ArgumentHelp(
            "The share of columns above which the report finds drift.", valueName: "share"))
    var scoreThreshold = 0.3

    @Option(help: ArgumentHelp("The fewest rows that make a report.", valueName: "count"))
    var minimumRows = 100

    @OptionGroup var selection: ColumnOptions

    var options: GlobalOptions { target.options }

    func validate() throws {
        guard threshold?.isNaN != true, !scoreThreshold.isNaN else {
            throw ValidationError("A threshold is a number.")
        }
        if let from, let to, from.date > to.date {
            throw ValidationError("--from is after --to.")
        }
    }

    func run() async throws {
        let profile = try ReferenceFile.reference(reference, selection)
        let detector = try detector(profile)
        let columns = try columns(profile)
        let report = try await Database(options).workspace(target.acting) { workspace in
            let deployment = try await workspace.read { try target.find(in: $0).id }
            let end = to?.date ?? max(workspace.now, from?.date ?? .distantPast)
            let report = try detector.report(
                columns, deployment: deployment, from: from?.date ?? end, to: end)
            guard let report else {
                throw Failure.nothing(
                    "\(current) has fewer than \(Format.count(minimumRows, "row")); no report was "
                        + "made")
            }
            return try await workspace.driftReports.insert(report)
        }
        if options.json { try Output.json(report) } else { write(report) }
        if report.featureDrift.values.contains(where: \.isDrift) { throw Failure(.negative) }
    }

    private func detector(_ profile: ReferenceProfile) throws -> DriftDetector {
        let methods = method.map(\.value)
        let checks = profile.features.map { feature in
            let fitting = methods.first { method in
                guard case .categorical = feature.content else { return true }
                return !method.isNumeric
            }
            return (feature.name, DriftCheck(fitting ?? .standard, threshold: threshold))
        }
        return try DriftDetector(
            profile: profile, checks: Dictionary(checks) { $1 }, minimumRows: minimumRows,
            scoreThreshold: scoreThreshold)
    }

    private func columns(_ profile: ReferenceProfile) throws -> [String: DriftColumn] {
        let table = try CSVTable(try ReferenceFile.contents(current), path: current)
        for name in selection.column where profile[name] == nil {
            throw Failure(.badData, "\(reference): there is no column \(name)")
        }
        var columns: [String: DriftColumn] = [:]
        for feature in profile.features
        where selection.column.isEmpty || selection.column.contains(feature.name) {
            columns[feature.name] = try table.column(like: feature)
        }
        return columns
    }

    private func write(_ report: DataDriftReport) {
        var table = DriftTable()
        for (name, drift) in report.featureDrift.sorted(by: { $0.key < $1.key }) {
            table.add(
                name, method: drift.method, statistic: drift.statistic, pValue: drift.pValue,
                threshold: drift.threshold, counts: (drift.referenceCount, drift.currentCount),
                isDrift: drift.isDrift)
        }
        table.write()
        let skipped = report.reportData["not_compared"]?.object ?? [:]
        for (name, reason) in skipped.sorted(by: { $0.key < $1.key }) {
            Output.line("\(name): \(Format.json(reason))")
        }
        Output.line(
            "stored \(ShortID.text(report.id)): score \(Format.number(report.driftScore)), "
                + (report.isDriftDetected ? "above " : "not above ")
                + Format.number(report.driftThreshold))
    }
}

/// The command `mlops drift list`.
struct ListDriftReportsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the drift reports of a deployment, the newest period first.",
        discussion: "EXAMPLE:\n  mlops drift list api --limit 5")

    @OptionGroup var target: ChangeOptions
    @OptionGroup var limit: LimitOptions

    var options: GlobalOptions { target.options }

    func run() async throws {
        let (reports, hasMore) = try await Database(options).workspace(target.acting) { workspace in
            try await workspace.read { [self] tx in
                let deployment = try target.find(in: tx).id
                let page = try tx.driftReports.page(
                    where: { $0.deploymentID == deployment },
                    order: { [$0.periodEnd.descending, $0.createdAt.descending] },
                    limit: limit.limit)
                return (page.records, page.next != nil)
            }
        }
        guard !reports.isEmpty else { throw Failure.nothing("there is no drift report") }
        if options.json { return try Output.json(reports) }
        var table = TextTable([
            TextTable.Column("ID"), TextTable.Column("FROM", dropOrder: 2),
            TextTable.Column("TO"), TextTable.Column("SCORE", isRight: true),
            TextTable.Column("THRESHOLD", isRight: true, dropOrder: 1), TextTable.Column("DRIFT"),
            TextTable.Column("DRIFTED", minimum: 10),
        ])
        for report in reports {
            let drifted = report.featureDrift.filter(\.value.isDrift).keys.sorted()
            table.add([
                ShortID.text(report.id), Format.minute(report.periodStart),
                Format.minute(report.periodEnd), Format.number(report.driftScore, digits: 3),
                Format.number(report.driftThreshold, digits: 3),
                report.isDriftDetected ? "yes" : "no",
                drifted.isEmpty ? Format.none : drifted.joined(separator: ", "),
            ])
        }
        table.write()
        if hasMore { Output.line("there are more; raise --limit") }
    }
}
