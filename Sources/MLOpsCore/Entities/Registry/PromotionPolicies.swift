/// The policies of a model or a project, by stage.
///
/// What was stored and cannot be read, such as a policy of a later version of the library, is kept
/// as it is, and nothing enters its stage before it is set anew.
public struct PromotionPolicies: Sendable, Hashable {
    private var policies: [ModelStage: PromotionPolicy] = [:]
    /// What cannot be read, by the name that stands for a stage.
    private var damaged: [String: JSONValue] = [:]
    /// The whole document, when it is no object.
    private var damagedDocument: JSONValue?

    /// No policies.
    public init() {}

    /// The policy of a stage; `nil` where everything may enter.
    public subscript(stage: ModelStage) -> PromotionPolicy? {
        /// - Throws: `.corrupt` for a policy that cannot be read, and for a stage without one while
        ///   there are policies of no known stage: any of them may be meant for it.
        get throws {
            if let policy = policies[stage] { return policy }
            if let json = damaged[stage.rawValue] {
                _ = try Self.policy(json)
                throw Self.unreadable("is no promotion policy")
            }
            guard !isDamagedAsAWhole else { throw Self.unreadable("is of no known stage") }
            return nil
        }
    }

    /// The stages that have a policy, in the order of the life of a version; also those whose
    /// policy cannot be read.
    public var stages: [ModelStage] {
        ModelStage.allCases.filter { policies[$0] != nil || damaged[$0.rawValue] != nil }
    }

    /// Whether something that is stored cannot be read.
    public var isDamaged: Bool { !damaged.isEmpty || damagedDocument != nil }

    /// Whether there is something that could be meant for any stage.
    private var isDamagedAsAWhole: Bool {
        damagedDocument != nil || damaged.keys.contains { ModelStage(rawValue: $0) == nil }
    }

    /// Sets the policy of a stage, whatever was there; with `nil` also what is of no known stage
    /// goes, for there is no other way to be rid of it.
    mutating func set(_ policy: PromotionPolicy?, for stage: ModelStage) {
        policies[stage] = policy
        damaged[stage.rawValue] = nil
        // A policy cannot be a member of what is no object.
        damagedDocument = nil
        if policy == nil {
            damaged = damaged.filter { ModelStage(rawValue: $0.key) != nil }
        }
    }

    private static func policy(_ json: JSONValue) throws -> PromotionPolicy {
        guard json.object != nil else { throw unreadable("is no object") }
        return try PromotionPolicy(json: json)
    }

    private static func unreadable(_ problem: String) -> StoreError {
        StoreError(.corrupt, "A stored promotion policy \(problem).")
    }
}

// MARK: - JSON

extension PromotionPolicies: KeptDocument {
    /// An object with a member for each stage.
    public var json: JSONValue {
        if let damagedDocument { return damagedDocument }
        let readable = policies.map { ($0.key.rawValue, $0.value.json) }
        return .object(damaged.merging(readable) { $1 })
    }

    /// Reads the stages.
    ///
    /// - Throws: `.corrupt` when one cannot be read.
    public init(json: JSONValue) throws {
        guard let members = json.object else { throw Self.unreadable("is no object") }
        for (name, policy) in members {
            guard let stage = ModelStage(rawValue: name) else {
                throw Self.unreadable("is of no known stage")
            }
            policies[stage] = try Self.policy(policy)
        }
    }

    /// Reads what can be read, and keeps the rest.
    package init(damaged json: JSONValue) {
        guard let members = json.object else {
            damagedDocument = json
            return
        }
        for (name, member) in members {
            if let stage = ModelStage(rawValue: name), let policy = try? Self.policy(member) {
                policies[stage] = policy
            } else {
                damaged[name] = member
            }
        }
    }
}

extension PromotionPolicies: Codable {
    /// Reads ``json``.
    public init(from decoder: any Decoder) throws {
        try self.init(json: JSONValue(from: decoder))
    }

    /// Writes ``json``.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
