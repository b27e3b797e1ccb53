public import MLOpsCore
public import Testing

/// A store to test against the specification.
public struct StoreTarget: Sendable {
    /// The name in the test's report.
    public let name: String

    /// Makes an empty store for exclusive use.
    public let makeStore: @Sendable () async throws -> any Store

    /// Cleans up after `makeStore`, once the store is closed.
    public let cleanUp: @Sendable (any Store) async throws -> Void

    /// The scenarios that it need not pass, by name, with the reason.
    public let exclusions: [String: String]

    /// Describes a store.
    public init(
        name: String, exclusions: [String: String] = [:],
        makeStore: @escaping @Sendable () async throws -> any Store,
        cleanUp: @escaping @Sendable (any Store) async throws -> Void = { _ in }
    ) {
        self.name = name
        self.exclusions = exclusions
        self.makeStore = makeStore
        self.cleanUp = cleanUp
    }
}

/// One scenario on one store: the argument of a parameterised test.
public struct ConformanceCase: Sendable, CustomTestStringConvertible {
    /// The scenario.
    public let scenario: Scenario
    /// The store.
    public let target: StoreTarget

    /// The scenario's and the store's name.
    public var testDescription: String { "\(target.name): \(scenario.name)" }

    /// Makes a store, runs the scenario on it, and closes the store.
    ///
    /// A scenario that the target excludes is not run.
    public func run() async throws {
        guard target.exclusions[scenario.name] == nil else { return }
        let store = try await target.makeStore()
        do {
            try await scenario.run(try await ConformanceContext(store))
        } catch {
            // The scenario's error is reported; later ones are ignored.
            try? await store.close()
            try? await target.cleanUp(store)
            throw error
        }
        try await store.close()
        try await target.cleanUp(store)
    }
}

/// The specification of a store.
public enum Conformance {
    /// Every scenario, by topic.
    public static let scenarios: [Scenario] =
        identity + registry + versionNumbers + aliases + registration + promotion + approvals
        + promotedFigures + damagedPolicies + damagedRules
        + experiments + loggedModels + resumption + metrics
        + deployments + deploymentChanges + history
        + monitoring + alerts + alertLife + outbox + outboxFaults + dispatch + dispatchLeases
        + alertEvents + monitoringPolicies + security + sealedSecrets + apiKeys
        + apiKeyRotation
        + passwords
        + people + erasure + audit + values + names + texts + filters + paging + cursors + errors
        + repositories + deletion + purge + quotas + tenancy + twins + systemAlerts + permissions
        + hiddenProjects
        + keyScopes + keyBounds + cascades + admission + ownership + auditWalk + auditActors
        + auditSystem + transactions + synchronousUse + observation + randomSequences
        + randomFilters + jsonFilters + filterValues + relatedFilters + filterTexts
        + loggedValues + artifacts + records + systemQueries

    /// Every scenario on every store, for `@Test(arguments:)`.
    public static func cases(for targets: [StoreTarget]) -> [ConformanceCase] {
        targets.flatMap { target in
            scenarios.map { ConformanceCase(scenario: $0, target: target) }
        }
    }

    /// The names in a target's exclusions that are not scenarios.
    public static func unknownExclusions(of target: StoreTarget) -> [String] {
        let names = Set(scenarios.map(\.name))
        return target.exclusions.keys.filter { !names.contains($0) }.sorted()
    }
}
