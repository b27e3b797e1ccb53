/// What a version has to show before it enters a stage of its model.
///
/// A model has one policy for each stage, or that of its project. `setPromotionPolicy` sets them,
/// and `promote` demands what they say.
public struct PromotionPolicy: Sendable, Hashable, Codable {
    /// Something that a version must have.
    public enum Evidence: String, Sendable, Hashable, Codable, CaseIterable {
        /// An artifact with its SHA-256.
        case artifact
        /// A schema of inputs and outputs.
        case schema
        /// A source run that is completed.
        case sourceRun = "source_run"
    }

    /// The bounds of its figures.
    public var checks: [MetricCheck]
    /// What it must have.
    public var evidence: Set<Evidence>
    /// How many people have to approve it, 0 to 20.
    public var approvals: Int
    /// The least role of an approver in the project: maintainer or owner.
    public var approverRole: ProjectRole
    /// Whether the approval of the version's author does not count.
    public var fourEyes: Bool
    /// Whether the versions that are in the stage are archived.
    public var archivesCurrent: Bool

    /// The most approvals that a policy may demand.
    public static let maximumApprovals = 20
    /// The most checks of one policy.
    public static let maximumChecks = 100

    /// Makes a policy.
    public init(
        checks: [MetricCheck] = [], evidence: Set<Evidence> = [], approvals: Int = 0,
        approverRole: ProjectRole = .maintainer, fourEyes: Bool = true,
        archivesCurrent: Bool = false
    ) {
        self.checks = checks
        self.evidence = evidence
        self.approvals = approvals
        self.approverRole = approverRole
        self.fourEyes = fourEyes
        self.archivesCurrent = archivesCurrent
    }

    /// Checks that the policy can be met, and that each check demands something.
    ///
    /// - Throws: `.invalidValue`.
    func validate() throws {
        guard (0...Self.maximumApprovals).contains(approvals) else {
            throw Self.invalid("takes 0 to \(Self.maximumApprovals) approvals", "approvals")
        }
        guard approverRole >= .maintainer else {
            throw Self.invalid("takes approvers who are maintainers or owners", "approver_role")
        }
        guard checks.count <= Self.maximumChecks else {
            throw Self.invalid("has at most \(Self.maximumChecks) checks", "checks")
        }
        for check in checks { try check.validate() }
    }

    static func invalid(_ rule: String, _ field: String) -> StoreError {
        StoreError(
            .invalidValue, "A promotion policy \(rule).", entity: "promotion policy", field: field)
    }
}

/// The bounds of one figure of a version.
///
/// NaN and a missing figure never pass.
public struct MetricCheck: Sendable, Hashable, Codable {
    /// A number that is known of a version.
    public enum Figure: Sendable, Hashable {
        /// A member of `performanceMetrics`, by its path.
        case performance([String])
        /// A figure of a metric of the source run.
        case run(String, MetricFigure)

        /// A member of `performanceMetrics`.
        public static func performance(_ path: String...) -> Figure { .performance(path) }
    }

    /// The figure.
    public var figure: Figure
    /// Whether less is better, as of a loss.
    public var lowerIsBetter: Bool
    /// The least figure that passes; the greatest where less is better.
    public var limit: Double?
    /// By how much the figure has to be better than that of the version in production.
    ///
    /// A negative number allows it to be worse by as much.
    public var absoluteChange: Double?
    /// The same, as a share of the amount of production's figure: 0.01 is one percent.
    public var relativeChange: Double?
    /// Whether the changes pass while nothing is in production, or its figure is not known.
    public var passesWithoutBaseline: Bool

    /// Makes a check; without a limit or a change it is refused.
    public init(
        _ figure: Figure, lowerIsBetter: Bool = false, limit: Double? = nil,
        absoluteChange: Double? = nil, relativeChange: Double? = nil,
        passesWithoutBaseline: Bool = false
    ) {
        self.figure = figure
        self.lowerIsBetter = lowerIsBetter
        self.limit = limit
        self.absoluteChange = absoluteChange
        self.relativeChange = relativeChange
        self.passesWithoutBaseline = passesWithoutBaseline
    }

