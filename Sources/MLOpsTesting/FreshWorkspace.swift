public import MLOpsCore
public import Testing

/// Gives each test its own workspace in memory, and closes its store after the test.
///
/// ```swift
/// @Test(.freshWorkspace) func aProjectIsStored() async throws {
///     let project = try await Workspace.current.projects.insert(Project(name: "Digits"))
///     #expect(try await Workspace.current.projects.find(project.id) == project)
/// }
/// ```
///
/// On a suite, it applies to every test of the suite. Each case of a parameterised test gets its
/// own workspace.
public struct FreshWorkspaceTrait: TestTrait, SuiteTrait, TestScoping {
    private let make: @Sendable () async throws -> Workspace

    init(_ make: @escaping @Sendable () async throws -> Workspace) { self.make = make }

    /// Tests of nested suites have it too.
    public var isRecursive: Bool { true }

    /// Runs one test case with its workspace.
    public func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let workspace = try await make()
        do {
            try await CurrentWorkspace.$value.withValue(workspace) { try await function() }
        } catch {
            // The test's error is reported; an error of closing is ignored.
            try? await workspace.store.close()
            throw error
        }
        try await workspace.store.close()
    }
}

extension Trait where Self == FreshWorkspaceTrait {
    /// A fresh workspace in memory for each test, as ``MLOpsCore/Workspace/current``.
    public static var freshWorkspace: Self {
        FreshWorkspaceTrait { try await Workspace.inMemory() }
    }

    /// A workspace that the closure makes for each test, as ``MLOpsCore/Workspace/current``.
    public static func freshWorkspace(
        _ make: @escaping @Sendable () async throws -> Workspace
    ) -> Self { FreshWorkspaceTrait(make) }
}

/// The workspace of the running test.
private enum CurrentWorkspace {
    @TaskLocal static var value: Workspace?
}

extension Workspace {
    /// The workspace that the trait ``Testing/Trait/freshWorkspace`` made for the running test.
    ///
    /// - Throws: ``MissingWorkspaceError`` outside a test with the trait, and in detached tasks.
    public static var current: Workspace {
        get throws {
            guard let workspace = CurrentWorkspace.value else { throw MissingWorkspaceError() }
            return workspace
        }
    }
}

/// The error of `Workspace.current` outside of a test with the trait.
public struct MissingWorkspaceError: Error, Sendable, CustomStringConvertible {
    /// The problem, and how to solve it.
    public var description: String {
        "There is no current workspace: add the trait `.freshWorkspace` to the test or its suite, "
            + "and read `Workspace.current` in the test's own task."
    }
}
