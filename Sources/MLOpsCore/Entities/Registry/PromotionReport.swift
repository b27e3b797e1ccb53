public import Foundation

/// What the gates of a stage say about a version.
public struct PromotionReport: Sendable, Hashable, Codable {
    /// The answer of one gate.
    public struct Check: Sendable, Hashable, Codable {
        /// What is checked: a figure, or one of `artifact`, `schema`, `source_run`, `approvals` and
        /// `rejections`.
        public let name: String
        /// What is demanded, such as `>= 0.9` or `>= production + 0.01`.
        public let demand: String
        /// The figure of the version; `nil` where it has none.
        public let figure: Double?
        /// The figure of the version in production, for a check that compares with it.
        public let baseline: Double?
        /// The number that the figure has to reach; `nil` without one.
        public let limit: Double?
        /// Whether it passed.
        public let passed: Bool
    }

    /// The stage that the version is to enter.
    public let stage: ModelStage
    /// When it was evaluated.
    public let evaluatedAt: Date
    /// The answer of every gate; empty where nothing is demanded and nobody rejects.
    public let checks: [Check]
    /// Whose approvals count; operators of the file or server are not named.
    public let approvers: [Identifier<User>]
    /// Why the version was promoted nevertheless; `nil` unless a gate was overridden.
    public internal(set) var overriding: String?

    /// Whether every gate is open.
    public var passed: Bool { checks.allSatisfy(\.passed) }

    /// The gates that are closed.
    public var failures: [Check] { checks.filter { !$0.passed } }
}

extension PromotionReport.Check: CustomStringConvertible {
    /// The answer in words, such as `accuracy 0.89 is not >= 0.9`.
    public var description: String {
        let value = figure.map { " \($0)" } ?? " (missing)"
        let isMissing = figure == nil
        let known = baseline.map { "; production has \($0)" } ?? ""
        return "\(name)\(value)\(isMissing ? "" : passed ? " is" : " is not") \(demand)\(known)"
    }
}

// MARK: - JSON

extension PromotionReport: JSONConvertible {
    /// One member for each property that has a value, in snake case, and `passed`.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "stage": .string(stage.rawValue), "checks": checks.json, "passed": .bool(passed),
            "approvers": approvers.map(\.description).json,
        ]
        members["evaluated_at"] = evaluatedAt.microseconds.map { .int($0) }
        members["overriding"] = overriding.map { .string($0) }
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "promotion report")
        stage = try fields.text("stage")
        evaluatedAt = try fields.date("evaluated_at")
        checks = try fields.array("checks").map(Check.init(json:))
        approvers = try fields.array("approvers").compactMap { Identifier(try String(json: $0)) }
        overriding = try fields.optional("overriding", fields.string)
    }
}

extension PromotionReport.Check: JSONConvertible {
    /// One member for each property that has a value.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "demand": .string(demand), "passed": .bool(passed),
        ]
        members["figure"] = figure?.json
        members["baseline"] = baseline?.json
        members["limit"] = limit?.json
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "answer of a gate")
        name = try fields.string("name")
        demand = try fields.string("demand")
        figure = try fields.optional("figure", fields.double)
        baseline = try fields.optional("baseline", fields.double)
        limit = try fields.optional("limit", fields.double)
        passed = try fields.bool("passed")
    }
}
