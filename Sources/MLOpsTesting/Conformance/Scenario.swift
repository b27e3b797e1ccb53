public import Testing

/// One thing that every store must do, with a name that says which.
public struct Scenario: Sendable, CustomTestStringConvertible {
    /// The method or rule it is about, and what it demands.
    public let name: String

    /// Tries it on a store that holds nothing but the context's workspace.
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
