import ArgumentParser
import MLOpsCore
import MLOpsTransfer

/// A column of a table of runs.
enum RunColumn: Hashable, Sendable {
    /// What every run has.
    enum Field: String, CaseIterable, Sendable {
        case id, run, experiment, project, status, created, started, completed, duration, parent
        case points, note, error
    }

    case field(Field)
    case metric(String, MetricFigure)
    case parameter(String)
    case tag(String)

    /// Reads a name such as `status`, `metrics.loss`, `metrics.loss.min`, `params.optimizer.name`
    /// or `tags.team`.
    ///
    /// - Throws: `ValidationError` that says what is taken.
    init(_ name: String) throws {
        if let field = Field(rawValue: name) {
            self = .field(field)
            return
        }
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            let fields = Field.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError(
                "There is no column \(name); take \(fields), metrics.NAME, metrics.NAME.min, "
                    + "params.NAME or tags.NAME.")
        }
        switch parts[0] {
        case "metrics": self = Self.metric(named: parts[1])
        case "params", "parameters": self = .parameter(parts[1])
        case "tags": self = .tag(parts[1])
        default:
            throw ValidationError(
                "There is no column \(name); with a dot it begins with metrics, params or tags.")
        }
    }

    /// The column of a metric's last value, or of the figure that the name ends with.
    static func metric(named name: String) -> RunColumn {
        guard let dot = name.lastIndex(of: "."),
            let figure = MetricFigure(rawValue: String(name[name.index(after: dot)...]))
        else { return .metric(name, .last) }
        return .metric(String(name[..<dot]), figure)
    }

    /// The columns whose names an order has, beside metrics and parameters.
    private static let ordered: [String: Field?] = [
        "name": .run, "status": .status, "started": .started, "ended": .completed,
        "created": .created, "updated": nil, "duration": .duration, "id": .id,
    ]

    /// The column that an order is by, or `nil` for one that no table shows.
    ///
    /// A name without a beginning such as `params` that is none of a run's is that of a metric.
    ///
    /// - Throws: As ``init(_:)``.
    init?(sortedBy name: String) throws {
        if let field = Self.ordered[name] {
            guard let field else { return nil }
            self = .field(field)
        } else if ["params.", "parameters."].contains(where: name.hasPrefix) {
            try self.init(name)
        } else {
            let prefix = "metrics."
            self = .metric(
                named: name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name)
        }
    }

    var title: String {
        switch self {
        case .field(let field): field.rawValue.uppercased()
        case .metric(let name, .last), .parameter(let name), .tag(let name): name
        case .metric(let name, let figure): "\(name).\(figure.rawValue)"
        }
    }

    /// Whether cells are aligned right, as numbers are.
    var isRight: Bool {
        switch self {
        case .metric, .field(.duration), .field(.points): true
        case .field, .parameter, .tag: false
        }
    }

    /// The smallest width that is still readable; `nil` for the full width.
    var minimum: Int? {
        switch self {
        case .field(.run): 24
        case .field(.experiment): 12
        case .field(.project), .field(.note), .field(.error): 8
        case .field: nil
        case .metric: 8
        case .parameter, .tag: 6
        }
    }

    /// The cell of a run.
    func text(_ report: RunReport, _ parameters: [String: JSONValue]) -> String {
        let run = report.run
        return switch self {
        case .metric(let name, let figure): Format.number(run.metrics[name]?[figure])
        case .parameter(let name): Format.json(parameters[name])
        case .tag(let name): run.tags[name] ?? Format.none
        case .field(let field):
            switch field {
            case .id: ShortID.text(run.id)
            case .run: run.runName
            case .experiment: report.experimentName
            case .project: report.projectSlug
            case .status: report.stateText
            case .created: Format.minute(run.createdAt)
            case .started: Format.minute(run.startedAt)
            case .completed: Format.minute(run.completedAt)
            case .duration: Format.duration(run.duration)
            case .parent: run.parentRunID.map { ShortID.text($0) } ?? Format.none
            case .points: String(run.points)
            case .note: run.note ?? Format.none
            case .error: run.errorMessage ?? Format.none
            }
        }
    }
}
