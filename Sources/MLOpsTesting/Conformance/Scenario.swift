public import Testing

/// A named requirement that every store must meet.
public struct Scenario: Sendable, CustomTestStringConvertible {
    /// The method or rule, and what is required of it.
    public let name: String

    /// Tests a store that contains only the context's workspace.
    public let run: @Sendable (ConformanceContext) async throws -> Void

    /// Makes a scenario.
    public init(
        _ name: String, _ run: @escaping @Sendable (ConformanceContext) async throws -> Void
    ) {
        self.name = name
        self.run = run
    }

    /// The name.
    public var testDescription: String { name }
}