    fileprivate func validate() throws {
        let bounds = [limit, absoluteChange, relativeChange].compactMap(\.self)
        guard !bounds.isEmpty else {
            throw PromotionPolicy.invalid(
                "compares \(figure) with a limit, or with production", "checks")
        }
        guard bounds.allSatisfy(\.isFinite) else {
            throw PromotionPolicy.invalid("compares \(figure) with finite numbers", "checks")
        }
        guard figure.isNamed else { throw PromotionPolicy.invalid("names its figures", "checks") }
    }
}

extension MetricCheck.Figure: CustomStringConvertible {
    /// The figure as in messages: `accuracy`, `eval.auc`, `loss.min`.
    public var description: String {
        switch self {
        case .performance(let path): path.joined(separator: ".")
        case .run(let metric, let figure): "\(metric).\(figure.rawValue)"
        }
    }

    fileprivate var isNamed: Bool {
        switch self {
        case .performance(let path): !path.isEmpty
        case .run(let metric, _): !metric.isEmpty
        }
    }
}

// MARK: - JSON

extension PromotionPolicy: JSONConvertible {
    /// One member for each property, in snake case.
    public var json: JSONValue {
        [
            "checks": checks.json, "evidence": evidence.map(\.rawValue).sorted().json,
            "approvals": .int(Int64(approvals)), "approver_role": .string(approverRole.rawValue),
            "four_eyes": .bool(fourEyes), "archives_current": .bool(archivesCurrent),
        ]
    }

    /// Reads the members; one that is absent has the value that the initializer gives it.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "promotion policy")
        self.init()
        if let stored = try fields.optional("checks", fields.array) {
            checks = try stored.map(MetricCheck.init(json:))
        }
        if let stored = try fields.optional("evidence", fields.array) {
            evidence = Set(
                try stored.map {
                    guard let evidence = Evidence(rawValue: try String(json: $0)) else {
                        throw StoreError(
                            .corrupt, "A stored promotion policy asks for unknown evidence.")
                    }
                    return evidence
                })
        }
        approvals = try fields.optional("approvals", fields.int) ?? approvals
        approverRole = try fields.optional("approver_role", fields.text) ?? approverRole
        fourEyes = try fields.optional("four_eyes", fields.bool) ?? fourEyes
        archivesCurrent = try fields.optional("archives_current", fields.bool) ?? archivesCurrent
    }
}

extension MetricCheck: JSONConvertible {
    /// One member for each property that has a value, in snake case.
    ///
    /// The figure is `{"performance": ["accuracy"]}` or `{"run": "loss", "figure": "min"}`.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "figure": figure.json, "lower_is_better": .bool(lowerIsBetter),
            "passes_without_baseline": .bool(passesWithoutBaseline),
        ]
        members["limit"] = limit?.json
        members["absolute_change"] = absoluteChange?.json
        members["relative_change"] = relativeChange?.json
        return .object(members)
    }

    /// Reads the members; a check of no known figure is an error, and passes nothing.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "check of a metric")
        self.init(
            try Figure(json: json["figure"] ?? .null),
            lowerIsBetter: try fields.optional("lower_is_better", fields.bool) ?? false,
            limit: try fields.optional("limit", fields.double),
            absoluteChange: try fields.optional("absolute_change", fields.double),
            relativeChange: try fields.optional("relative_change", fields.double),
            passesWithoutBaseline: try fields.optional("passes_without_baseline", fields.bool)
                ?? false)
    }
}

extension MetricCheck.Figure: JSONConvertible {
    /// The path, or the metric with its figure.
    public var json: JSONValue {
        switch self {
        case .performance(let path): ["performance": path.json]
        case .run(let metric, let figure):
            ["run": .string(metric), "figure": .string(figure.rawValue)]
        }
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        if let path = json["performance"] {
            self = .performance(try [String](json: path))
        } else {
            let fields = JSONFields(json, of: "figure of a check")
            let metric = try fields.string("run")
            guard let figure = MetricFigure(rawValue: try fields.string("figure")) else {
                throw StoreError(.corrupt, "A stored check is of no known figure.")
            }
            self = .run(metric, figure)
        }
    }
}

extension MetricCheck.Figure: Codable {
    /// Reads ``json``.
    public init(from decoder: any Decoder) throws {
        try self.init(json: JSONValue(from: decoder))
    }

    /// Writes ``json``.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
