public import Foundation

/// What has happened to a version on its way into a stage: requests, decisions, the last report.
public struct Promotion: Sendable, Hashable, Codable {
    /// Somebody asks for the promotion into a stage.
    public struct Request: Sendable, Hashable, Codable {
        /// The stage.
        public let stage: ModelStage
        /// Who asks.
        public let userID: Identifier<User>
        /// When.
        public let date: Date
        /// Why.
        public let note: String?
    }

    /// Somebody approves or rejects the promotion into a stage.
    public struct Decision: Sendable, Hashable, Codable {
        /// The stage.
        public let stage: ModelStage
        /// Whether it is an approval.
        public let approves: Bool
        /// Who decided, or in whose name.
        public let userID: Identifier<User>
        /// Whether system access decided in the user's name: an operator of the file or server.
        public let isOfOperator: Bool
        /// When.
        public let date: Date
        /// Why.
        public let note: String?
        /// The SHA-256 of the artifact's hash and the figures that it is about.
        ///
        /// When they change, the decision is void.
        public let subject: String
    }

    /// The figures of the source run when the version entered production.
    ///
    /// Checks of later versions compare with them, whatever is logged into the run meanwhile.
    public struct Baseline: Sendable, Hashable, Codable {
        /// The summaries by metric.
        public let metrics: [String: MetricSummary]
        /// Whether they are all that the run had; of one with very many those that the policy
        /// names are kept.
        public let isWhole: Bool

        /// The most metrics of a run that are all kept.
        static let mostMetrics = 200
    }

    /// The open requests, one for each stage.
    public internal(set) var requests: [Request] = []
    /// The decisions since the last promotion into their stage, one of each person for each stage.
    public internal(set) var decisions: [Decision] = []
    /// Who has changed the artifact or the figures since the version was made, also by points of
    /// the source run; and who made it with a key for another user.
    public internal(set) var authors: [Identifier<User>] = []
    /// What the gates said last.
    public internal(set) var report: PromotionReport?
    /// Since when the version has been in its stage.
    public internal(set) var enteredAt: Date?
    /// What versions are held against while this one is in production; `nil` without a source run.
    public internal(set) var baseline: Baseline?
    /// The stored document, if it cannot be read; then nothing else is known.
    public internal(set) var damaged: JSONValue?

    /// Nothing has happened.
    public init() {}

    /// Forgets what was asked and decided for a stage.
    mutating func settle(_ stage: ModelStage) {
        requests.removeAll { $0.stage == stage }
        decisions.removeAll { $0.stage == stage }
    }

    /// Adds a decision in place of the person's last one for the stage.
    mutating func add(_ decision: Decision) {
        decisions.removeAll {
            $0.stage == decision.stage && $0.isOfOperator == decision.isOfOperator
                && (decision.isOfOperator || $0.userID == decision.userID)
        }
        decisions.append(decision)
    }
}

// MARK: - JSON

extension Promotion: KeptDocument {
    /// The members that have a value: `requests`, `decisions`, `authors`, `report`, `entered_at`,
    /// `baseline`.
    public var json: JSONValue {
        if let damaged { return damaged }
        var members: [String: JSONValue] = [:]
        if !requests.isEmpty { members["requests"] = requests.json }
        if !decisions.isEmpty { members["decisions"] = decisions.json }
        if !authors.isEmpty { members["authors"] = authors.map(\.description).json }
        members["report"] = report?.json
        members["entered_at"] = enteredAt?.microseconds.map { .int($0) }
        members["baseline"] = baseline?.json
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "promotion")
        requests = try fields.optional("requests", fields.array)?.map(Request.init(json:)) ?? []
        decisions = try fields.optional("decisions", fields.array)?.map(Decision.init(json:)) ?? []
        authors = try (json["authors"]?.array ?? []).compactMap { Identifier(try String(json: $0)) }
        report = try json["report"].map(PromotionReport.init(json:))
        enteredAt = try fields.optional("entered_at", fields.date)
        baseline = try json["baseline"].map(Baseline.init(json:))
    }

    /// Keeps what cannot be read.
    package init(damaged json: JSONValue) { damaged = json }
}

extension Promotion.Request: JSONConvertible {
    /// The members `stage`, `user`, `date`, and `note` if there is one.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "stage": .string(stage.rawValue), "user": .string(userID.description),
        ]
        members["date"] = date.microseconds.map { .int($0) }
        members["note"] = note.map { .string($0) }
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "request of a promotion")
        stage = try fields.text("stage")
        userID = try fields.identifier("user")
        date = try fields.date("date")
        note = try fields.optional("note", fields.string)
    }
}

extension Promotion.Decision: JSONConvertible {
    /// The members of a request, and `approves`, `is_of_operator` and `subject`.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "stage": .string(stage.rawValue), "approves": .bool(approves),
            "user": .string(userID.description), "is_of_operator": .bool(isOfOperator),
            "subject": .string(subject),
        ]
        members["date"] = date.microseconds.map { .int($0) }
        members["note"] = note.map { .string($0) }
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "decision about a promotion")
        stage = try fields.text("stage")
        approves = try fields.bool("approves")
        userID = try fields.identifier("user")
        isOfOperator = try fields.bool("is_of_operator")
        date = try fields.date("date")
        note = try fields.optional("note", fields.string)
        subject = try fields.string("subject")
    }
}

extension Promotion.Baseline: JSONConvertible {
    /// The members `metrics` and `is_whole`.
    public var json: JSONValue { ["metrics": metrics.json, "is_whole": .bool(isWhole)] }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "baseline of a promotion")
        metrics = try json["metrics"].map([String: MetricSummary].init(json:)) ?? [:]
        isWhole = try fields.bool("is_whole")
    }
}
